"""The rows of a table, whether it is comma-separated text or a spreadsheet: told by its first bytes.

For every reader of tables. Officials open an export in a spreadsheet and save it as one; the cells are the
same. What ``text`` does to text is done to the cells of a spreadsheet too: hidden signs are taken out, told.
"""

from collections.abc import Iterator

from tallybook.formats import sheets, text
from tallybook.formats.archives import Folder, is_zip, read_whole
from tallybook.formats.problems import Consequence, Problems, shown

SPREADSHEET_BYTES = 1 << 30


def rows(folder: Folder, name: str, problems: Problems) -> Iterator[list[str]]:
    """The rows of a file as cells. Raises ``Unreadable`` for what is no table, or too wide for one."""
    if not is_zip(next(iter(folder.pieces(name)), b"")[:4]):
        return text.rows(folder, name, problems)
    data = read_whole(folder, name, SPREADSHEET_BYTES, problems)
    return iter(()) if data is None else _plain(sheets.rows(data, name, problems), name, problems)


def _plain(table: Iterator[list[str]], name: str, problems: Problems) -> Iterator[list[str]]:
    for number, row in enumerate(table, 1):
        found = [cell for cell in row if text.HIDDEN.search(cell)]
        if found:
            mend = "They were left out. Look at the name in that row: it may have been copied from elsewhere."
            what = f"hidden signs in {shown(found[0])}"
            problems.add(Consequence.CARE, name, what, "visible signs", mend, row=number, times=len(found))
        yield [text.HIDDEN.sub("", cell) for cell in row] if found else row
