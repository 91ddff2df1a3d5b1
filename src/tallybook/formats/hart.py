"""Hart Verity's export: an XML file for each sheet, in one ZIP archive or several.

For whoever counts or audits from it. Only marked options are in a file. A value is 1, or in contests with
ranks a row of digits read from the left: ``0100`` is the second rank, and the same place on two options is an
overvote there. What Verity flags as overvoted or invalid does not count, though its options are listed. A
contest is known by its Id, since names repeat. Files are parted at their contests, and each distinct contest
is parsed once; a file with a document type or entities of its own is refused.
"""

import re
from array import array
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import NamedTuple
from xml.etree.ElementTree import Element, ParseError

import msgspec
import numpy as np
from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

from tallybook.election import Choice, Contest
from tallybook.election.cards import Mark, Pattern
from tallybook.formats.archives import Folder, Unreadable, base_name, is_zip, open_zip, read_whole
from tallybook.formats.gathering import Gathering, Numbering, spread, without_repeats
from tallybook.formats.problems import Consequence, Problems, Reading, shown
from tallybook.formats.text import HIDDEN, cleaned, rows

SHEET_BYTES = 4 << 20
ARCHIVE_BYTES = 8 << 30
BLOCK = 20_000
OPEN, END, CLOSE = b"<Contests>", b"</Contest>", b"</Contests>"
MOST_KEPT = 50_000
"""Texts with something of one sheet in them that are remembered, in case another sheet has the same."""
DECLARED = re.compile(rb"<\?xml[^?>]*encoding=[\"'](?!utf-8|UTF-8)")
MOST_DIGITS = 36
VALUE = re.compile("[01]{1,200}")
COUNT = re.compile("[0-9]{1,6}")
NOT_COUNTED = {"Overvoted": "overvote", "InvalidVote": "invalid", "InvalidStraightPartyVote": "invalid"}
COLUMNS = ("tabulator", "batch", "record", "sheet", "precinct", "imprinted_id")
IDENTITY = ("tabulator", "batch", "record", "sheet")
EXPORT_AGAIN = "Export the archive again from Verity, unedited."
SCANNED = b"#FormatVersion"


class _NotPlain(Exception):  # noqa: N818 - a turn in the reading, never told to anyone
    """A comment, instruction, document type or CDATA in a part: the sheet is to be parsed as a whole."""


class _Own(NamedTuple):
    """What a sheet says of itself."""

    batch: str = ""
    sequence: str = ""
    sheet: str = ""
    precinct: str = ""
    guid: str = ""


class _Option(msgspec.Struct, frozen=True):
    """A marked option of a contest."""

    choice: Choice
    value: str
    is_rejected: bool = False
    is_unresolved: bool = False


def read(folder: Folder) -> Reading:
    """The sheets of every XML file of the folder and of the archives in it.

    Columns: batch, record, sheet, precinct, and tabulator where several archives name theirs, or where a
    "scanned ballot information" file says which workstation read a sheet (then imprinted_id, too).
    """
    problems = Problems()
    sheets = _Sheets(problems)
    scanned = _scanned(folder, problems)
    archives = [name for name in folder.names() if name.casefold().endswith(".zip")]
    for archive in archives:
        inner = _archive(folder, archive, problems)
        if inner is not None:
            tabulator = base_name(archive)[:-4] if len(archives) > 1 else ""
            _read_sheets(inner, f"{archive}/", tabulator, scanned, sheets, problems)
    _read_sheets(folder, "", "", scanned, sheets, problems)
    sheets.close_block()
    if not sheets.gathering.cards and not problems.grave:
        found, expected = "no cast vote records", "XML files whose root is Cvr"
        problems.add(Consequence.GRAVE, folder.name, found, expected, EXPORT_AGAIN)
    if problems.grave:
        return problems.reading(None)
    records = sheets.gathering.records(folder.name, sheets.contests())
    return problems.reading(without_repeats(records, IDENTITY, folder.name, problems))


