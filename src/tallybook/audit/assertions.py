"""Assertions: claims about all cards that, if every one is true, make the reported outcome correct.

For the statistician and the checker. An assertion says that a sum over all cards exceeds zero; each card adds
a whole number that depends only on how the card reads. Stark 2020 (SHANGRLA), section 2; the general linear
form is Blom et al. 2021, "Assertion-based approaches to auditing complex elections". The page that defines
every kind for a second implementation is ``docs/spec/assertions.md``. Nothing is computed here.
"""

from fractions import Fraction
from typing import Any

import msgspec

from tallybook.outcomes.words import listed


class Ahead(msgspec.Struct, frozen=True, tag_field="kind", tag="ahead"):
    """``winner`` has more votes (points, scores) than ``loser``."""

    winner: str
    loser: str


class Preferred(msgspec.Struct, frozen=True, tag_field="kind", tag="preferred"):
    """More cards score ``winner`` above ``loser`` than the reverse: the second step of STAR."""

    winner: str
    loser: str


class AboveShare(msgspec.Struct, frozen=True, tag_field="kind", tag="above_share"):
    """``choice`` has more than ``share`` of the votes. ``write_ins``: unlisted persons' votes count too."""

    choice: str
    share: Fraction
    write_ins: bool = False


class BelowShare(msgspec.Struct, frozen=True, tag_field="kind", tag="below_share"):
    """``choice`` has less than ``share`` of the votes, counted as in ``AboveShare``."""

    choice: str
    share: Fraction
    write_ins: bool = False


class SeatAhead(msgspec.Struct, frozen=True, tag_field="kind", tag="seat_ahead"):
    """votes(winner)/winner_divisor > votes(loser)/loser_divisor: a seat won before a seat not won."""

    winner: str
    loser: str
    winner_divisor: int
    loser_divisor: int


class RemainderAhead(msgspec.Struct, frozen=True, tag_field="kind", tag="remainder_ahead"):
    """seats x (votes(winner) - votes(loser)) > lead x votes(lists). Largest remainders, Hare quota.

    ``lead`` is the winner's seats less the loser's, less 1; ``lists`` are all that take part.
    """

    winner: str
    loser: str
    seats: int
    lead: int
    lists: tuple[str, ...]


class NotEliminatedBefore(msgspec.Struct, frozen=True, tag_field="kind", tag="neb"):
    """``winner`` has more first preferences than there are cards ranking ``loser`` ahead of ``winner``.

    So ``winner`` is never eliminated before ``loser`` (RAIRE: NEB, or WO for winner only).
    """

    winner: str
    loser: str


class NotEliminatedNext(msgspec.Struct, frozen=True, tag_field="kind", tag="nen"):
    """While exactly ``standing`` stand, ``winner`` has more votes than ``loser`` (RAIRE: NEN, or IRV)."""

    winner: str
    loser: str
    standing: tuple[str, ...]


class FirstsAbove(msgspec.Struct, frozen=True, tag_field="kind", tag="firsts_above"):
    """``choice`` has more than ``share`` of all first preferences: a quota in the first round."""

    choice: str
    share: Fraction


Assertion = (
    Ahead
    | Preferred
    | AboveShare
    | BelowShare
    | SeatAhead
    | RemainderAhead
    | NotEliminatedBefore
    | NotEliminatedNext
    | FirstsAbove
)
Ranked = NotEliminatedBefore | NotEliminatedNext


class Claim(msgspec.Struct, frozen=True):
    """Assertions that together imply the outcome ``says``. ``not_covered`` says what they leave unproved.

    No assertion and nothing uncovered: the cards could not elect anybody else.
    """

    contest_id: str
    says: str
    assertions: tuple[Assertion, ...]
    not_covered: tuple[str, ...] = ()


class FullCount(msgspec.Struct, frozen=True):
    """No sample can show this outcome; every card must be read. ``why`` says so in sentences."""

    contest_id: str
    why: tuple[str, ...]


def plain(assertion: Assertion) -> dict[str, Any]:
    """The assertion as published: strings, integers, booleans and lists. Spec, section 2."""
    row: dict[str, Any] = msgspec.to_builtins(assertion, enc_hook=str)
    return row


def from_plain(row: dict[str, Any]) -> Assertion:
    """The assertion of a published row. Raises msgspec.ValidationError where it is not one."""

    def decoded(kind: type, value: Any) -> Any:
        if kind is Fraction and isinstance(value, str):
            return Fraction(value)
        raise msgspec.ValidationError(f"Expected a share such as '1/2', found {value!r}.")

    found: Assertion = msgspec.convert(row, Assertion, dec_hook=decoded)
    return found


def words(assertion: Assertion) -> str:
    """The assertion as a sentence for the public."""
    match assertion:
        case Ahead(winner, loser):
            return f"{winner} has more votes than {loser}."
        case Preferred(winner, loser):
            return f"More cards prefer {winner} to {loser} than {loser} to {winner}."
        case AboveShare(choice, share):
            return f"{choice} has more than {share} of the votes."
        case BelowShare(choice, share):
            return f"{choice} has less than {share} of the votes."
        case SeatAhead(winner, loser, ours, theirs):
            return f"The votes of {winner} divided by {ours} exceed those of {loser} divided by {theirs}."
        case RemainderAhead(winner, loser, seats, lead):
            return f"{seats} x (votes of {winner} - votes of {loser}) exceeds {lead} x all votes."
        case NotEliminatedBefore(winner, loser):
            return f"{winner} is not eliminated before {loser}: its firsts exceed all that {loser} can get."
        case NotEliminatedNext(winner, loser, standing):
            return f"With only {listed(standing)} standing, {winner} has more votes than {loser}."
        case FirstsAbove(choice, share):
            return f"{choice} has more than {share} of the first preferences."
