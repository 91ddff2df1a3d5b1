"""What the card commands are made of: rules as text, card styles, contests of many jurisdictions as one."""

import datetime
import random
from collections import Counter
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from tallybook.doors.cli.shown import DoorError
from tallybook.doors.contest_parts import added, named_contest, together
from tallybook.doors.counts import counted, lines
from tallybook.doors.rules_text import rules_text
from tallybook.doors.styles import cards_of_styles
from tallybook.election import Choice, Contest
from tallybook.election.cards import Ballots, CastVoteRecords, Mark, Pattern, narrowed
from tallybook.outcomes import BallotRules, CountRules, Rules, TieRules, read_rules

RULES = sorted((Path(__file__).resolve().parents[2] / "docs" / "reference" / "rules").glob("*.toml"))


@pytest.mark.parametrize("file", RULES, ids=lambda file: file.stem)
def test_the_rules_of_every_law_survive_being_written(file: Path) -> None:
    rules, _ = read_rules(file.read_text(encoding="utf-8"))
    assert rules is not None
    assert read_rules(rules_text(rules)) == (rules, ())


def test_every_kind_of_value_survives_being_written() -> None:
    odd = 'Zoë "Q" O\'Hara \\ \t\x7f\n☃'
    rules = Rules(
        odd, "super_majority", (odd, ""), (), 3, (odd,),
        BallotRules(5, "skip", 0, "exhaust"),
        CountRules(share=Fraction(2, 3), points=(Fraction(3), Fraction(1, 2)), quota_form="next_unit",
                   runoff_on=datetime.date(2021, 1, 5)),
        TieRules(("order", "lot"), (odd, "b")),
    )  # fmt: skip
    assert read_rules(rules_text(rules)) == (rules, ())


# Styles ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("contests", [0, 1, 5, 62, 63, 130])
def test_a_style_is_the_set_of_contests_on_a_card(contests: int) -> None:
    """Compared with sets of contests counted card by card."""
    roll = random.Random(contests)
    kinds = [tuple(roll.random() < 0.5 for _ in range(contests)) for _ in range(7)]
    cards = [roll.choice(kinds) for _ in range(200)]
    nouns = tuple(Contest(str(n), "", "", ()) for n in range(contests))
    codes = {one.id: narrowed(np.array([card[n] for card in cards], int)) for n, one in enumerate(nouns)}
    patterns = {one.id: (Pattern(()),) for one in nouns}
    records = CastVoteRecords("x", nouns, 200, patterns, codes, {})
    assert cards_of_styles(records) == tuple(sorted(Counter(cards).values(), reverse=True))


# Many jurisdictions ---------------------------------------------------------------------------


def sheriff(ids: str, *votes: int, seats: int = 1) -> Ballots:
    """A county's sheriff: its own ids for Ann, Bo, Cy ... in its own order."""
    names = {"a": "Ann", "b": "Bo", "c": "Cy"}
    contest = Contest(f"id {ids}", "Sheriff", "", tuple(Choice(f"{ids}-{i}", names[i]) for i in ids), seats)
    patterns = tuple(Pattern((Mark(f"{ids}-{i}"),)) for i in ids)
    return Ballots(contest, patterns, votes)


def test_choices_of_counties_are_one_where_their_names_are_one() -> None:
    parts = together({"Lee": {"": sheriff("ab", 5, 3)}, "Clay": {"": sheriff("bca", 2, 1, 4)}})
    assert list(parts) == ["Lee", "Clay"]
    result = counted(parts, by=True)
    assert result.tally is not None
    assert dict(result.tally.votes) == {"Ann": 9, "Bo": 5, "Cy": 1}
    assert {name: dict(one.votes) for name, one in result.tally_by.items()} == {
        "Lee": {"Ann": 5, "Bo": 3, "Cy": 0},
        "Clay": {"Ann": 4, "Bo": 2, "Cy": 1},
    }
    assert added(parts.values()).counts == (9, 5, 1)


def test_counties_that_differ_on_the_seats_are_not_added() -> None:
    with pytest.raises(DoorError, match="differ on the seats of Sheriff"):
        together({"Lee": {"": sheriff("ab", 5, 3)}, "Clay": {"": sheriff("ab", 2, 1, seats=2)}})


def test_two_choices_of_one_name_stay_two() -> None:
    contest = Contest("1", "Clerk", "", (Choice("7", "J. Doe"), Choice("9", "J. Doe"), Choice("3", "")))
    ballots = Ballots(contest, tuple(Pattern((Mark(i),)) for i in ("7", "9", "3")), (2, 5, 1))
    result = counted(together({"": {"": ballots}}))
    assert result.tally is not None
    assert dict(result.tally.votes) == {"J. Doe (7)": 2, "J. Doe (9)": 5, "(3)": 1}


def test_a_contest_is_found_by_id_then_by_name_and_never_guessed() -> None:
    contests = [Contest("1", "Mayor", "", ()), Contest("2", "Clerk", "", ()), Contest("3", "Clerk", "", ())]
    assert named_contest(contests, "1") == contests[0]
    assert named_contest(contests, " mayor ") == contests[0]
    assert named_contest(contests, "Mayors") is None
    with pytest.raises(DoorError, match=r"the name of 2 contests\. Say which by its id: 2, 3"):
        named_contest(contests, "Clerk")


def test_bars_are_as_long_as_their_share_of_the_longest() -> None:
    told = list(lines(counted(together({"": {"": sheriff("abc", 300, 150, 0)}})), "#"))
    rows = [line for line in told if (line.startswith("  ") and "#" in line) or line.endswith("0")]
    assert [line.count("#") for line in rows] == [30, 15, 0]
    assert "Ann  300" in rows[0]
