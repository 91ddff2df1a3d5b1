"""Files of ranked ballots: RAIRE, RCTab, BLT, PrefLib."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tallybook.election import Choice, Contest
from tallybook.election.cards import Ballots, Mark, Pattern, ballots, check_records
from tallybook.formats.archives import InMemory
from tallybook.formats.blt import BltFile, read_blt, write_blt
from tallybook.formats.detect import read_any
from tallybook.formats.preflib import read_preflib, write_preflib
from tallybook.formats.raire import Reported, read_raire, write_raire
from tallybook.formats.rctab import read_config, read_generic, read_neutral, write_neutral


def said(problems: object) -> str:
    return " ".join(map(str, problems))  # type: ignore[call-overload]


@st.composite
def rankings(draw: st.DrawFn, choices: int, *, ties: bool = False, gaps: bool = False) -> Pattern:
    chosen = draw(st.lists(st.integers(1, choices), unique=True, max_size=choices))
    marks, rank = [], 1
    for number in chosen:
        marks.append(Mark(str(number), rank))
        if not (ties and draw(st.booleans())):
            rank += 1 + (draw(st.integers(0, 1)) if gaps else 0)
    return Pattern(tuple(sorted(marks, key=lambda mark: int(mark.choice))))


@st.composite
def grouped(draw: st.DrawFn, *, gaps: bool) -> Ballots:
    names = draw(
        st.lists(st.text('ab "\\#(', min_size=1, max_size=4).map(lambda t: f"x{t}x"), min_size=1, max_size=4)
    )
    choices = tuple(Choice(str(k), name) for k, name in enumerate(names, 1))
    held = draw(st.lists(rankings(len(names), ties=True, gaps=gaps), unique=True, max_size=5))
    counts = draw(st.lists(st.integers(1, 10**6), min_size=len(held), max_size=len(held)))
    seats = draw(st.integers(1, 3)) if gaps else 1
    return Ballots(Contest("Ward 1", "Ward 1", "", choices, seats), tuple(held), tuple(counts))


# BLT ------------------------------------------------------------------------------------------

BLT = b"""4 2          # four candidates for two seats
-2           # Bob withdrew
3 1 3 4 0
2 1 0
1 3=4 - 2 0
(b17) 2 3 1 0
5 0
0
"Ann ""
"Bob"
"Cy \\"C\\" Ash"
"Di"
"Kite Club"
""".replace(b'"Ann ""', b'"Ann"')


def test_a_blt_file_gives_seats_names_withdrawals_and_grouped_ballots() -> None:
    found, problems = read_blt(BLT, "club.blt")
    assert problems == ()
    assert found is not None
    assert found.withdrawn == ("2",)
    contest = found.ballots.contest
    assert (contest.name, contest.seats) == ("Kite Club", 2)
    assert [choice.name for choice in contest.choices] == ["Ann", "Bob", 'Cy "C" Ash', "Di"]
    counts = dict(zip(found.ballots.patterns, found.ballots.counts, strict=True))
    assert counts == {
        Pattern((Mark("1", 1), Mark("3", 2), Mark("4", 3))): 3,
        Pattern((Mark("1", 1),)): 2,
        Pattern((Mark("2", 3), Mark("3", 1), Mark("4", 1))): 1,
        Pattern((Mark("1", 2), Mark("3", 1))): 2,
        Pattern(()): 5,
    }


@given(grouped(gaps=True), st.booleans())
def test_a_blt_file_reads_back_equal(held: Ballots, withdraws: bool) -> None:
    file = BltFile(held, ("1",) if withdraws else ())
    assert read_blt(write_blt(file), "x") == (file, ())


@pytest.mark.parametrize(
    "data",
    [
        b"", b"x", b"2", b"0 1\n0\n",
        b"2 1\n1 3 0\n0\n\"A\"\n\"B\"\n\"T\"\n", b"2 1\n1 1 1 0\n0\n\"A\"\n\"B\"\n\"T\"\n",
        b"2 1\n1 1\n0\n\"A\"\n\"B\"\n\"T\"\n", b"2 1\n0.5 1 0\n0\n\"A\"\n\"B\"\n\"T\"\n",
        b"2 1\n-1 1 0\n0\n\"A\"\n\"B\"\n\"T\"\n", b"2 1\n1 1 0\n0\n\"A\"\n", b"2 1\n1 1 0\n", b"\xff\xfe\x00",
        b"99999999 1\n0\n",
    ],
)  # fmt: skip
def test_a_broken_blt_file_gives_a_problem(data: bytes) -> None:
    found, problems = read_blt(data, "club.blt")
    assert found is None
    assert problems


# PrefLib --------------------------------------------------------------------------------------

TOI = b"""# FILE NAME: 00001-00000001.toi
# TITLE: 2002 Dublin North
# NUMBER ALTERNATIVES: 3
# NUMBER VOTERS: 12
# NUMBER UNIQUE ORDERS: 3
# ALTERNATIVE NAME 1: Ann
# ALTERNATIVE NAME 2: Bob
# ALTERNATIVE NAME 3: Cy: the Third
7: 1,2,3
4: {2,3},1
1: 3
"""


def test_a_preflib_file_gives_names_and_orders() -> None:
    found, problems = read_preflib(TOI, "dublin.toi")
    assert problems == ()
    assert found is not None
    assert [choice.name for choice in found.contest.choices] == ["Ann", "Bob", "Cy: the Third"]
    assert dict(zip(found.patterns, found.counts, strict=True)) == {
        Pattern((Mark("1", 1), Mark("2", 2), Mark("3", 3))): 7,
        Pattern((Mark("1", 2), Mark("2", 1), Mark("3", 1))): 4,
        Pattern((Mark("3", 1),)): 1,
    }


OLD = b"""3
1,Ann
2,Bob
3,"Cy, the Third"
12,12,3
7,1,2,3
4,{2,3},1
1,3
"""


def test_a_preflib_file_from_before_2022_says_the_same_without_keys() -> None:
    """The form that preflib.org described until 2021: names, three sums, then a line for each order."""
    found, problems = read_preflib(OLD, "dublin.toi")
    now, _ = read_preflib(TOI, "dublin.toi")
    assert problems == () and found is not None and now is not None
    assert (found.patterns, found.counts) == (now.patterns, now.counts)
    assert [one.name for one in found.contest.choices] == ["Ann", "Bob", '"Cy, the Third"']


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"12,12,3", b"12,13,3"), (b"12,12,3", b"12,12,4"), (b"12,12,3", b"12,12"), (b"2,Bob\n", b""),
        (b"7,1,2,3", b"7,1,2,4"), (b"1,3\n", b""), (b"7,1", b"-7,1"), (b"2,Bob", b"two,Bob"), (OLD, b"3\n"),
    ],
)  # fmt: skip
def test_a_broken_preflib_file_from_before_2022_gives_a_problem(old: bytes, new: bytes) -> None:
    assert old in OLD
    found, problems = read_preflib(OLD.replace(old, new, 1), "dublin.toi")
    assert found is None
    assert problems


@pytest.mark.parametrize(("data", "name"), [(OLD, "x.toi"), (TOI, "x.toi"), (BLT, "x.blt")])
def test_a_file_of_piles_is_read_as_one_card_for_each_ballot(data: bytes, name: str) -> None:
    reading = read_any(InMemory({name: data}))
    assert reading.records is not None, list(map(str, reading.problems))
    held = read_blt(data, name)[0] if name == "x.blt" else None
    piles = held.ballots if held is not None else read_preflib(data, name)[0]
    assert piles is not None
    (contest,) = reading.records.contests
    again = ballots(reading.records, contest.id)
    assert dict(zip(again.patterns, again.counts, strict=True)) == dict(
        zip(piles.patterns, piles.counts, strict=True)
    )
    assert check_records(reading.records) == ()


def test_a_pile_of_more_ballots_than_any_election_has_is_refused_before_it_is_laid_out() -> None:
    reading = read_any(InMemory({"x.blt": BLT.replace(b"\n3 1 3", b"\n999999999999 1 3", 1)}))
    assert reading.records is None
    assert "at most 200,000,000 ballots" in str(reading.problems[0])


def test_choices_that_withdrew_are_told_with_what_to_write_into_the_rules() -> None:
    (problem,) = read_any(InMemory({"x.blt": b'2 1\n-2\n3 1 2 0\n0\n"Ann"\n"Bob"\n"Board"\n'})).problems
    assert problem.found == 'withdrawn: "Bob"' and "`excluded`" in problem.mend


def test_a_table_of_ranks_is_told_by_its_headings_and_what_was_taken_for_choices_is_told() -> None:
    data = b"Ballot ID,Precinct,Ann,Bob,Cy\n7,North,1,,2\n8,South,2,1,\n"
    reading = read_any(InMemory({"mayor.csv": data}))
    assert reading.records is not None
    (contest,) = reading.records.contests
    assert (contest.name, contest.choice_ids) == ("mayor", ("Ann", "Bob", "Cy"))
    assert reading.records.patterns["mayor"][0].marks == (Mark("Ann", 1), Mark("Cy", 2))
    assert 'the columns "Ann", "Bob", "Cy"' in str(reading.problems[0])


@given(grouped(gaps=False))
def test_a_preflib_file_reads_back_equal(held: Ballots) -> None:
    assert read_preflib(write_preflib(held, "x.toi"), "x.toi") == (held, ())


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"1: 3\n", b""), (b"VOTERS: 12", b"VOTERS: 13"), (b"7: 1,2,3", b"7: 1,2,4"),
        (b"7: 1,2,3", b"7: 1,1"),
        (b"7: 1", b"-7: 1"), (b"{2,3},1", b"{2,{3}},1"), (b"{2,3},1", b"{2,3,1"),
        (b"# ALTERNATIVE NAME 2: Bob\n", b""),
        (b"ALTERNATIVES: 3", b"ALTERNATIVES: many"), (b"7: 1,2,3", b"7: 1,,2"),
    ],
)  # fmt: skip
def test_a_broken_preflib_file_gives_a_problem(old: bytes, new: bytes) -> None:
    assert old in TOI
    found, problems = read_preflib(TOI.replace(old, new), "dublin.toi")
    assert found is None
    assert problems


# RAIRE ----------------------------------------------------------------------------------------

RAIRE = b"""2
Contest,334,4,5,3,4,15,winner,4,informal,2
Contest,9,2,1,2
334,99813_1_1,3,5
334,99813_1_3,15
334,99813_1_6
9,99813_1_6,2,1
"""


def test_a_raire_file_gives_rankings_by_contest_and_ballot() -> None:
    read, reported = read_raire(RAIRE, "sf.raire")
    assert read.problems == ()
    assert read.records is not None
    assert reported["334"] == Reported("4", 2)
    assert read.records.cards == 3
    assert read.records.columns["record"].values == ("99813_1_1", "99813_1_3", "99813_1_6")
    assert ballots(read.records, "334").patterns == (
        Pattern((Mark("5", 2), Mark("3", 1))),
        Pattern((Mark("15", 1),)),
        Pattern(()),
    )
    assert read.records.codes["9"].tolist() == [0, 0, 1]


def test_a_raire_file_is_written_as_it_was_read() -> None:
    read, reported = read_raire(RAIRE, "sf.raire")
    assert read.records is not None
    assert write_raire(read.records, reported) == RAIRE


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"334,99813_1_3,15", b"334,99813_1_3,16"), (b"334,99813_1_3,15", b"335,99813_1_3,15"),
        (b"334,99813_1_3,15", b"334,99813_1_1,15"), (b"3,5\n", b"3,3\n"), (b"2\nContest", b"x\nContest"),
        (b"2\nContest", b"20\nContest"), (b"334,4,5,3", b"334,4,5,5"),
        (b"Contest,9,2,1,2", b"Contest,9,3,1,2"),
        (b"334,99813_1_6\n", b"334\n"),
    ],
)  # fmt: skip
def test_a_broken_raire_file_gives_a_problem(old: bytes, new: bytes) -> None:
    assert old in RAIRE
    read, _ = read_raire(RAIRE.replace(old, new, 1), "sf.raire")
    assert read.records is None
    assert read.problems


def test_what_raires_form_cannot_say_is_not_written_away() -> None:
    read = read_generic(b"Ann,Bob\n1,1\n", "x", "Mayor")
    assert read.records is not None
    with pytest.raises(ValueError, match="no plain ranking"):
        write_raire(read.records)


# RCTab ----------------------------------------------------------------------------------------

HEAD = "Source Filepath,CVR Provider,Contest Id,Tabulator Id,Batch Id,Record Id,Precinct,Precinct Portion"
NEUTRAL = f"""{HEAD},Rank 1,Rank 2,Rank 3
cvr.zip,Dominion,Mayor,1,7,1,North,,Ann,Bob,undervote
cvr.zip,Dominion,Mayor,1,7,2,North,,undervote,Ann,Cy
cvr.zip,Dominion,Mayor,1,7,3,South,,overvote,Bob,undervote
cvr.zip,Dominion,Mayor,1,7,4,South,,undervote,undervote,undervote
""".encode()


def test_a_neutral_export_gives_ranks_skips_and_overvotes() -> None:
    read = read_neutral(NEUTRAL, "rctab_cvr.csv")
    assert read.records is not None
    first, second, third, fourth = ballots(read.records, "Mayor").patterns
    assert first.marks == (Mark("Ann", 1), Mark("Bob", 2))
    assert second.marks == (Mark("Ann", 2), Mark("Cy", 3))
    assert [mark.rank for mark in third.marks] == [2, 1, 1]
    assert fourth.marks == ()
    assert read.records.columns["precinct"].values == ("North", "South")


def test_a_neutral_export_reads_back_equal_line_by_line() -> None:
    read = read_neutral(NEUTRAL, "rctab_cvr.csv")
    assert read.records is not None
    again = write_neutral(read.records, "Dominion").decode("utf-8-sig").replace("\r\n", "\n")
    assert again.replace("rctab_cvr.csv", "cvr.zip") == NEUTRAL.decode()


def test_a_generic_csv_holds_ranks_by_choice() -> None:
    read = read_generic(b"id,Ann,Bob,Cy\nb1,2,1,\nb2,1,1,3\nb3,,,\n", "votes.csv", "Mayor", 2)
    assert read.records is not None
    assert ballots(read.records, "Mayor").patterns == (
        Pattern((Mark("Ann", 2), Mark("Bob", 1))),
        Pattern((Mark("Ann", 1), Mark("Bob", 1), Mark("Cy", 3))),
        Pattern(()),
    )


@pytest.mark.parametrize("cell", [b"0", b"-1", b"x", b"1.5"])
def test_a_rank_that_is_no_rank_is_refused(cell: bytes) -> None:
    read = read_generic(b"Ann,Bob\n1," + cell + b"\n", "votes.csv", "Mayor")
    assert read.records is None


@pytest.mark.parametrize("data", [b"", b"a,b\n1,2\n", HEAD.encode() + b"\n", HEAD.encode() + b",Rank 2\n"])
def test_what_is_no_neutral_export_gives_a_problem(data: bytes) -> None:
    read = read_neutral(data, "x.csv")
    assert read.records is None
    assert read.problems


def test_a_configuration_must_state_the_rules_that_a_count_needs() -> None:
    rules = b'{"tiebreakMode":"random","overvoteRule":"exhaustImmediately",'
    rules += b'"winnerElectionMode":"singleWinnerMajority"'
    good = (
        b'{"cvrFileSources":[],"candidates":[{"name":"Ann"}],"rules":'
        + rules
        + b',"maxRankingsAllowed":"max"}}'
    )
    found, problems = read_config(good, "config.json")
    assert problems == ()
    assert found is not None
    assert found["rules"]["overvoteRule"] == "exhaustImmediately"
    found, problems = read_config(good.replace(b"overvoteRule", b"overvote"), "config.json")
    assert found is None
    assert 'no rule "overvoteRule"' in said(problems)
    for broken in (b"", b"[]", b"{", b"[" * 100_000):
        assert read_config(broken, "config.json")[0] is None


def test_an_overvote_whose_choices_are_hidden_is_the_same_whoever_hides_it() -> None:
    """The cells of ES&S and of RCTab both say "overvote": the same ballot, so the same reading."""
    ess = b"Cast Vote Record,Precinct,For Mayor Choice 1 (45),For Mayor Choice 2 (45)\n1,North,overvote,Ann\n"
    first = read_any(InMemory({"cards.csv": ess})).records
    assert first is not None
    second = read_neutral(write_neutral(first), "x.csv").records
    assert second is not None
    (one,), (other,) = (held.patterns[held.contests[0].id] for held in (first, second))
    assert set(one.marks) == set(other.marks)
