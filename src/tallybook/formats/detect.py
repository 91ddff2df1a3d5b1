"""Which format a folder of cast vote records has, by what is in it, and the one way in to read any.

For doors that are handed a file or a folder by somebody who may not know its name for it. Names of files
decide only where the vendor fixes them; otherwise their first bytes do. Two formats in one folder are grave:
one of them would be left out of the count.
"""

import csv
import re
from collections.abc import Callable, Iterable, Iterator
from itertools import islice

import msgspec

from tallybook.formats import (
    clear_ballot,
    cvr_cdf_drafts,
    dominion_csv,
    dominion_json,
    ess,
    hart,
    piles,
    raire,
    rctab,
    sheets,
    votingworks,
)
from tallybook.formats.archives import (
    Folder,
    Unreadable,
    base_name,
    is_clutter,
    is_zip,
    open_zip,
    read_fields,
    read_whole,
)
from tallybook.formats.problems import Consequence, Problems, Reading, shown
from tallybook.formats.shorn import shorn_records
from tallybook.formats.text import MARKS

HEAD = 64 << 10
LOOKED_AT = 40
WHOLE_FILE = 4 << 30
SMALL_SHEET = 8 << 20
DEEPEST = 3
DOMINION_NAMES = {"contestmanifest.json", "candidatemanifest.json", "cvrexport.json"}
TITLES = {
    "dominion_json": "Dominion's JSON export",
    "dominion_csv": "Dominion's CSV export",
    "ess": "ES&S's export",
    "hart": "Hart Verity's export",
    "clear_ballot": "Clear Ballot's export",
    "cvr_cdf_json": "cast vote records in NIST's common data format (JSON)",
    "cvr_cdf_xml": "cast vote records in NIST's common data format (XML)",
    "votingworks": "VotingWorks' export",
    "raire": "ranked ballots in RAIRE's format",
    "rctab": "RCTab's neutral export",
    "ranks": "a table of ranks by choice (RCTab's generic CSV)",
    "blt": "ranked ballots in a BLT file",
    "preflib": "orders of PrefLib",
}
BLT = re.compile(r"[0-9]{1,5}\s+[0-9]{1,5}(\s*#.*)?")
PREFLIB = ("# file name:", "# title:", "# data type:", "# number alternatives:", "# description:")
MEND = "Hand in the export as the voting system wrote it, in a folder or a ZIP archive of its own."
WHOLE_FOLDERS = {"dominion_json", "hart", "clear_ballot", "votingworks"}


def read_any(folder: Folder) -> Reading:
    """The cards of a folder in whatever format it has; a ZIP archive that is alone in it is opened."""
    problems = Problems()
    inner = opened(folder, problems)
    if inner is None:
        return problems.reading(None)
    kinds = kinds_in(inner)
    if len(kinds) != 1:
        found = " and ".join(TITLES[kind] for kind in kinds) or "no export of cast vote records"
        expected = "one format" if kinds else f"one of these: {'; '.join(TITLES.values())}"
        problems.add(Consequence.GRAVE, inner.name, found, expected, MEND)
        return problems.reading(None)
    ((kind, files),) = kinds.items()
    if kind not in WHOLE_FOLDERS:
        _tell_others(inner, files, problems)
        inner = _Only(inner, files)
    reading = READERS[kind](inner)
    problems.extend(reading.problems)
    records = reading.records
    return problems.reading(None if records is None else shorn_records(records, problems))


def detect(folder: Folder) -> str:
    """The format of a folder, a key of ``TITLES``; empty where it is none of them, or several."""
    kinds = kinds_in(folder)
    return next(iter(kinds)) if len(kinds) == 1 else ""


