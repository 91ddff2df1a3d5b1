"""Bytes into text a person wrote: the encoding found, hidden signs taken out, each with its place told.

For every reader of delimited text. UTF-8 with or without its mark, UTF-16, and Windows-1252 are read; a file
that mixes them is refused, since no name in it can be trusted. The work is done a piece at a time, so memory
does not grow with the file, and a row without end is refused before it is held.
"""

import codecs
import csv
import re
import unicodedata
from collections.abc import Iterable, Iterator

from tallybook.formats.archives import Folder, Unreadable
from tallybook.formats.problems import Consequence, Problems, shown

MOST_LINE = 4 << 20
MOST_COLUMNS = 20_000
HEAD = 4_096

MARKS = {
    codecs.BOM_UTF8: "utf-8",
    codecs.BOM_UTF32_LE: "utf-32-le",
    codecs.BOM_UTF32_BE: "utf-32-be",
    codecs.BOM_UTF16_LE: "utf-16-le",
    codecs.BOM_UTF16_BE: "utf-16-be",
}
"""Byte order marks; that of UTF-32 begins like that of UTF-16 and is tried first."""

PLAIN = bytes([9, 10, 13, *range(32, 127)])
HIDDEN = re.compile(
    "[\x01-\x08\x0b\x0c\x0e-\x1f\x7f\u00ad\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]"
)
"""Control signs, marks that turn the direction of writing, and signs without width. None is a name's part."""

BLANKS = re.compile(r"\s+")
APART = re.compile(r"[\W_]+")


def decoded(pieces: Iterable[bytes], file: str, problems: Problems) -> Iterator[str]:
    """The text of a file a piece at a time, with ``\\n`` as the only end of a line and no hidden signs.

    Raises ``Unreadable`` where the bytes are not text of one encoding.
    """
    row, carried = 1, ""
    for text in _decoded(pieces, file, problems):
        if "\0" in text:
            place = f"a NUL byte near row {row + text.count(chr(10), 0, text.index(chr(0)))}"
            raise Unreadable(file, place, "text", "The file is damaged or no text. Export it again.")
        text, carried = _without_returns(carried + text, row, file, problems)
        text = _without_hidden(text, row, file, problems)
        row += text.count("\n")
        yield text
    if carried:
        yield "\n"


def lines(pieces: Iterable[bytes], file: str, problems: Problems) -> Iterator[str]:
    """The lines of a file, each with its ``\\n``. Raises ``Unreadable``, also for a line of over 4 MB."""
    rest = ""
    for text in decoded(pieces, file, problems):
        first, *others = text.split("\n")
        rest += first
        if len(rest) > MOST_LINE or (others and len(others[-1]) > MOST_LINE):
            mend = "A quotation mark may be missing, or this is another kind of file. Export it again."
            raise Unreadable(file, f"a line of over {MOST_LINE:,} characters", "lines of a table", mend)
        if others:
            yield rest + "\n"
            for line in others[:-1]:
                yield line + "\n"
            rest = others[-1]
    if rest:
        yield rest + "\n"


def rows(folder: Folder, name: str, problems: Problems) -> Iterator[list[str]]:
    """The rows of comma-separated text (RFC 4180), as cells; an empty line is an empty row.

    Raises ``Unreadable`` for what is no table: a cell of over 131,072 characters, a row of over 20,000 cells.
    """
    reader = csv.reader(lines(folder.pieces(name), name, problems))
    count = 0
    try:
        for count, cells in enumerate(reader, 1):
            if len(cells) > MOST_COLUMNS:
                mend = "This is not an export of cast vote records. Look at what was exported."
                raise Unreadable(name, f"{len(cells):,} columns in row {count:,}", "20,000 at most", mend)
            yield cells
    except csv.Error as why:
        mend = "A quotation mark may be missing in that row. Export the file again."
        raise Unreadable(name, f"{shown(why)} after row {count:,}", "comma-separated text", mend) from why


def cleaned(text: str) -> str:
    """A name as a person reads it: blanks at the ends dropped, inner blanks and line ends made one blank.

    >>> cleaned(" Ben\\n  Hill ")
    'Ben Hill'
    """
    if text.isascii() and text.isprintable() and "  " not in text:
        return text.strip()
    return BLANKS.sub(" ", unicodedata.normalize("NFC", text)).strip()


def name_key(text: str) -> str:
    """What two spellings of one name have in common: no case, accents as written, no punctuation.

    For telling a person of near misses, never for joining two names in silence.

    >>> name_key("BEN-HILL") == name_key("Ben Hill ")
    True
    """
    return APART.sub(" ", unicodedata.normalize("NFKC", text).casefold()).strip()


def _decoded(pieces: Iterable[bytes], file: str, problems: Problems) -> Iterator[str]:
    stream = iter(pieces)
    head = b""
    for piece in stream:
        head += piece
        if len(head) >= HEAD:
            break
    encoding, skip = _encoding(head, file, problems)
    first_and_others = _chain(head[skip:], stream)
    if encoding == "utf-8":
        yield from _utf8_or_windows(first_and_others, file, problems)
    else:
        yield from _utf16(first_and_others, encoding, file)


