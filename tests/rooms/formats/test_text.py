"""Text from strangers: encodings, hidden signs, ends of lines; each neutralised or refused with its place."""

import itertools
from collections.abc import Iterator

import pytest

from tallybook.formats.archives import InMemory, Unreadable
from tallybook.formats.problems import Consequence, Problems
from tallybook.formats.text import cleaned, decoded, lines, name_key, rows

TEXT = 'Name,Votes\r\n"Peña, José",12\r\nŁukasz,3\r\n'


def text_of(data: bytes, piece: int = 7) -> tuple[str, list[tuple[int, str]]]:
    problems = Problems()
    pieces = (data[start : start + piece] for start in range(0, len(data), piece))
    return "".join(decoded(pieces, "x.csv", problems)), [(p.row, p.found) for p in problems.collected()]


@pytest.mark.parametrize("piece", [1, 2, 3, 7, 5_000])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_unicode_is_read_however_it_is_cut(encoding: str, piece: int) -> None:
    assert text_of(TEXT.encode(encoding), piece) == (TEXT.replace("\r\n", "\n"), [])


def test_utf_16_without_its_mark_is_read_and_told() -> None:
    for encoding in ("utf-16-le", "utf-16-be"):
        text, told = text_of((TEXT * 3).encode(encoding))
        assert text == TEXT.replace("\r\n", "\n") * 3 and told[0][1] == "UTF-16 without its mark"


@pytest.mark.parametrize("piece", [1, 7, 5_000])
def test_windows_1252_is_read_and_told_with_its_row(piece: int) -> None:
    data = "Name\nAsh\nPeña – “Bo”\n".encode("cp1252")
    assert text_of(data, piece) == ("Name\nAsh\nPeña – “Bo”\n", [(3, "letters that are not UTF-8")])


def test_a_file_that_ends_in_a_letter_of_windows_1252_is_read() -> None:
    assert text_of(b"Ash\nJos\xe9", 3)[0] == "Ash\nJosé"


@pytest.mark.parametrize(
    ("data", "found"),
    [
        (b"Jos\xc3\xa9\nPe\xf1a\n", "the byte F1 near row 2"),
        (b"a\n\x81b\n", "the byte 81"),
        (b"a\nb\0c\n", "NUL byte near row 2"),
        (b"\xff\xfe\0\0a\0\0\0", "UTF-32"),
        (b"\xff\xfea\0b", "utf-16-le"),
    ],
    ids=["two encodings", "a byte of none", "NUL", "UTF-32", "half a letter"],
)
def test_what_is_not_text_of_one_encoding_is_refused(data: bytes, found: str) -> None:
    with pytest.raises(Unreadable, match=found):
        text_of(data)


@pytest.mark.parametrize("piece", [1, 2, 7])
def test_a_bare_carriage_return_ends_a_line_and_is_told(piece: int) -> None:
    text, told = text_of(b"a\r\nb\rc\r\nd\r", piece)
    assert text == "a\nb\nc\nd\n" and told[0] == (2, "a carriage return without a line feed")


@pytest.mark.parametrize("sign", ["\u202e", "\u200f", "\u200b", "\u2066", "\x07", "\ufeff", "\u00ad"])
def test_a_hidden_sign_is_left_out_and_told_with_its_row(sign: str) -> None:
    text, told = text_of(f"a\nAs{sign}h\n".encode(), 5_000)
    assert text == "a\nAsh\n" and told[0] == (2, f'the hidden sign "<U+{ord(sign):04X}>"')


def endless(piece: bytes) -> Iterator[bytes]:
    return itertools.repeat(piece)


@pytest.mark.parametrize("piece", [b"x" * (1 << 20), b'"' + b"x\n" * (1 << 19)])
def test_a_field_without_end_is_refused_before_it_is_held(piece: bytes) -> None:
    class Endless:
        name = "endless"

        def names(self) -> tuple[str, ...]:
            return ("x.csv",)

        def pieces(self, _: str) -> Iterator[bytes]:
            return endless(piece)

    with pytest.raises(Unreadable):
        for _ in rows(Endless(), "x.csv", Problems()):
            pass


def test_a_million_columns_are_refused() -> None:
    with pytest.raises(Unreadable, match="1,000,000 columns in row 1"):
        list(rows(InMemory({"x.csv": b"," * 999_999}), "x.csv", Problems()))


def test_lines_are_whole_whatever_the_pieces() -> None:
    pieces = [b"a", b"b\nc", b"\n", b"\nd"]
    assert list(lines(pieces, "x", Problems())) == ["ab\n", "c\n", "\n", "d\n"]


def test_rows_keep_commas_quotes_and_line_ends_in_quotation_marks() -> None:
    data = b'a,"b, c","d ""e""","f\ng"\n'
    assert list(rows(InMemory({"x": data}), "x", Problems())) == [["a", "b, c", 'd "e"', "f\ng"]]


@pytest.mark.parametrize(
    ("text", "clean"),
    [(" Ben  Hill\t", "Ben Hill"), ("Ben\nHill", "Ben Hill"), ("Ben\u00a0Hill", "Ben Hill"), ("", "")],
)
def test_stray_blanks_are_cleaned(text: str, clean: str) -> None:
    assert cleaned(text) == clean


def test_an_accent_written_in_two_signs_is_the_same_letter() -> None:
    assert cleaned("Pen\u0303a") == cleaned("Peña")


def test_near_misses_have_one_key_and_different_names_do_not() -> None:
    assert {name_key(name) for name in ("BEN-HILL", "Ben Hill ", "ben_hill")} == {"ben hill"}
    assert name_key("Peña") != name_key("Pena")


def test_care_is_all_that_follows_from_what_was_neutralised() -> None:
    problems = Problems()
    list(decoded([b"a\rb\x07\n\xf1"], "x", problems))
    assert {p.consequence for p in problems.collected()} == {Consequence.CARE}
