"""What must never enter: names, signatures, birth dates, addresses, numbers of voters or of envelopes.

For the clerk who exports a list at midnight and takes one column too many. Two nets. Only headings that the
audit needs are taken, and a heading that seems personal is refused by name. Labels of boxes and reviewers
must look like labels: with a digit, without a comma, and without a run of digits as long as a voter's number.
"""

import re
from collections.abc import Iterable, Iterator

from tallybook.election.problems import Problem

PERSONAL = re.compile(
    r"name|signature|voter|elector|birth|dob|ssn|social|address|street|zip|phone|e.?mail|licen[cs]e|"
    r"registration|passport|(envelope|ballot|oath).*(no|num|id|code)|barcode|image|photo",
    re.IGNORECASE,
)
LABEL = re.compile(r"(?=.*\d)[A-Za-z0-9][A-Za-z0-9 ._/#-]{0,39}")
LONG_NUMBER = re.compile(r"\d{7,}")


def check_headings(headings: Iterable[str], known: Iterable[str], file: str) -> Iterator[Problem]:
    """Every heading that is personal or not known. Where there is any, the file must not be used."""
    wanted = list(known)
    for heading in headings:
        if heading in wanted:
            continue
        if PERSONAL.search(heading):
            mend = "Take the column out of the file and destroy this copy; nothing of it was kept."
            found = f'the heading "{heading[:40]}", which seems to hold personal data'
            yield Problem(
                f"{file}, row 1", found, "no name, signature or number of a person or envelope", mend
            )
        else:
            mend = f"Take it out, or name it as one of: {', '.join(wanted)}."
            yield Problem(f"{file}, row 1", f'the heading "{heading[:40]}"', "a known heading", mend)


def check_label(label: str, where: str) -> Iterator[Problem]:
    """A label of a box, or of a reviewer. What was found is not repeated: it may be a person's name."""
    if not LABEL.fullmatch(label) or LONG_NUMBER.search(label):
        expected = "a label such as box-17: with a digit, without a comma, no number of seven digits or more"
        mend = "Give it a label that says nothing about a person."
        yield Problem(where, "something that does not look like a label", expected, mend)