def kinds_in(folder: Folder) -> dict[str, list[str]]:
    """The formats in a folder and the files that show each. Of files named alike only some are looked into.

    What is damaged at its start shows no format; the reader of its neighbours tells.
    """
    if DOMINION_NAMES & {base_name(name).casefold() for name in folder.names()}:
        return {"dominion_json": list(folder.names())}
    if votingworks.holds(folder):
        return {"votingworks": list(folder.names())}
    kinds: dict[str, list[str]] = {}
    looked: dict[str, int] = {}
    for name in folder.names():
        ending = name.rpartition(".")[2].casefold()
        looked[ending] = looked.get(ending, 0) + 1
        if is_clutter(name) or (looked[ending] > LOOKED_AT and ending == "xml" and "hart" in kinds):
            continue
        kind = kind_of(name, start_of(folder, name)) or _kind_inside(folder, name)
        if kind == "ess" and is_zip(start_of(folder, name)):
            kind = _kind_of_sheet(folder, name)
        if kind:
            kinds.setdefault(kind, []).append(name)
    return kinds


def kind_of(name: str, start: bytes) -> str:
    """The format of a file by its name and first bytes; empty where it is none that is known."""
    if is_zip(start):
        return "ess" if name.casefold().endswith((".xlsx", ".xlsm")) else ""
    text = loosely(start).lstrip()
    if text.startswith("<"):
        return _kind_of_xml(name, text)
    if text.startswith("{"):
        return "cvr_cdf_json" if "CastVoteRecordReport" in text or '"CVR.' in text else ""
    return _kind_of_rows(rows_of(text))


def _kind_inside(folder: Folder, name: str) -> str:
    """``hart`` where this is one of several archives of sheets; no other vendor hands in archives so."""
    if not name.casefold().endswith(".zip"):
        return ""
    data = read_whole(folder, name, WHOLE_FILE, Problems())
    inner = open_zip(data, name, Problems()) if data is not None and is_zip(data) else None
    return "hart" if inner is not None and detect(inner) == "hart" else ""


def _kind_of_sheet(folder: Folder, name: str) -> str:
    """The format of a spreadsheet by its first rows; ES&S's, who exports such, where they tell nothing.

    A large one is not looked into: it would be unpacked twice.
    """
    data = read_whole(folder, name, SMALL_SHEET, Problems())
    try:
        rows = list(islice(sheets.rows(data, name, Problems()), 4)) if data is not None else []
    except Unreadable:
        rows = []
    return _kind_of_rows(rows + [[]] * (4 - len(rows))) or "ess"


def _kind_of_xml(name: str, text: str) -> str:
    if "CastVoteRecordReport" in text:
        return "cvr_cdf_xml"
    is_cvr = "CVRDesign.xsd" in text or "<Cvr" in text or ":Cvr" in text
    return "hart" if is_cvr and hart.is_sheet(name) else ""


def _kind_of_rows(rows: list[list[str]]) -> str:
    """The format of comma-separated text by its first rows."""
    first, second, *_, fourth = [[cell.strip().strip('="').casefold() for cell in row] for row in rows]
    tests: dict[str, bool] = {
        "dominion_csv": fourth[:1] == ["cvrnumber"] or {"cvrnumber", "tabulatornum"} <= set(fourth),
        "clear_ballot": {"rownumber", "boxid"} <= set(first) or "choice_" in {one[:7] for one in first},
        "rctab": first[:2] == ["source filepath", "cvr provider"],
        "ess": "cast vote record" in first or first[:1] == ["ballots"] or "tabulator cvr" in first
        or any(" choice " in f" {one} " and (one[:1].isdigit() or one[-1:].isdigit()) for one in first),
        "hart": first[:1] != [] and first[0].startswith("#formatversion"),
        "raire": len(first) == 1 and first[0].isdigit() and second[:1] == ["contest"],
        "blt": len(first) == 1 and bool(BLT.fullmatch(first[0])),
        "preflib": first[:1] != [] and (
            first[0].startswith(PREFLIB) or (len(first) == 1 and first[0].isdigit() and second[:1] == ["1"])
        ),
        "ranks": rctab.is_generic(rows),
    }  # fmt: skip
    return next((kind for kind, holds in tests.items() if holds), "")


def rows_of(text: str) -> list[list[str]]:
    """The first rows, at least four, as far as they are rows at all."""
    try:
        rows = list(islice(csv.reader(text.splitlines(keepends=True)), 4))
    except csv.Error:
        rows = []
    return rows + [[]] * (4 - len(rows))


