"""Every reader and every kind of bad input: refused, or neutralised with the place told."""

import pytest

from tallybook.formats import results_any
from tallybook.formats.archives import InMemory
from tallybook.formats.detect import read_any
from tallybook.formats.problems import UNSAFE, Consequence, Reading
from tests.generators.world import found
from tests.rehearsal.fuzzing_readers import CARDS, RESULTS

TEXTS = {
    kind: files for kind, files in {**CARDS, **RESULTS}.items()
    if "spreadsheet" not in kind and "archives" not in kind
}  # fmt: skip
XML = [
    kind for kind, files in TEXTS.items() if any(data.lstrip().startswith(b"<") for data in files.values())
]
NAMES = {
    "Dominion JSON": b"Ash, Ann", "Dominion CSV": b"Cedar", "Clear Ballot": b"Cedar", "ES&S": b"Hazel",
    "Hart sheets": b"Hazel", "NIST JSON": b"Bob", "NIST XML": b"Bob", "a draft of 2017": b"Ann Ash",
    "a draft of 2018": b"Ann", "VotingWorks": b"Ann Ash", "RCTab": b"Bob", "ranks": b"Bob", "BLT": b"Di",
    "PrefLib": b"Bob", "PrefLib before 2022": b"Bob", "Clarity": b"Biden", "OpenElections": b"Loudermilk",
    "NIST results JSON": b"Ann", "NIST results XML": b"Ann",
}  # fmt: skip


def read(files: dict[str, bytes]) -> tuple[object, tuple[object, ...]]:
    """What a reader made of the files: a value or None, and problems."""
    if any(results_any.kind_of(data[:1000]) for data in files.values()):
        return results_any.read_any(InMemory(files))
    reading = read_any(InMemory(files))
    return reading.records, reading.problems


def told(value: object) -> object:
    return found(value) if hasattr(value, "codes") else value  # type: ignore[arg-type]


def spoilt(kind: str, change: object) -> tuple[object, tuple[object, ...]]:
    return read({name: change(data) for name, data in TEXTS[kind].items()})  # type: ignore[operator]


def is_refused(value: object, problems: tuple[object, ...]) -> bool:
    grave = [one for one in problems if one.consequence is Consequence.GRAVE]  # type: ignore[attr-defined]
    return value is None and bool(grave)


@pytest.mark.parametrize("kind", TEXTS)
def test_a_byte_order_mark_changes_nothing(kind: str) -> None:
    plain, marked = (
        read(dict(TEXTS[kind])),
        spoilt(kind, lambda data: b"\xef\xbb\xbf" + data.removeprefix(b"\xef\xbb\xbf")),
    )
    assert plain[0] is not None
    assert told(marked[0]) == told(plain[0])


@pytest.mark.parametrize("kind", TEXTS)
def test_utf_16_is_read_alike_or_refused(kind: str) -> None:
    plain = read(dict(TEXTS[kind]))
    value, problems = spoilt(
        kind, lambda data: data if data[:1] == b"\xff" else data.decode("utf-8-sig").encode("utf-16")
    )
    assert is_refused(value, problems) or told(value) == told(plain[0])


@pytest.mark.parametrize("kind", NAMES)
def test_a_nul_in_a_name_is_refused(kind: str) -> None:
    name = NAMES[kind]
    assert any(name in data for data in TEXTS[kind].values()), kind
    value, problems = spoilt(kind, lambda data: data.replace(name, name[:1] + b"\0" + name[1:]))
    assert is_refused(value, problems)


@pytest.mark.parametrize("kind", NAMES)
@pytest.mark.parametrize("sign", ["\u202e", "\u200f", "\u200b"])
def test_a_sign_that_turns_or_hides_letters_never_reaches_a_name(kind: str, sign: str) -> None:
    name = NAMES[kind]
    value, problems = spoilt(kind, lambda data: data.replace(name, name[:1] + sign.encode() + name[1:]))
    assert not any(UNSAFE.search(str(one)) for one in problems)
    if value is None:
        assert is_refused(value, problems)
        return
    names = [choice.name for contest in value.contests for choice in contest.choices]  # type: ignore[attr-defined]
    assert not any(UNSAFE.search(one) for one in names)
    assert problems, "What was neutralised is told."


@pytest.mark.parametrize(
    "kind",
    [
        kind
        for kind in TEXTS
        if kind not in XML and "JSON" not in kind and kind not in ("VotingWorks", "a draft of 2017")
    ],
)
def test_bare_carriage_returns_end_lines_and_are_told(kind: str) -> None:
    plain = read(dict(TEXTS[kind]))
    value, problems = spoilt(kind, lambda data: data.replace(b"\r\n", b"\n").replace(b"\n", b"\r"))
    assert is_refused(value, problems) or told(value) == told(plain[0])
    assert problems


@pytest.mark.parametrize("kind", XML)
def test_entities_and_document_types_are_refused(kind: str) -> None:
    bomb = b'<!DOCTYPE a [<!ENTITY b "x"><!ENTITY c "&b;&b;&b;&b;"><!ENTITY f SYSTEM "file:///etc/passwd">]>'

    def armed(data: bytes) -> bytes:
        end = data.find(b"?>") + 2 if data.lstrip().startswith(b"<?") else 0
        return data[:end] + bomb + data[end:] if data.lstrip().startswith(b"<") else data

    assert is_refused(*spoilt(kind, armed))


@pytest.mark.parametrize("kind", TEXTS)
def test_a_file_cut_off_is_never_read_as_whole(kind: str) -> None:
    """Cut in the middle of its last tenth: what is read then is refused, or fewer cards, which is told."""
    plain = read(dict(TEXTS[kind]))
    for share in (0.5, 0.93):
        value, problems = spoilt(kind, lambda data, share=share: data[: int(len(data) * share)])
        assert is_refused(value, problems) or problems or told(value) != told(plain[0]), share


def test_the_readers_of_this_page_are_all_readers() -> None:
    assert isinstance(read_any(InMemory({"x": b""})), Reading)
    assert set(TEXTS) - set(NAMES) == {"RAIRE"}, "RAIRE's names are numbers."
