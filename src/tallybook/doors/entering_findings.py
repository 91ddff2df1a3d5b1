"""Findings of the canvass reported in a book, one act each, so that certifications carry them by number.

For the board that canvasses. The key of an act follows from its finding, so that the same difference is
reported once, however often the accounts are compared; a difference that has changed is another finding. The
accounts are filed with the first. What was explained, or only waits, is a note and is not reported.
"""

from collections.abc import Iterator, Mapping, Sequence
from hashlib import sha256
from pathlib import Path

from tallybook.book import Act, Malformed
from tallybook.canvass import Finding
from tallybook.doors import home as homes
from tallybook.doors.cli.shown import DoorError
from tallybook.keep.clocks import utc_now
from tallybook.keep.exhibits import file_public
from tallybook.keep.recorder import Receipt
from tallybook.law import local_day

MOST_TEXT = 4_000


def report_findings(
    findings: Sequence[Finding],
    assumed: Mapping[str, str],
    accounts: Path,
    office: str,
    contest: str,
    home: Path,
    book: str,
) -> Iterator[tuple[int, str]]:
    """(number of the finding here, what became of it there) for every open finding.

    assumed: place of a finding -> what whoever relies on its cards takes for granted; it is entered with it.
    """
    keep = homes.opened(homes.home_at(home))
    which = homes.book_named(keep, book)
    desk = homes.recorder(keep, which)
    try:
        standing = desk.standing()
        assert standing.law is not None
        today = local_day(standing.law.clock, utc_now())
        filed: tuple[dict[str, object], ...] = (file_public(keep, accounts.name, [accounts.read_bytes()]),)
        for one in findings:
            if one.severity == "note":
                continue
            place = place_of(one.place, standing.places)
            act = act_of(one, assumed.get(one.place, ""), place, office, contest, today, filed)
            before = standing.keys.get(act.key)
            if before is not None:
                yield one.number, f"entry {before}, as before."
                continue
            answer = desk.submit(act)
            if isinstance(answer, Malformed):
                raise DoorError(f"Finding {one.number} was not entered:", *map(str, answer.problems))
            filed = ()
            yield one.number, said(answer)
    finally:
        desk.close()


def act_of(
    one: Finding,
    assumed: str,
    place: str,
    office: str,
    contest: str,
    today: str,
    filed: tuple[dict[str, object], ...],
) -> Act:
    """The act that reports a finding: its words with causes and what to do, its size in cards, its kind."""
    text = str(one)[:MOST_TEXT]
    named = "|".join((contest, one.place, one.kind, one.step, text))
    key = f"canvass-{sha256(named.encode()).hexdigest()[:24]}"
    detail = {"text": text, "size": one.cards, "cause": one.causes[0].kind if one.causes else one.kind}
    if assumed:
        detail["note"] = f"Whoever relies on these cards assumes: {assumed}"[:MOST_TEXT]
    return Act("report_finding", office, today, "", key, contest, place, "", detail, filed)


def place_of(place: str, places: Mapping[str, str]) -> str:
    """The place of the book that a finding's place begins with; "" where it names none of them."""
    wanted = plain(place.split(", ")[0])
    return next((id_ for id_, name in places.items() if wanted in (plain(id_), plain(name))), "")


def plain(name: str) -> str:
    """A name as it is compared: "Lee County", "lee" and "LEE" are one."""
    return name.casefold().removesuffix(" county").replace("_", " ").strip()


def said(answer: object) -> str:
    """What became of an act, in words."""
    if not isinstance(answer, Receipt):
        return "newer entries stand in the book; nothing was entered."
    if answer.entry != "finding_reported":
        return f"refused, entry {answer.seq}."
    return f"entry {answer.seq}."
