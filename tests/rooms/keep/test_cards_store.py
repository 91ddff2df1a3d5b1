"""The card store gives back what was kept: every reading, flag, write-in, style and attribute."""

import contextlib
from pathlib import Path

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from tallybook.election import Choice, Contest
from tallybook.election import cards as plain
from tallybook.election.cards import BallotColumns, CastVoteRecords, Column, Mark, Pattern, narrowed
from tallybook.keep import cards as kept

pytestmark = pytest.mark.slow

MAYOR = Contest("7", "Mayor", "city", (Choice("a", "Ann O'Hara", "Blue"), Choice("b", 'Bo "B" Ek')), 1, 1)
BOND = Contest("bond", "Bond issue", "measure", (Choice("yes", "Yes"), Choice("no", "No")))
UNUSED = Contest("dog catcher", "Dog catcher", "", ())


def coded(*codes: int) -> plain.Codes:
    return narrowed(np.array(codes, dtype=np.int64))


def town() -> CastVoteRecords:
    """Six cards. The bond is on five; card 3 (from 0) was adjudicated in the mayor's contest."""
    ann, over = Pattern((Mark("a"),)), Pattern((Mark("a"), Mark("b")), ("overvote",))
    odd = Pattern((Mark("a", 1), Mark("write_in:Zoë ☃", 2, 3)), ("adjudicated", "write_in_unresolved"))
    return CastVoteRecords(
        source="Räcine's export.zip",
        contests=(MAYOR, BOND, UNUSED),
        cards=6,
        patterns={
            "7": (ann, over, odd),
            "bond": (Pattern((), ("blank",)), Pattern((Mark("yes"),)), Pattern((Mark("no"),))),
            "dog catcher": (),
        },
        codes={"7": coded(1, 1, 2, 3, 1, 1), "bond": coded(2, 0, 2, 3, 1, 2), "dog catcher": coded(*[0] * 6)},
        columns={
            "precinct": Column(("12", "001", ""), coded(0, 1, 1, 2, 0, 0)),
            "record": Column(tuple("654321"), coded(0, 1, 2, 3, 4, 5)),
        },
        original={"7": coded(1, 1, 2, 2, 1, 1)},
    )


def same(left: CastVoteRecords, right: CastVoteRecords) -> bool:
    """Whether two records say the same of every card."""
    return (
        (left.source, left.contests, left.cards) == (right.source, right.contests, right.cards)
        and left.patterns == right.patterns
        and all(np.array_equal(left.codes[name], right.codes[name]) for name in left.patterns)
        and list(left.columns) == list(right.columns)
        and all(left.columns[n].values == right.columns[n].values for n in left.columns)
        and all(np.array_equal(left.columns[n].codes, right.columns[n].codes) for n in left.columns)
        and left.original.keys() == right.original.keys()
        and all(np.array_equal(left.original[n], right.original[n]) for n in left.original)
    )


@pytest.fixture
def opened(tmp_path: Path) -> kept.Store:
    return kept.store(town(), tmp_path / "cards")


def test_everything_that_was_kept_comes_back(opened: kept.Store) -> None:
    assert same(kept.records(kept.open_store(opened.folder)), town())


def test_the_cards_of_a_contest_come_grouped_by_reading(opened: kept.Store) -> None:
    grouped = kept.ballots(opened, "bond")
    assert grouped.counts == (1, 3, 1)
    assert grouped.patterns[1] == Pattern((Mark("yes"),))
    assert grouped.contest == BOND


def test_a_contest_that_is_on_no_card_has_no_ballots(opened: kept.Store) -> None:
    assert kept.ballots(opened, "dog catcher").counts == ()


def test_the_ballots_of_a_precinct_are_counted_alone(opened: kept.Store) -> None:
    assert kept.ballots(opened, "bond", {"precinct": "12"}).counts == (1, 2)
    assert kept.ballots(opened, "bond", {"precinct": "12", "record": "6"}).counts == (1,)


def test_each_precinct_has_its_own_ballots_and_they_add_up(opened: kept.Store) -> None:
    parts = kept.ballots_by(opened, "7", "precinct")
    assert {name: part.counts for name, part in parts.items()} == {"12": (3,), "001": (1, 1), "": (1,)}


def test_a_sample_is_the_cards_at_these_positions_in_this_order(opened: kept.Store) -> None:
    drawn = kept.sample(opened, [5, 3, 3, 0])
    record = drawn.columns["record"]
    assert [record.values[code] for code in record.codes] == ["1", "3", "3", "6"]
    assert drawn.codes["7"].tolist() == [1, 3, 3, 1]
    assert drawn.original["7"].tolist() == [1, 2, 2, 1]
    assert drawn.cards == 4
    assert kept.sample(opened, []).cards == 0


def test_a_position_beyond_the_last_card_is_named(opened: kept.Store) -> None:
    with pytest.raises(kept.StoreError, match=r"has the cards 0 to 5; asked for 6"):
        kept.sample(opened, [0, 6])
    with pytest.raises(kept.StoreError, match=r"asked for -1"):
        kept.sample(opened, [-1])


