"""Records of NIST's common data format in plain XML, cut at their tags instead of parsed one by one.

For ``cvr_cdf``. A county's report may hold gigabytes, in which a few hundred contests stand millions of
times. Plain means: in UTF-8, without prefixes, and without comments, instructions, document types and CDATA
(each begins with ``<!`` or ``<?``); then no tag can be hidden in another, and cutting at tags gives what a
parser would. Each distinct contest is parsed once. A record built otherwise than most is parsed by itself,
and a report that is not plain is refused with ``NotPlainError``, to be parsed as a whole.
"""

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from lxml import etree

START, END = b"<CVR>", b"</CVR>"
CONTEST, CONTEST_END = b"<CVRContest>", b"</CVRContest>"
ROOT = re.compile(rb"<CastVoteRecordReport(?:\s[^<>]*)?>")
OTHER_ENCODING = re.compile(rb"<\?xml[^?>]*encoding=[\"'](?!utf-8[\"'])", re.IGNORECASE)
VALUE = r"[^\x00-\x1f\x7f<>&\ufffe\uffff]*"
FIELD = rf"\s*<([A-Za-z]{{1,40}})>({VALUE})</([A-Za-z]{{1,40}})>"
FIELDS = re.compile(FIELD)
SNAPSHOT = r"\s*<CVRSnapshot ObjectId=\"([^\x00-\x1f\x7f<>&\"]*)\">\s*"
TYPE, SNAPSHOT_END = r"<Type>([a-z]{1,40})</Type>\s*", "</CVRSnapshot>"
SHELL = re.compile(rf"((?:{FIELD})*){SNAPSHOT}(?:{TYPE})?{SNAPSHOT_END}((?:{FIELD})*)\s*")
BEFORE, OF_TYPE, AFTER = 1, 6, 7
MOST_DISTINCT = 200_000


class NotPlainError(ValueError):
    """Something in which a tag could be hidden, or that this way of reading does not know."""


class Cut(NamedTuple):
    """A record cut at its tags: its fields, its one snapshot, and its contests without their closing tag."""

    fields: dict[str, str]
    snapshot: str
    type: str
    contests: list[bytes]


class Plain:
    """The records of a plain report, in order; ``rest`` is the report without them once they are read.

    Raises ``NotPlainError`` where the report does not begin as a plain one, and while it is read.
    """

    def __init__(self, data: bytes) -> None:
        self._data = data.removeprefix(b"\xef\xbb\xbf")
        self._first = self._data.find(START)
        head = self._data[: max(self._first, 0)]
        opening = ROOT.search(head)
        if opening is None or OTHER_ENCODING.match(head):
            raise NotPlainError
        self._opening, self._rest = opening[0], [_without_records(_plain(head, len("<?")))]

    @property
    def rest(self) -> bytes:
        """What stands outside the records."""
        return b"".join(self._rest)

    def __iter__(self) -> Iterator[bytes]:
        """Each record without its tags, as it stands."""
        data, at = self._data, self._first
        while at >= 0:
            end = data.find(END, at)
            if end < 0:
                raise NotPlainError
            yield data[at + len(START) : end]
            start, at = end + len(END), data.find(START, end)
            between = data[start : at if at >= 0 else len(data)]
            if between:
                self._rest.append(_without_records(_plain(between)))

    def record(self, text: bytes) -> etree._Element:
        """A record that is built otherwise than most, parsed by itself."""
        element = self._only(START + text + END)
        if element is None:
            raise NotPlainError
        return element

    def contest(self, text: bytes) -> etree._Element | None:
        """A contest, given without its closing tag; None where the text is more or less than one."""
        return self._only(text + CONTEST_END) if text.lstrip().startswith(CONTEST) else None

    def _only(self, text: bytes) -> etree._Element | None:
        """The one element that the text is; None where it is none, or several."""
        parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
        try:
            root = etree.fromstring(self._opening + _plain(text) + b"</CastVoteRecordReport>", parser)
        except etree.XMLSyntaxError:
            return None
        return root[0] if len(root) == 1 else None


class Cutter:
    """Cuts records at their tags. Most of a report are built alike, so the build met last is tried first."""

    def __init__(self) -> None:
        self._names: Sequence[str] = ()
        self._build = re.compile("(?!)")

    def cut(self, text: bytes) -> Cut | None:
        """A record of one snapshot whose other fields are plain words; None where it is built otherwise.

        That each of ``contests`` is one contest, and not the end of a snapshot besides, the caller must see.
        """
        *contests, last = text.split(CONTEST_END)
        before = b""
        if contests:
            before, opening, first = contests[0].partition(CONTEST)
            contests[0] = opening + first
        try:
            shell = (before + last).decode()
        except UnicodeDecodeError:
            return None
        match = self._build.fullmatch(shell)
        if match is None:
            self._names, self._build = _build_of(shell)
            match = self._build.fullmatch(shell)
        if match is None:
            return None
        fields = dict(zip(self._names, match.groups(), strict=True))
        return Cut(fields, fields.pop("@id"), fields.pop("@type", ""), contests)


def _build_of(shell: str) -> tuple[Sequence[str], re.Pattern[str]]:
    """The fields of a record without its contests, and an expression that gives their values for every record
    built like it; one that fits no record, where it is not built as records usually are."""
    match = SHELL.fullmatch(shell)
    before, after = (FIELDS.findall(match[place]) if match else [] for place in (BEFORE, AFTER))
    if match is None or any(name != closing for name, _, closing in before + after):
        return (), re.compile("(?!)")
    parts = [
        *(_field(name) for name, _, _ in before),
        ("@id", SNAPSHOT),
        *([("@type", TYPE)] if match[OF_TYPE] else []),
        ("", SNAPSHOT_END),
        *(_field(name) for name, _, _ in after),
        ("", r"\s*"),
    ]
    names = [name for name, _ in parts if name]
    return names, re.compile("".join(pattern for _, pattern in parts))


def _field(name: str) -> tuple[str, str]:
    return name, rf"\s*<{name}>({VALUE})</{name}>"


def _plain(part: bytes, start: int = 0) -> bytes:
    """The part, if nothing in it hides a tag. ``start`` passes over the declaration of a document."""
    if b"<!" in part or part.find(b"<?", start) >= 0:
        raise NotPlainError
    return part


def _without_records(part: bytes) -> bytes:
    """The part, if no record stands in it that begins with more than its bare tag."""
    if b"<CVR" in part:
        raise NotPlainError
    return part