def is_sheet(name: str) -> bool:
    """Whether a file of this name may be a sheet's: signatures and images of write-ins are not."""
    folded = name.casefold()
    if not folded.endswith(".xml") or folded.endswith(".sig.xml"):
        return False
    return "writein" not in folded or "writein" not in folded.split("/")[:-1]


def _archive(folder: Folder, name: str, problems: Problems) -> Folder | None:
    data = read_whole(folder, name, ARCHIVE_BYTES, problems)
    return None if data is None or not is_zip(data[:4]) else open_zip(data, name, problems)


def _read_sheets(
    folder: Folder,
    place: str,
    tabulator: str,
    scanned: Mapping[str, tuple[str, str]],
    sheets: "_Sheets",
    problems: Problems,
) -> None:
    for name in folder.names():
        if is_sheet(name):
            data = read_whole(folder, name, SHEET_BYTES, problems)
            if data is not None:
                sheets.add(data, place + name, tabulator, scanned)


def _scanned(folder: Folder, problems: Problems) -> dict[str, tuple[str, str]]:
    """For each CvrGuid the workstation and the imprinted id, from "scanned ballot information" files."""
    told: dict[str, tuple[str, str]] = {}
    for name in folder.names():
        if not name.casefold().endswith(".csv") or not next(iter(folder.pieces(name)), b"").lstrip(
            b"\xef\xbb\xbf"
        ).startswith(SCANNED):
            continue
        try:
            table = rows(folder, name, problems)
            next(table)
            headings = [cleaned(cell).lstrip("#").casefold() for cell in next(table, [])]
            for row in table:
                fields = dict(zip(headings, map(cleaned, row), strict=False))
                if fields.get("cvrid"):
                    guid = fields["cvrid"].casefold()
                    told[guid] = fields.get("workstation", ""), fields.get("uniqueidentifier", "")
        except Unreadable as why:
            problems.add(Consequence.GRAVE, *why.told)
    return told


