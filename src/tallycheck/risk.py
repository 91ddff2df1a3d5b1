"""Check 11, the number itself: the risk of a sample by the martingale of ``docs/spec/risk.md``.

For whoever must say whether a published risk is right and whether it meets the limit. Stakes are found
exactly. The wealth is kept as an integer of 192 bits and an exponent, cut downwards, so that it is known to
be at most one part in 2^150 too small; where a decision falls into that gap, exact fractions decide.

Numbers are integers from 0 to `top`. The null hypothesis is "the mean of the population is at most
`null` / `size`": without replacement `size` is the number of cards and `null` the sum that they would have;
with replacement the two are numerator and denominator of the null mean.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from fractions import Fraction
from typing import NamedTuple

UNIT = 2**24
CAP = 2**24 - 2**18
BITS = 192
SIGN_BITS = 96
TOLERANCE = Fraction(1, 100_000)

Prior = tuple[tuple[int, int], ...]


@dataclass(frozen=True)
class Null:
    """What is tested: the null mean, the greatest number, and the weights of values in draws expected."""

    null: int
    size: int
    top: int
    prior: Prior
    replaced: bool = False


class Wealth(NamedTuple):
    """A positive number between m 2^e and m 2^e (1 + 2^-150)."""

    m: int
    e: int


ONE = Wealth(1 << (BITS - 1), 1 - BITS)


@dataclass
class Run:
    """The martingale as it goes: one `draw` after another."""

    test: Null
    n: int = 0
    total: int = 0
    stake: int = 0
    wealth: Wealth = ONE
    best: Wealth = ONE
    certain: bool = False
    impossible: bool = False
    numbers: list[int] = field(default_factory=list)
    stakes: list[int] = field(default_factory=list)
    weights: dict[int, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.weights = dict(self.test.prior)

    def left(self) -> tuple[int, int]:
        """R and L of section 3: their quotient is the null mean of what is left."""
        if self.test.replaced:
            return self.test.null, self.test.size
        return self.test.null - self.total, self.test.size - self.n

    def next_stake(self) -> int:
        """The stake before the next draw (section 4), in units of 2^-24."""
        r, k = self.left()
        none = r <= 0 or r >= self.test.top * k
        if is_turn(self.n):
            self.stake = 0 if none else best_stake(self.weights, r, k)
        return 0 if none else self.stake

    def draw(self, x: int) -> None:
        """One number more (section 5)."""
        stake, (r, k) = self.next_stake(), self.left()
        self.stakes.append(stake)
        self.numbers.append(x)
        if not self.impossible and not self.certain:
            if r >= self.test.top * k:
                self.certain = True
            elif r > 0 and stake:
                self.wealth = times(self.wealth, (UNIT - stake) * r + stake * x * k, UNIT * r)
                self.best = greater(self.best, self.wealth)
        self.note(x, r)

    def note(self, x: int, r: int) -> None:
        """A number is drawn, where R was `r`: it counts for stakes, and may make the null impossible."""
        self.n, self.total = self.n + 1, self.total + x
        self.weights[x] = self.weights.get(x, 0) + 1
        gone = (r == 0 and x > 0) if self.test.replaced else self.total > self.test.null
        self.impossible = self.impossible or gone

    def decided(self) -> int | None:
        """The risk where it is 0 or 1 without a martingale: a census, or a null that is impossible."""
        if self.impossible:
            return 0
        if not self.test.replaced and self.n == self.test.size:
            return 1
        return None

    def meets(self, limit: Fraction) -> bool:
        """Whether the risk is at most the limit, exactly (section 6)."""
        known = self.decided()
        if known is not None:
            return known <= limit
        low = as_fraction(self.best)
        if low * limit >= 1:
            return True
        if low * limit * (1 + Fraction(1, 2**150)) < 1:
            return False
        return exact_best(self) * limit >= 1

    def risk(self) -> Fraction:
        """The risk, at most one part in 2^150 too large."""
        known = self.decided()
        return Fraction(known) if known is not None else 1 / as_fraction(self.best)

    def accepts(self, text: object) -> bool:
        """Whether a published string is this risk within the tolerance of section 7."""
        known = self.decided()
        if known is not None:
            return text == str(known)
        found, risk = published(text), self.risk()
        if found is None:
            return False
        if abs(decimal_exponent(risk) - (5 - found[1])) > 1 and found[1]:
            return False
        value = Fraction(found[0], 10 ** found[1])
        return risk * (1 - Fraction(1, 2**150)) <= value <= risk * (1 + TOLERANCE)


def measured(test: Null, numbers: Iterable[int]) -> Run:
    """The run over all these numbers."""
    run = Run(test)
    for x in numbers:
        run.draw(x)
    return run


def continued(known: Run | None, test: Null, numbers: list[int]) -> Run:
    """The run over all these numbers; one whose numbers are their beginning goes on and is not made anew."""
    if known is None or known.test != test or known.numbers != numbers[: known.n]:
        return measured(test, numbers)
    for x in numbers[known.n :]:
        known.draw(x)
    return known


def is_turn(n: int) -> bool:
    """Whether the stake is found anew at n: 0, 2^a or 3 2^a."""
    odd = n >> ((n & -n).bit_length() - 1) if n else 1
    return odd in (1, 3)


def best_stake(weights: dict[int, int], r: int, k: int) -> int:
    """The largest stake i in 0..CAP with g(i) >= 0, and 0 if there is none; r > 0."""
    terms = [(w * (v * k - r), v * k - r) for v, w in weights.items() if v * k != r]
    low, high = 0, CAP + 1
    while high - low > 1:
        middle = (low + high) // 2
        if not_falling(terms, r, middle):
            low = middle
        else:
            high = middle
    return low


def not_falling(terms: list[tuple[int, int]], r: int, i: int) -> bool:
    """Whether g(i) >= 0. Each term is cut to a multiple of 2^-96; the exact sum is asked only in the gap."""
    base = UNIT * r
    cut = sum((wa << SIGN_BITS) // (base + i * a) for wa, a in terms)
    if cut >= 0:
        return True
    if cut + len(terms) <= 0:
        return False
    return sum((Fraction(wa, base + i * a) for wa, a in terms), Fraction(0)) >= 0


def times(wealth: Wealth, over: int, under: int) -> Wealth:
    """The wealth times a fraction, cut to 192 bits."""
    shift = BITS + under.bit_length() - over.bit_length() + 2 - wealth.m.bit_length() + 1
    m = (wealth.m * over << shift) // under if shift > 0 else wealth.m * over // under
    e = wealth.e - max(shift, 0)
    spare = m.bit_length() - BITS
    return Wealth(m >> spare, e + spare) if spare > 0 else Wealth(m, e)


def greater(a: Wealth, b: Wealth) -> Wealth:
    """The greater of the two."""
    lower = min(a.e, b.e)
    return b if b.m << (b.e - lower) > a.m << (a.e - lower) else a


def as_fraction(wealth: Wealth) -> Fraction:
    """Its lower bound."""
    return Fraction(wealth.m << wealth.e) if wealth.e >= 0 else Fraction(wealth.m, 1 << -wealth.e)


def exact_best(run: Run) -> Fraction:
    """The greatest wealth, exactly, from the stakes and numbers of the run."""
    test, best, now = run.test, Fraction(1), Fraction(1)
    r, k = test.null, test.size
    for stake, x in zip(run.stakes, run.numbers, strict=True):
        if r >= test.top * k:
            break
        if r > 0:
            now *= Fraction((UNIT - stake) * r + stake * x * k, UNIT * r)
            best = max(best, now)
        if not test.replaced:
            r, k = r - x, k - 1
    return best


# The published string, section 7 ------------------------------------------------------------

_PLAIN = re.compile(r"0\.(0{0,5}[1-9][0-9]{5})\Z")
_SMALL = re.compile(r"([1-9])\.([0-9]{5})e-([1-9][0-9]{0,8})\Z")


def published(text: object) -> tuple[int, int] | None:
    """Digits and decimal places of a published string in its form, or None."""
    if not isinstance(text, str):
        return None
    if text in ("0", "1"):
        return int(text), 0
    plain, small = _PLAIN.match(text), _SMALL.match(text)
    if plain:
        return int(plain[1]), len(plain[1])
    if small and int(small[3]) > 6:
        return int(small[1] + small[2]), int(small[3]) + 5
    return None


def decimal_exponent(p: Fraction) -> int:
    """The e with 10^e <= p < 10^(e+1); p > 0."""
    e = (p.numerator.bit_length() - p.denominator.bit_length()) * 30103 // 100000
    while p < power(e):
        e -= 1
    while p >= power(e + 1):
        e += 1
    return e


def power(e: int) -> Fraction:
    """10^e."""
    return Fraction(10**e) if e >= 0 else Fraction(1, 10**-e)


def written(p: Fraction) -> str:
    """The published string of a risk, rounded up."""
    if p in (0, 1):
        return str(p)
    e = decimal_exponent(p)
    digits = -(-(p * power(5 - e)).numerator // (p * power(5 - e)).denominator)
    if digits == 10**6:
        digits, e = 10**5, e + 1
    if e >= 0:
        return "1"
    if e >= -6:
        return "0." + "0" * (-e - 1) + str(digits)
    return f"{str(digits)[0]}.{str(digits)[1:]}e{e}"