def test_the_positions_of_a_precinct_are_told(opened: kept.Store) -> None:
    assert kept.positions(opened, {"precinct": "001"}).tolist() == [1, 2]
    assert kept.positions(opened, {}).tolist() == [0, 1, 2, 3, 4, 5]


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        (lambda s: kept.ballots(s, "Mayor"), "Mayor is not a contest of"),
        (lambda s: kept.ballots_by(s, "7", "colour"), "colour is not an attribute.*precinct, record"),
        (
            lambda s: kept.ballots(s, "7", {"precinct": "13"}),
            "No card of .* has the precinct '13'; there are: 12",
        ),
    ],
)
def test_what_is_not_there_is_named(opened: kept.Store, question: object, answer: str) -> None:
    with pytest.raises(kept.StoreError, match=answer):
        question(opened)  # type: ignore[operator]


def test_the_same_records_make_the_same_bytes(tmp_path: Path) -> None:
    one, other = kept.store(town(), tmp_path / "one"), kept.store(town(), tmp_path / "other")
    files = sorted(file.name for file in one.folder.iterdir())
    assert len(files) == 6
    for name in files:
        assert (one.folder / name).read_bytes() == (other.folder / name).read_bytes()


def test_the_fingerprint_is_of_what_the_cards_say_and_not_of_the_exports_name() -> None:
    renamed = msgspec.structs.replace(town(), source="copy of it")
    changed = msgspec.structs.replace(town(), codes={**town().codes, "bond": coded(2, 0, 2, 3, 1, 3)})
    assert kept.fingerprint(renamed) == kept.fingerprint(town())
    assert kept.fingerprint(changed) != kept.fingerprint(town())


# Bad input ----------------------------------------------------------------------------------


def test_a_folder_that_exists_is_left_alone(opened: kept.Store) -> None:
    with pytest.raises(kept.StoreError, match=r"exists already\. Nothing was changed"):
        kept.store(town(), opened.folder)


def test_records_that_contradict_themselves_are_not_kept(tmp_path: Path) -> None:
    wrong = msgspec.structs.replace(town(), codes={**town().codes, "bond": coded(9, 0, 0, 0, 0, 0)})
    with pytest.raises(kept.StoreError, match="found the code 9"):
        kept.store(wrong, tmp_path / "cards")
    assert list(tmp_path.iterdir()) == []


def test_an_attribute_that_would_clash_with_a_contest_is_refused(tmp_path: Path) -> None:
    wrong = msgspec.structs.replace(town(), columns={"c1": Column(("x",), coded(*[0] * 6))})
    with pytest.raises(kept.StoreError, match="no name of an attribute"):
        kept.store(wrong, tmp_path / "cards")


def test_a_text_that_cannot_be_written_leaves_nothing_behind(tmp_path: Path) -> None:
    wrong = msgspec.structs.replace(town(), columns={"batch": Column(("\ud800",), coded(*[0] * 6))})
    with pytest.raises(kept.StoreError):
        kept.store(wrong, tmp_path / "cards")
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_no_store_is_told(tmp_path: Path) -> None:
    with pytest.raises(kept.StoreError, match="is no card store"):
        kept.open_store(tmp_path)
    (tmp_path / "cards.json").write_text("[]", encoding="utf-8")
    with pytest.raises(kept.StoreError, match="cannot be read"):
        kept.open_store(tmp_path)


@pytest.mark.parametrize("name", ["cards", "contests", "choices", "patterns", "values"])
def test_a_damaged_file_is_told_in_a_sentence(opened: kept.Store, name: str) -> None:
    file = opened.folder / f"{name}.parquet"
    file.write_bytes(file.read_bytes()[:-20])
    with pytest.raises(kept.StoreError, match=rf"{name}.parquet: cannot be used"):
        kept.records(kept.open_store(opened.folder))
    file.unlink()
    with pytest.raises(kept.StoreError, match=rf"{name}.parquet is missing"):
        kept.open_store(opened.folder)


def test_a_store_with_other_cards_under_it_is_refused(opened: kept.Store, tmp_path: Path) -> None:
    fewer = kept.sample(opened, [0, 1])
    other = kept.store(fewer, tmp_path / "fewer")
    (opened.folder / "cards.parquet").write_bytes((other.folder / "cards.parquet").read_bytes())
    with pytest.raises(kept.StoreError, match="2 cards and 3 contests where 6 and 3 were kept"):
        kept.open_store(opened.folder)


def test_every_flip_of_a_byte_is_told_or_harmless(opened: kept.Store) -> None:
    """Damage is a StoreError or, where it hits what nobody reads, nothing; never another exception."""
    for name in ("cards", "patterns", "values"):
        file = opened.folder / f"{name}.parquet"
        whole = file.read_bytes()
        for at in range(0, len(whole), 97):
            file.write_bytes(whole[:at] + bytes([whole[at] ^ 0x55]) + whole[at + 1 :])
            with contextlib.suppress(kept.StoreError):
                kept.records(kept.open_store(opened.folder))
        file.write_bytes(whole)