def start_of(folder: Folder, name: str) -> bytes:
    """The first bytes of a file, as far as they can be read."""
    head = b""
    try:
        for piece in folder.pieces(name):
            head += piece
            if len(head) >= HEAD:
                break
    except Unreadable:
        return head[:HEAD]
    return head[:HEAD]


def loosely(start: bytes) -> str:
    """Text good enough to know a format by; reading is strict later."""
    for mark, encoding in MARKS.items():
        if start.startswith(mark):
            return start[len(mark) :].decode(encoding, "replace")
    if start[:64].count(0) > 16:
        return start.decode("utf-16-le" if start[1:2] == b"\0" else "utf-16-be", "replace")
    return start.decode("utf-8", "replace")


class _Only(msgspec.Struct, frozen=True):
    """A folder seen as some of its files."""

    folder: Folder
    files: list[str]

    @property
    def name(self) -> str:
        return self.folder.name

    def names(self) -> tuple[str, ...]:
        return tuple(self.files)

    def pieces(self, name: str) -> Iterator[bytes]:
        return self.folder.pieces(name)


def opened(folder: Folder, problems: Problems, deep: int = DEEPEST) -> Folder | None:
    """The folder, or the archive in it where that is all it holds; None where the archive is bad.

    An archive may hold nothing but itself: more than ``deep`` of them, one in the other, are refused.
    """
    names = [name for name in folder.names() if not is_clutter(name)]
    if len(names) != 1 or not is_zip(start_of(folder, names[0])) or kind_of(names[0], b"PK\x03\x04"):
        return folder
    data = read_whole(folder, names[0], WHOLE_FILE, problems)
    if data is None:
        return None
    inner = open_zip(data, names[0], problems)
    holds_one = inner is not None and len(inner.names()) == 1 and inner.names()[0].casefold().endswith(".zip")
    if inner is None or not holds_one:
        return inner
    if not deep:
        found, mend = "an archive in an archive, again and again", "Unpack it and hand in what it holds."
        problems.add(Consequence.GRAVE, folder.name, found, f"at most {DEEPEST} in each other", mend)
        return None
    return opened(inner, problems, deep - 1)


def _tell_others(folder: Folder, files: Iterable[str], problems: Problems) -> None:
    for name in sorted({name for name in folder.names() if not is_clutter(name)} - set(files)):
        mend = "It was not read. If it holds cards, export it again."
        problems.add(Consequence.CARE, name, f"the file {shown(name)}", "files of one export", mend)


def _of_one_file(read: Callable[[bytes, str], Reading]) -> Callable[[Folder], Reading]:
    """A reader of one file's bytes as a reader of a folder that holds that file only."""

    def reader(folder: Folder) -> Reading:
        problems = Problems()
        if len(folder.names()) > 1:
            mend = "Hand in one file at a time, or join the reports before."
            problems.add(Consequence.GRAVE, folder.name, f"{len(folder.names()):,} files", "one file", mend)
            return problems.reading(None)
        data = read_fields(folder, folder.names()[0], WHOLE_FILE, problems)
        return problems.reading(None) if data is None else read(data, folder.names()[0])

    return reader


def _read_raire(data: bytes, source: str) -> Reading:
    return raire.read_raire(data, source)[0]


READERS: dict[str, Callable[[Folder], Reading]] = {
    "dominion_json": dominion_json.read,
    "dominion_csv": dominion_csv.read,
    "ess": ess.read,
    "hart": hart.read,
    "clear_ballot": clear_ballot.read,
    "cvr_cdf_json": _of_one_file(cvr_cdf_drafts.read_json),
    "cvr_cdf_xml": _of_one_file(cvr_cdf_drafts.read_xml),
    "votingworks": votingworks.read,
    "raire": _of_one_file(_read_raire),
    "rctab": _of_one_file(rctab.read_neutral),
    "ranks": _of_one_file(rctab.read_ranks),
    "blt": _of_one_file(piles.read_blt_cards),
    "preflib": _of_one_file(piles.read_preflib_cards),
}
"""How each format is read."""
