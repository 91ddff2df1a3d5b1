"""Small helpers for the sentences in ``why``: numbers with separators, lists, exact percentages."""

from collections.abc import Iterable
from fractions import Fraction


def number(n: int) -> str:
    """12670 as '12,670'; -386 as '-386'."""
    return f"{n:,}"


def listed(names: Iterable[str]) -> str:
    """'a', 'a and b', 'a, b and c'; 'nobody' where there is none."""
    known = list(names)
    if not known:
        return "nobody"
    return " and ".join([", ".join(known[:-1]), known[-1]]) if len(known) > 1 else known[0]


def percent(share: Fraction) -> str:
    """A share as percent with four decimals, rounded half up in integers; 'about' where it is rounded."""
    scaled = share * 1_000_000
    rounded = (2 * scaled.numerator + scaled.denominator) // (2 * scaled.denominator)
    whole, part = divmod(abs(rounded), 10_000)
    sign = "-" if rounded < 0 else ""
    about = "" if rounded == scaled else "about "
    return f"{about}{sign}{whole}.{part:04d} percent"