class _Sheets:
    """Sheets on their way to columns."""

    def __init__(self, problems: Problems) -> None:
        self.gathering = Gathering()
        self._problems = problems
        self._file = ""
        self._known = _Blocks(self)
        self._frames: dict[bytes, _Own] = {}
        self._order: Numbering[str] = Numbering()
        self._rows_of_cells, self._codes_of_cells = array("q"), array("q")
        self._cells, self._lengths_of_cards = array("q"), array("q")
        self._contests: dict[str, str] = {}
        self._choices: dict[str, dict[str, Choice]] = {}
        self._lengths: dict[str, set[int]] = {}
        self._allowed: dict[str, int] = {}
        self._rows: list[tuple[str, ...]] = []

    def add(self, data: bytes, file: str, tabulator: str, scanned: Mapping[str, tuple[str, str]]) -> None:
        """One sheet's file."""
        own = self._read_sheet(data.removeprefix(b"\xef\xbb\xbf"), file)
        if own is None:
            return
        workstation, imprinted = scanned.get(own.guid.casefold(), ("", "")) if scanned else ("", "")
        if scanned and not tabulator and not workstation:
            expected, mend = "a row in the scanned ballot information", "Export both anew, at the same time."
            self._problems.add(Consequence.GRAVE, file, "no workstation", expected, mend)
        if not (own.batch and own.sequence and own.sheet):
            expected = "BatchNumber, BatchSequence and SheetNumber"
            self._problems.add(Consequence.GRAVE, file, "a sheet without its numbers", expected, EXPORT_AGAIN)
        place = (tabulator or workstation, own.batch, own.sequence, own.sheet)
        self._rows.append((*place, own.precinct, imprinted))
        if len(self._rows) == BLOCK:
            self.close_block()

    def _read_sheet(self, data: bytes, file: str) -> _Own | None:
        """What the sheet says of itself; its contests are noted on the way."""
        self._file = file
        data = _in_utf8(data, file, self._problems)
        parts = _parted(data)
        if parts is not None:
            try:
                own = self._own(parts[0])
                cells = list(map(self._known.__getitem__, parts[1]))
            except _NotPlain:
                parts = None
        if parts is None:
            root = self._parsed(data, file)
            if root is None:
                return None
            own = _own_of(root)
            cells = [self._contest(element) for element in root.iter() if _tag(element) == "Contest"]
        self._cells.extend(cells)
        self._lengths_of_cards.append(len(cells))
        return own

    def _own(self, rest: bytes) -> _Own:
        """The same from a sheet without its contests; what differs in each sheet is cut out, and the rest,
        which many sheets share, is parsed once."""
        frame, batch, sequence, guid = _without_own_numbers(rest)
        own = self._frames.get(frame)
        if own is None:
            root = self._parsed(_plain(frame, len("<?")), self._file)
            own = _Own() if root is None else _own_of(root)
            if len(self._frames) < MOST_KEPT:
                self._frames[frame] = own
        return _Own(batch, sequence, own.sheet, own.precinct, guid) if sequence else own

    def block(self, block: bytes) -> int:
        """The number of a contest's text met for the first time."""
        element = self._parsed(block.lstrip() + b"</Contest>", self._file)
        return self._cell("", 0) if element is None else self._contest(element)

    def _cell(self, contest: str, code: int) -> int:
        self._rows_of_cells.append(self._order[contest])
        self._codes_of_cells.append(code)
        return len(self._codes_of_cells) - 1

    def _parsed(self, data: bytes, file: str) -> Element | None:
        try:
            root: Element = fromstring(data, forbid_dtd=True)
        except (ParseError, DefusedXmlException, ValueError, LookupError) as why:
            found = f"XML that cannot be read ({shown(why)})"
            self._problems.add(Consequence.GRAVE, file, found, "a sheet as Verity writes it", EXPORT_AGAIN)
            return None
        return root

    def _contest(self, element: Element) -> int:
        """The number of a contest's reading."""
        file = self._file
        fields = {_tag(child): child for child in element}
        id_, name = _text(fields.get("Id")), _text(fields.get("Name"))
        if not id_:
            self._problems.add(Consequence.GRAVE, file, "a contest without Id", "an Id", EXPORT_AGAIN)
            return self._cell("", 0)
        self._contests.setdefault(id_, name)
        options = [_option(one) for one in fields.get("Options", ())]
        for option in options:
            if not option.choice.id.startswith("write_in"):
                self._choices.setdefault(id_, {}).setdefault(option.choice.id, option.choice)
            if not VALUE.fullmatch(option.value):
                found = f"the value {shown(option.value)} in {shown(name)}"
                self._problems.add(Consequence.GRAVE, file, found, "digits 0 and 1", EXPORT_AGAIN)
        taken = [option for option in options if not option.is_rejected]
        flags = {flag for tag, flag in NOT_COUNTED.items() if _holds(fields.get(tag))}
        if not options and "Undervotes" not in fields:
            flags.add("blank")
        if any(option.is_unresolved for option in taken):
            flags.add("write_in_unresolved")
        marks = _marks(taken)
        self._lengths.setdefault(id_, set()).update(len(option.value) for option in options)
        self._note_allowed(id_, len(marks), _text(fields.get("Undervotes")), flags, file)
        return self._cell(id_, self.gathering.code(id_, Pattern(marks, tuple(sorted(flags)))))

    def _note_allowed(self, id_: str, marks: int, undervotes: str, flags: set[str], file: str) -> None:
        """The votes allowed, which no file states: votes and undervotes of a contest that counts."""
        if undervotes and not COUNT.fullmatch(undervotes):
            found = f"{shown(undervotes)} undervotes in {shown(self._contests[id_])}"
            self._problems.add(Consequence.GRAVE, file, found, "a whole number", EXPORT_AGAIN)
        elif not flags & {"overvote", "invalid"}:
            self._allowed[id_] = max(self._allowed.get(id_, 1), marks + int(undervotes or 0))

    def close_block(self) -> None:
        """Turn what was gathered into columns of codes."""
        cells = np.array(self._cells, np.int64)
        contest, code = np.array(self._rows_of_cells, np.int64), np.array(self._codes_of_cells, np.int64)
        lengths = np.array(self._lengths_of_cards[: len(self._rows)], np.int64)
        table = spread(cells[: lengths.sum()], lengths, contest, code, len(self._order))
        twice = int(np.count_nonzero(code[cells])) - int(np.count_nonzero(table))
        if twice:
            found = "a contest twice on one sheet"
            self._problems.add(Consequence.GRAVE, self._file, found, "each once", EXPORT_AGAIN, times=twice)
        codes = {id_: table[row] for id_, row in self._order.items() if table[row].any()}
        columns = dict(zip(COLUMNS, zip(*self._rows, strict=True), strict=True)) if self._rows else {}
        self.gathering.add(len(self._rows), codes, columns)
        self._rows, self._cells, self._lengths_of_cards = [], array("q"), array("q")

    def contests(self) -> tuple[Contest, ...]:
        """The contests met, by Id; one of 1s here and ranks there is grave."""
        for id_, lengths in self._lengths.items():
            if 1 in lengths and len(lengths) > 1:
                found = f"values with and without ranks in {shown(self._contests[id_])}"
                self._problems.add(Consequence.GRAVE, "the export", found, "one kind of value", EXPORT_AGAIN)
        several = [name for id_, name in self._contests.items() if self._votes_allowed(id_) > 1]
        if several:
            mend = "Compare with the ballot."
            found = f"several votes allowed in {', '.join(map(shown, several[:5]))}, by votes and undervotes"
            self._problems.add(Consequence.CARE, "the export", found, "a stated number of votes", mend)
        for name, times in Counter(self._contests.values()).items():
            if times > 1:
                mend = "They are kept apart by their Ids. See that they are different contests."
                found = f"{times} contests named {shown(name)}"
                self._problems.add(Consequence.CARE, "the export", found, "each contest's name once", mend)
        write_in = Choice("write_in", "Write-in")
        return tuple(
            Contest(id_, name, "", (*self._choices.get(id_, {}).values(), write_in),
                    votes_allowed=self._votes_allowed(id_))
            for id_, name in self._contests.items()
        )  # fmt: skip

    def _votes_allowed(self, id_: str) -> int:
        return 1 if max(self._lengths.get(id_, {1}), default=1) > 1 else self._allowed.get(id_, 1)


