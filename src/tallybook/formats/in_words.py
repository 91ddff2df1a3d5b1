"""A reading of a ballot in words, for a sentence that says why a format cannot hold it."""

from tallybook.election import Contest
from tallybook.election.cards import Pattern

FLAGS = {
    "overvote": "does not count, being overvoted",
    "invalid": "does not count",
    "adjudicated": "was changed by people",
    "write_in_unresolved": "has a written name that nobody has read yet",
    "blank": "is blank",
}


def told(pattern: Pattern, contest: Contest) -> str:
    """What a ballot says, by the choices' names.

    >>> from tallybook.election import Choice
    >>> from tallybook.election.cards import Mark
    >>> mayor = Contest("m", "Mayor", "", (Choice("a", "Ann"), Choice("b", "Bo")))
    >>> told(Pattern((Mark("a", 1), Mark("b", 3))), mayor)
    'a ballot of Mayor that ranks Ann 1, Bo 3'
    """
    names = {choice.id: choice.name for choice in contest.choices}
    ranked = any(mark.rank for mark in pattern.marks)
    marks = [
        f"{names.get(mark.choice, mark.choice.replace('write_in', 'a written name'))}"
        + (f" {mark.rank}" if ranked else "")
        for mark in sorted(pattern.marks, key=lambda one: one.rank)
    ]
    said = f"{'ranks' if ranked else 'marks'} {', '.join(marks)}" if marks else "marks nobody"
    flags = [FLAGS.get(flag, flag) for flag in pattern.flags]
    return f"a ballot of {contest.name} that {' and '.join([said, *flags])}"
