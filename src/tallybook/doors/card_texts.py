"""How people write what stands on a card, as readings: `ann`, `ann;bob`, `ann > bob = cid`, `ann: 5; bob: 3`.

For the workbench's file of readings. Choices are named by id or name. Joined by ";" they are marks without
order; in a ranked contest ">" is "before" and "=" marks one rank twice (an overvote there); where choices get
points, ":" says how many. `blank`, `not on card` and `not found` say that no choice stands there, and why.
"""

from collections.abc import Sequence

from tallybook.doors.cli.shown import DoorError
from tallybook.doors.workbench_case import BY_RANK, POINTS, Case
from tallybook.election import Contest
from tallybook.election.cards import Mark, Pattern

NOT_ON_CARD, NOT_FOUND, BLANK = "not on card", "not found", "blank"


def codes_of(texts: Sequence[str], case: Case, known: dict[Pattern, int], where: str) -> list[int]:
    """The code of each text: -1 not found, 0 not on the card, else that of its pattern in ``known``.

    New patterns are added to ``known``. Raises DoorError with the choices that there are.
    """
    return [_code(text, case, known, where) for text in texts]


def _code(text: str, case: Case, known: dict[Pattern, int], where: str) -> int:
    plain = text.strip()
    if not plain:
        words = f"{BLANK}, {NOT_ON_CARD}, {NOT_FOUND}"
        raise DoorError(f"{where}: found nothing; expected what stands on the card, or {words}.")
    word = plain.casefold().replace("_", " ")
    if word in (NOT_FOUND, NOT_ON_CARD):
        return -1 if word == NOT_FOUND else 0
    pattern = Pattern(() if word == BLANK else _marks(plain, case, where))
    return known.setdefault(pattern, len(known) + 1)


def _marks(text: str, case: Case, where: str) -> tuple[Mark, ...]:
    """The marks of a card, in ballot order."""
    if case.rules.method in BY_RANK:
        found = [
            Mark(_choice(name, case.contest, where), rank)
            for rank, names in enumerate(text.split(">"), 1)
            for name in names.split("=")
        ]
    elif case.rules.method in POINTS:
        most = case.rules.count.most_points if case.rules.method in ("score", "star") else None
        found = [_points(part, case.contest, where, most) for part in text.split(";")]
    else:
        found = [Mark(_choice(name, case.contest, where)) for name in text.split(";")]
    order = {name: place for place, name in enumerate(case.contest.choice_ids)}
    return tuple(sorted(found, key=lambda mark: (order.get(mark.choice, len(order)), mark.rank)))


def _points(text: str, contest: Contest, where: str, most: int | None) -> Mark:
    name, colon, points = text.rpartition(":")
    if not (colon and points.strip().isdecimal()):
        raise DoorError(f'{where}: found "{text.strip()}"; expected a choice and its points, such as ann: 5.')
    if most is not None and int(points) > most:
        raise DoorError(f'{where}: found "{text.strip()}"; expected at most {most} points for a choice.')
    return Mark(_choice(name, contest, where), 0, int(points))


def _choice(text: str, contest: Contest, where: str) -> str:
    """The id of a choice that is named by its id or its name."""
    name = text.strip()
    if name in contest.choice_ids or name == "write_in" or name.startswith("write_in:"):
        return name
    same = [one.id for one in contest.choices if one.name.casefold() == name.casefold()]
    if len(same) == 1:
        return same[0]
    choices = ", ".join(one.name for one in contest.choices)
    raise DoorError(
        f'{where}: found "{name}"; expected choices of {contest.id} joined by ";" ({choices}, '
        f"write_in), or {BLANK}, {NOT_ON_CARD}, {NOT_FOUND}."
    )