def _chain(head: bytes, others: Iterator[bytes]) -> Iterator[bytes]:
    yield head
    yield from others


def _encoding(head: bytes, file: str, problems: Problems) -> tuple[str, int]:
    """The encoding, and the length of the mark that names it."""
    for mark, encoding in MARKS.items():
        if head.startswith(mark):
            if encoding.startswith("utf-32"):
                raise Unreadable(file, "UTF-32", "UTF-8", "Save the file as UTF-8.")
            return encoding, len(mark)
    even, odd = head[0::2].count(0), head[1::2].count(0)
    if max(even, odd) * 3 > len(head) // 2 > 8 and min(even, odd) * 20 < max(even, odd):
        mend = "Names were read as UTF-16; look at one with an accent."
        problems.add(Consequence.CARE, file, "UTF-16 without its mark", "UTF-8", mend)
        return ("utf-16-le" if odd > even else "utf-16-be"), 0
    return "utf-8", 0


def _utf16(pieces: Iterator[bytes], encoding: str, file: str) -> Iterator[str]:
    decoder = codecs.getincrementaldecoder(encoding)("strict")
    try:
        for piece in pieces:
            yield decoder.decode(piece)
        yield decoder.decode(b"", final=True)
    except UnicodeDecodeError as why:
        mend = "The file may have been cut off. Export it again."
        raise Unreadable(file, f"bytes that are not {encoding} ({why.reason})", "whole text", mend) from why


def _utf8_or_windows(pieces: Iterator[bytes], file: str, problems: Problems) -> Iterator[str]:
    """UTF-8; or Windows-1252 from the first byte that says so, where all before it was ASCII."""
    rest, row, is_ascii = b"", 1, True
    for piece in pieces:
        data = rest + piece
        try:
            text, used = codecs.utf_8_decode(data, "strict", False)
        except UnicodeDecodeError as why:
            row += data.count(b"\n", 0, why.start)
            if not (is_ascii and data[: why.start].isascii()):
                raise _mixed(file, data[why.start : why.start + 1], row) from why
            _tell_windows(file, row, problems)
            yield from _windows(_chain(data, pieces), file)
            return
        rest, is_ascii, row = data[used:], is_ascii and text.isascii(), row + text.count("\n")
        yield text
    if rest and not is_ascii:
        raise _mixed(file, rest, row)
    if rest:
        _tell_windows(file, row, problems)
        yield from _windows(iter([rest]), file)


def _mixed(file: str, byte: bytes, row: int) -> Unreadable:
    found = f"the byte {byte[:1].hex().upper()} near row {row:,}, after letters in UTF-8"
    return Unreadable(file, found, "one encoding in one file", "Export the file again as UTF-8.")


def _tell_windows(file: str, row: int, problems: Problems) -> None:
    mend = "Names were read as Windows-1252; look at one with an accent, or save the file as UTF-8."
    problems.add(Consequence.CARE, file, "letters that are not UTF-8", "UTF-8", mend, row=row)


def _windows(pieces: Iterator[bytes], file: str) -> Iterator[str]:
    for piece in pieces:
        try:
            yield piece.decode("cp1252")
        except UnicodeDecodeError as why:
            found = f"the byte {piece[why.start]:02X}, which is neither UTF-8 nor Windows-1252"
            raise Unreadable(file, found, "UTF-8", "Export the file again as UTF-8.") from why


def _without_returns(text: str, row: int, file: str, problems: Problems) -> tuple[str, str]:
    """Every end of a line as a line feed; a return at the very end waits for the next piece."""
    if "\r" not in text:
        return text, ""
    carried = "\r" if text.endswith("\r") else ""
    text = text[: len(text) - len(carried)].replace("\r\n", "\n")
    if "\r" in text:
        where = row + text.count("\n", 0, text.index("\r"))
        mend = "Each was read as the end of a line; if rows look broken, save the file again."
        found, expected = "a carriage return without a line feed", "lines that end alike"
        problems.add(Consequence.CARE, file, found, expected, mend, row=where, times=text.count("\r"))
    return text.replace("\r", "\n"), carried


def _without_hidden(text: str, row: int, file: str, problems: Problems) -> str:
    if text.isascii() and not text.encode().translate(None, PLAIN):
        return text
    found = HIDDEN.search(text)
    if found:
        where = row + text.count("\n", 0, found.start())
        mend = "They were left out. Look at the name in that row: it may have been copied from elsewhere."
        times = len(HIDDEN.findall(text))
        what = f"the hidden sign {shown(found[0])}"
        problems.add(Consequence.CARE, file, what, "visible signs", mend, row=where, times=times)
    return HIDDEN.sub("", text) if found else text