class _Blocks(dict[bytes, int]):
    """The numbers of contests' texts. Those with written names may be too many to keep all of them."""

    def __init__(self, sheets: _Sheets) -> None:
        super().__init__()
        self._sheets = sheets

    def __missing__(self, block: bytes) -> int:
        number = self._sheets.block(_plain(block))
        if len(self) < MOST_KEPT or b"WriteInData" not in block:
            self[block] = number
        return number


def _parted(data: bytes) -> tuple[bytes, list[bytes]] | None:
    """A sheet without its contests, and the contests; None where these do not stand side by side.

    If no part holds ``<!`` or ``<?``, no tag is hidden in another, and cutting at tags gives what a parser
    would. A part is looked at in ``_plain``, in the order of the sheet, when it is first met.
    """
    *blocks, last = data.split(END)
    before, opening, first = blocks[0].partition(OPEN) if blocks else (b"", b"", b"")
    last = last.lstrip()
    if not opening or not last.startswith(CLOSE):
        return None
    blocks[0] = first
    return before + last[len(CLOSE) :], blocks


def _plain(part: bytes, start: int = 0) -> bytes:
    """The part, if it is plain. ``start`` passes over the declaration with which a sheet may begin."""
    if b"<!" in part or part.find(b"<?", start) >= 0:
        raise _NotPlain
    return part


