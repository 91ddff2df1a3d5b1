"""Elections, contests, manifests and tallies are read from plain dicts; all problems are shown together."""

import datetime
from typing import Any

from tallybook.election import (
    Batch,
    Choice,
    Contest,
    read_contest,
    read_election,
    read_jurisdiction,
    read_manifest,
    read_tally,
)

CONTEST: dict[str, Any] = {
    "id": "us_senate",
    "name": "United States Senate",
    "office_class": "federal",
    "choices": [
        {"id": "perdue", "name": "David Perdue", "party": "Rep"},
        {"id": "ossoff", "name": "Jon Ossoff"},
    ],
}
SENATE = Contest(
    "us_senate",
    "United States Senate",
    "federal",
    (Choice("perdue", "David Perdue", "Rep"), Choice("ossoff", "Jon Ossoff")),
)


def where(problems: tuple[Any, ...]) -> list[str]:
    return [problem.where for problem in problems]


def test_a_contest_is_read_with_one_seat_and_one_vote_where_nothing_else_is_said() -> None:
    assert read_contest(CONTEST) == (SENATE, ())


def test_an_election_is_read_with_its_day_and_jurisdictions() -> None:
    data = {
        "id": "ga2020",
        "name": "General Election",
        "day": "2020-11-03",
        "contests": [CONTEST],
        "jurisdictions": [{"id": "ga", "name": "Georgia"}, {"id": "cobb", "name": "Cobb", "within": "ga"}],
    }
    election, problems = read_election(data)
    assert problems == () and election is not None
    assert election.day == datetime.date(2020, 11, 3)
    assert election.contests == (SENATE,)
    assert [place.within for place in election.jurisdictions] == ["", "ga"]


def test_every_problem_of_an_election_is_found_in_one_reading() -> None:
    data = {
        "id": "",
        "name": 7,
        "day": "2020-W45-2",
        "contests": [{**CONTEST, "seats": True}],
        "colour": "red",
    }
    election, problems = read_election(data)
    assert election is None
    assert where(problems) == [
        "election", "election, id", "election, name", "election, day", "election, contests 1, seats",
    ]  # fmt: skip
    assert str(problems[3]) == (
        "election, day: found '2020-W45-2'; expected a date as YYYY-MM-DD. Write it like 2020-11-03."
    )


def test_what_is_not_a_table_is_told_so() -> None:
    for reader in (read_election, read_contest, read_manifest):
        value, problems = reader(["nothing"])
        assert value is None and problems
    place, problems = read_jurisdiction(None, "jurisdiction")
    assert place is None and problems[0].found == "nothing"


def test_two_choices_or_contests_of_one_id_are_a_problem() -> None:
    twice = {**CONTEST, "choices": [CONTEST["choices"][0]] * 2}
    assert read_contest(twice)[1][0].found == "perdue more than once"
    data = {"id": "e", "name": "E", "day": datetime.date(2020, 11, 3), "contests": [CONTEST, CONTEST]}
    assert where(read_election(data)[1]) == ["election, contests"]


def test_a_manifest_is_read_and_its_total_is_checked() -> None:
    batches = [
        {"jurisdiction": "appling", "id": "01", "cards": 25},
        {"jurisdiction": "cobb", "id": "01", "cards": 2, "card_ids": ["a", "b"]},
    ]
    manifest, problems = read_manifest({"batches": batches, "total": 27})
    assert problems == () and manifest is not None
    assert manifest.cards == 27
    assert manifest.batches[1] == Batch("cobb", "01", 2, card_ids=("a", "b"))
    _, problems = read_manifest({"batches": batches, "total": 28})
    assert (problems[0].found, problems[0].expected) == ("28", "the sum of the batches, 27")


def test_a_batch_listed_twice_in_a_county_is_a_problem_but_not_in_two_counties() -> None:
    batch = {"jurisdiction": "appling", "id": "01", "cards": 25}
    assert read_manifest({"batches": [batch, {**batch, "jurisdiction": "cobb"}]})[1] == ()
    assert read_manifest({"batches": [batch, batch]})[1][0].found == "appling 01 more than once"


def test_card_ids_must_be_as_many_as_cards_and_unique() -> None:
    batch = {"jurisdiction": "appling", "id": "01", "cards": 3, "card_ids": ["a", "a"]}
    found = [problem.found for problem in read_manifest({"batches": [batch]})[1]]
    assert found == ["2 ids", "appling a more than once"]


def test_cards_written_with_a_letter_are_a_problem() -> None:
    _, problems = read_manifest({"batches": [{"jurisdiction": "appling", "id": "41", "cards": "12O4"}]})
    assert str(problems[0]) == (
        "manifest, batches 1, cards: found '12O4'; expected a whole number, 0 or more. Correct the number."
    )


def test_a_tally_is_put_into_ballot_order() -> None:
    data = {
        "contest_id": "us_senate",
        "votes": {"ossoff": 4, "perdue": 3},
        "ballots": 8,
        "undervotes": 1,
        "overvotes": 0,
        "modes": {"advance": {"ossoff": 4}, "election_day": {"perdue": 3}},
    }
    tally, problems = read_tally(data, SENATE)
    assert problems == () and tally is not None
    assert tally.votes == (("perdue", 3), ("ossoff", 4))
    assert tally.modes[0].votes == (("perdue", 0), ("ossoff", 4))


def test_a_tally_that_disagrees_with_itself_is_not_read() -> None:
    data = {
        "contest_id": "us_senate",
        "votes": {"ossoff": 4, "perdue": 3},
        "modes": {"advance": {"ossoff": 4}},
    }
    tally, problems = read_tally(data, SENATE)
    assert tally is None
    assert where(problems) == ["tally of us_senate, perdue"]


def test_a_choice_left_out_of_a_tally_is_a_problem_and_not_zero() -> None:
    _, problems = read_tally({"contest_id": "us_senate", "votes": {"ossoff": 4}}, SENATE)
    assert problems[0].found == "no votes for perdue"


def test_votes_and_modes_of_the_wrong_shape_are_problems() -> None:
    _, problems = read_tally({"contest_id": "us_senate", "votes": [4, 3], "modes": "advance"}, SENATE)
    assert where(problems) == ["tally, modes", "tally, votes"]
    _, problems = read_tally({"contest_id": "us_senate", "votes": {"ossoff": 4.0, "perdue": -1}}, SENATE)
    assert [problem.found for problem in problems] == ["4.0", "-1"]