# Any records at all -------------------------------------------------------------------------

TEXT = some.text(some.characters(exclude_categories=["Cs"]), max_size=8)


@some.composite
def worlds(draw: some.DrawFn) -> CastVoteRecords:
    """A few contests, patterns and attributes with any names, and up to 40 cards."""
    cards = draw(some.integers(0, 40))
    ids = draw(some.lists(TEXT, unique=True, max_size=3))
    contests = tuple(
        Contest(
            id_,
            draw(TEXT),
            draw(TEXT),
            tuple(Choice(n, draw(TEXT)) for n in draw(NAMES)),
            draw(COUNT),
            draw(COUNT),
        )
        for id_ in ids
    )
    patterns = {one.id: draw(patterns_of(one)) for one in contests}
    columns = {
        name: draw(some.lists(TEXT, min_size=1, max_size=4))
        for name in draw(some.lists(some.sampled_from(["batch", "precinct", "group"]), unique=True))
    }

    def numbers(low: int, most: int) -> plain.Codes:
        return coded(*draw(some.lists(some.integers(low, most), min_size=cards, max_size=cards)))

    codes = {one.id: numbers(0, len(patterns[one.id])) for one in contests}
    return CastVoteRecords(
        source=draw(TEXT),
        contests=contests,
        cards=cards,
        patterns=patterns,
        codes=codes,
        columns={n: Column(tuple(values), numbers(0, len(values) - 1)) for n, values in columns.items()},
        original={one.id: numbers(0, len(patterns[one.id])) for one in contests if draw(some.booleans())},
    )


NAMES = some.lists(TEXT.filter(bool), unique=True, max_size=3)
COUNT = some.integers(1, 9)


def patterns_of(contest: Contest) -> some.SearchStrategy[tuple[Pattern, ...]]:
    choice = some.sampled_from([*contest.choice_ids, "write_in", "write_in:someone else"])
    mark = some.builds(Mark, choice, some.integers(0, 5), some.integers(1, 9))
    flags = some.lists(some.sampled_from(plain.FLAGS), unique=True).map(lambda some_: tuple(sorted(some_)))
    pattern = some.builds(Pattern, some.lists(mark, max_size=4).map(tuple), flags)
    return some.lists(pattern, unique=True, max_size=5).map(tuple)


@settings(max_examples=25, deadline=None)
@given(worlds())
def test_any_records_come_back_as_they_were_and_group_as_numpy_groups_them(
    tmp_path_factory: pytest.TempPathFactory, records: CastVoteRecords
) -> None:
    opened = kept.store(records, tmp_path_factory.mktemp("any") / "cards")
    assert same(kept.records(opened), records)
    assert tuple(kept.all_ballots(opened)) == tuple(plain.ballots(records, c.id) for c in records.contests)
    for contest in records.contests:
        for name, column in records.columns.items():
            if len(set(column.values)) == len(column.values):
                assert kept.ballots_by(opened, contest.id, name) == plain.ballots_by(
                    records, contest.id, name
                )
    for name in records.columns:
        parts = [kept.ballots_by(opened, contest.id, name) for contest in records.contests]
        assert list(kept.all_ballots_by(opened, name)) == parts


@settings(max_examples=25, deadline=None)
@given(worlds())
def test_ballots_in_columns_say_what_ballots_say(
    tmp_path_factory: pytest.TempPathFactory, records: CastVoteRecords
) -> None:
    opened = kept.store(records, tmp_path_factory.mktemp("any") / "cards")
    for contest in records.contests:
        grouped = plain.ballots(records, contest.id)
        said = [
            ([(mark.choice, mark.rank) for mark in pattern.marks], set(pattern.flags), count)
            for pattern, count in zip(grouped.patterns, grouped.counts, strict=True)
        ]
        for columns in (kept.ballot_columns(opened, contest.id), plain.in_columns(grouped)):
            assert columns.contest == contest and rows_of(columns) == said


def rows_of(columns: BallotColumns) -> list[tuple[list[tuple[str, int]], set[str], int]]:
    """Each row's marks in order, its flags, and its cards."""
    marks: list[list[tuple[str, int]]] = [[] for _ in columns.counts]
    for row, rank, choice in zip(columns.row, columns.rank, columns.choice, strict=True):
        marks[row].append((columns.names[choice], int(rank)))
    flags = [{flag for flag, rows in columns.flags.items() if row in rows} for row in range(len(marks))]
    return list(zip(marks, flags, columns.counts.tolist(), strict=True))


def test_a_value_that_nobody_wrote_down_is_told(opened: kept.Store) -> None:
    """A store in which a card's precinct has no name is not counted by precinct."""
    import duckdb

    values = opened.file("values")
    duckdb.sql(
        f"COPY (SELECT * FROM read_parquet('{values}') WHERE value <> '') TO '{values}' (FORMAT parquet)"
    )
    with pytest.raises(kept.StoreError, match="precinct"):
        kept.ballots_by(opened, "7", "precinct")