def _without_own_numbers(rest: bytes) -> tuple[bytes, str, str, str]:
    """The part of a sheet outside its contests without its own batch, sequence and id, and these three;
    all empty, and the part whole, where they do not stand as usual."""
    before, _, after = rest.partition(b"<BatchSequence>")
    sequence, _, after = after.partition(b"</BatchSequence>")
    between, _, after = after.partition(b"<BatchNumber>")
    batch, _, after = after.partition(b"</BatchNumber>")
    and_then, _, after = after.partition(b"<CvrGuid>")
    guid, _, end = after.partition(b"</CvrGuid>")
    is_usual = sequence.isdigit() and batch.isdigit() and guid.replace(b"-", b"").isalnum()
    if not is_usual or len(sequence) + len(batch) > MOST_DIGITS:
        return rest, "", "", ""
    return before + between + and_then + end, batch.decode(), sequence.decode(), guid.decode()


def _in_utf8(data: bytes, file: str, problems: Problems) -> bytes:
    """The file in UTF-8; one that is neither that nor says what it is, is taken as Windows-1252."""
    if data.isascii() or DECLARED.match(data):
        return data
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        mend = "Names were read as Windows-1252; look at one with an accent."
        problems.add(Consequence.CARE, file, "letters that are not UTF-8", "UTF-8", mend)
        return data.decode("cp1252", "replace").encode()
    return data


def _tag(element: Element) -> str:
    return element.tag.rpartition("}")[2]


def _text(element: Element | None) -> str:
    return cleaned(HIDDEN.sub("", element.text or "")) if element is not None else ""


def _holds(element: Element | None) -> bool:
    """Whether a flag is set: it is there, and does not say false."""
    return element is not None and _text(element).casefold() not in ("false", "0")


def _own_of(root: Element) -> _Own:
    """What a sheet says of itself, its precinct by name."""
    fields = {_tag(child): _text(child) for child in root}
    splits = [child for child in root if _tag(child) == "PrecinctSplit"]
    names = [_text(one) for split in splits for one in split if _tag(one) == "Name"]
    return _Own(
        batch=fields.get("BatchNumber", ""),
        sequence=fields.get("BatchSequence", ""),
        sheet=fields.get("SheetNumber", ""),
        precinct=names[0] if names else "",
        guid=fields.get("CvrGuid", ""),
    )


def _option(element: Element) -> _Option:
    fields = {_tag(child): child for child in element}
    id_, name, value = (_text(fields.get(tag)) for tag in ("Id", "Name", "Value"))
    written = fields.get("WriteInData")
    if written is None and name:
        return _Option(Choice(id_ or name, name), value or "1")
    data = {_tag(child): _text(child) for child in (written if written is not None else ())}
    status = data.get("WriteInDataStatus", "Unresolved").casefold()
    who = name or data.get("Text", "")
    resolved = status == "resolved" and who
    choice = Choice(f"write_in:{who}" if resolved else "write_in", who or "Write-in")
    return _Option(choice, value or "1", status == "rejected", status == "unresolved")


def _marks(options: Sequence[_Option]) -> tuple[Mark, ...]:
    """The marks of a contest: ranks from the places of the 1s where a value has several digits."""
    marks: list[Mark] = []
    further = 1
    for option in options:
        choice = option.choice.id
        if choice == "write_in" and any(mark.choice == choice for mark in marks):
            further += 1
            choice = f"write_in:slot {further}"
        places = [place for place, digit in enumerate(option.value, 1) if digit == "1"]
        marks += [Mark(choice, place if len(option.value) > 1 else 0) for place in places]
    return tuple(sorted(marks, key=lambda mark: (mark.rank, mark.choice)))
