"""Check 6, what was reported in each stratum, and the points that follow: audit specification, section 4."""

from array import array
from collections.abc import Callable, Iterable, Set
from dataclasses import dataclass, field
from typing import Any

from .assertions import counts_by_votes
from .auditplan import BATCHES, COMPARISON, POLLING, POOLS, PlannedStratum
from .auditreadings import fits
from .audits import Stratum, summed
from .canonical import NotCanonical, read
from .draw import Manifest
from .effects import Desk
from .failure import Failed, shown
from .measuring import Claim, pool_steps, pool_value, spread
from .outcomes import is_count_by
from .published import NO_RECORD, BadCards, Cards, looked_through, parse_head, read_rows
from .standing import Contest
from .totals import Asked, BadTotals, Pools, pools_of, rankings

LONGEST_REPORTED = 64 << 20
TOTALS = "tallybook/batch-totals/v1"
MOST_WEIGHED = 300_000_000  # patterns, readings, pools and batches times assertions in a plan: some minutes


@dataclass(frozen=True)
class Source:
    """Where exhibits are found, for the act that commits a plan, and the manifest of the plan."""

    desk: Desk
    seq: int
    named: Set[str]
    manifest: Manifest
    places: dict[str, int]
    left: list[int] = field(default_factory=lambda: [MOST_WEIGHED])

    def weigh(self, rows: int, assertions: int) -> None:
        """So many rows are weighed for so many assertions; check 10 fails where a plan asks for too much."""
        self.left[0] -= rows * assertions
        if self.left[0] < 0:
            words = f"rows times assertions are more than {MOST_WEIGHED}: more than this checker adds up"
            raise Failed(10, words, entry=self.seq)

    def wrong(self, words: str) -> Failed:
        """Check 6 fails."""
        return Failed(6, words, entry=self.seq)

    def exhibit(self, name: str, what: str) -> bytes:
        """An exhibit that says what was reported."""
        if name not in self.named:
            raise self.wrong(f"{what} is no public exhibit of this or an earlier act")
        return self.desk.exhibit(name, LONGEST_REPORTED, 6, self.seq)


def population_of(planned: PlannedStratum, source: Source) -> "range | array[int]":
    """The places of the stratum's batches in the manifest, ascending, whose cards are N."""
    if planned.batches is None:
        places: range | array[int] = range(len(source.manifest.batches))
        cards = source.manifest.cards
    else:
        unknown = next((name for name in planned.batches if name not in source.places), None)
        if unknown is not None:
            raise source.wrong(f"the batch {shown(unknown)} of {planned.key} is not in the manifest")
        places = array("q", sorted(source.places[name] for name in planned.batches))
        cards = sum(source.manifest.batches[b][1] for b in places)
    if cards != planned.cards:
        raise source.wrong(f"`cards` of {planned.key}: found {planned.cards}; its batches hold {cards}")
    return places


# Reading ------------------------------------------------------------


def read_reported(stratum: Stratum, source: Source) -> None:
    """What was reported is in its form and fits the population; the phantoms."""
    READ[stratum.plan.evidence](stratum, source)


def read_cards(stratum: Stratum, source: Source) -> None:
    """Published cards: their form, their contest, their number."""
    pooled = sum(source.manifest.batches[b][1] for b in stratum.pools.places) if stratum.pools else 0
    rows = stratum.plan.cards - pooled
    raw = source.exhibit(stratum.plan.reported, f"`reported` of {stratum.plan.key}")

    def found() -> Cards:
        head = parse_head(raw)
        lengths = {n: source.desk.lengths[n] for n in {head.codes, head.commitments} & source.named}
        return read_rows(head, source.desk.tree.source, lengths, source.desk.room)

    try:
        stratum.cards = source.desk.known(("cards", stratum.plan.reported), found)
        head = stratum.cards.head
        require_same_contest(head.contest, stratum.claims.contest)
        if head.cards != rows:
            raise BadCards(f"there are {head.cards} rows; the population has {rows} cards with a row")
    except BadCards as problem:
        raise source.wrong(f"the published cards of {stratum.plan.key}: {problem}") from None
    stratum.phantoms = flagged(stratum, NO_RECORD)


def require_same_contest(found: dict[str, Any], contest: Contest) -> None:
    """The contest of the published cards is that of the book."""
    ids = [choice["id"] for choice in found["choices"]]
    here = (found["id"], found["seats"], found["votes_allowed"], ids)
    if here != (contest.id, contest.seats, contest.votes_allowed, contest.choices):
        raise BadCards("id, seats, votes allowed or choices are not those of the book")


def flagged(stratum: Stratum, flag: str) -> int:
    """How many rows have that flag."""
    assert stratum.cards is not None
    pairs = zip(stratum.cards.head.patterns, stratum.cards.counts, strict=True)
    return sum(n for pattern, n in pairs if flag in pattern.flags)


def read_pools(stratum: Stratum, source: Source) -> None:
    """Pools, and the published cards of the other batches."""
    contest, name = stratum.claims.contest, stratum.plan.pools
    raw = source.exhibit(name, f"`pools` of {stratum.plan.key}")
    own = {source.manifest.batches[b][0]: b for b in stratum.population}
    asked = Asked(
        contest.id,
        contest.choices,
        contest.votes_allowed,
        stratum.claims.ranked,
        own,
        source.manifest.batches,
    )
    try:
        keep = source.desk.room.take(len(raw))
        blocks = looked_through(source.desk.tree.source, name, lambda _: None, keep)
        stratum.pools = pools_of(raw, blocks, asked)
    except (BadTotals, BadCards) as problem:
        raise source.wrong(f"the pools of {stratum.plan.key}: {problem}") from None
    read_cards(stratum, source)


def read_poll(stratum: Stratum, source: Source) -> None:
    """What a poll reports: totals, rankings, or a number of cards alone."""
    planned, n = stratum.plan, stratum.plan.cards
    if isinstance(planned.reported, str):
        cards = sum(counted for _, counted in rankings_of(stratum, source))
        if cards > n:
            raise source.wrong(f"the rankings of {planned.key} tell of {cards} cards; there are {n}")
    else:
        cards = planned.reported["cards"]
        if planned.without_records:
            fit = 1 <= cards <= n
        else:
            votes, most = planned.reported["votes"], cards * stratum.claims.contest.votes_allowed
            fit = cards <= n and fits(votes, cards, stratum.claims.contest.votes_allowed)
            fit = fit and sum(votes.values()) + planned.reported["write_ins"] <= most
        if not fit:
            raise source.wrong(f"the totals of {planned.key} are not what {cards} cards of {n} can give")
    stratum.phantoms = n - cards


def rankings_of(stratum: Stratum, source: Source) -> Iterable[tuple[Any, int]]:
    """The rankings that a poll reports, each with its cards."""
    contest = stratum.claims.contest
    raw = source.exhibit(stratum.plan.reported, f"`reported` of {stratum.plan.key}")
    try:
        yield from rankings(raw, contest.id, contest.choices)
    except BadTotals as problem:
        raise source.wrong(f"the rankings of {stratum.plan.key}: {problem}") from None


def read_batches(stratum: Stratum, source: Source) -> None:
    """The totals of batches."""
    contest = stratum.claims.contest
    try:
        value = read(source.exhibit(stratum.plan.reported, f"`reported` of {stratum.plan.key}"))
    except NotCanonical as problem:
        raise source.wrong(f"the batch totals of {contest.id}: {problem}") from None
    proper = isinstance(value, dict) and value.keys() == {"batches", "contest", "format"}
    proper = proper and value["format"] == TOTALS and value["contest"] == contest.id
    told, batches = value["batches"] if proper else None, source.manifest.batches
    if not isinstance(told, list) or len(told) != len(batches):
        raise source.wrong(f"the batch totals of {contest.id} are not in their form")
    for found, (name, cards) in zip(told, batches, strict=True):
        proper = isinstance(found, dict) and found.keys() == {"id", "votes"} and found["id"] == name
        if not proper or not is_count_by(found["votes"], contest.choices):
            raise source.wrong(f"the totals of {contest.id} for the batch {shown(name)}")
        if not fits(found["votes"], cards, contest.votes_allowed):
            words = f"the batch {shown(name)} has more votes of {contest.id} than {cards} cards can give"
            raise source.wrong(words)
        stratum.by_batch.extend(found["votes"][choice] for choice in contest.choices)


READ: dict[str, Callable[[Stratum, Source], None]] = {
    COMPARISON: read_cards,
    POLLING: read_poll,
    POOLS: read_pools,
    BATCHES: read_batches,
}


# Points ------------------------------------------------------------


def own_points(stratum: Stratum, a: int) -> int:
    """The points of the cards that have a record of their own, for assertion a."""
    return stratum.sums[a] - stratum.pool_sums[a]


def sum_up(stratum: Stratum, source: Source) -> None:
    """The points reported in a stratum; of pools also what their cards are taken to be recorded with."""
    claims, n = stratum.claims, len(stratum.claims.assertions)
    if stratum.plan.evidence == BATCHES:
        source.weigh(len(stratum.population), n)
        stratum.sums = summed(n, ((1, claims.by_totals(stratum.votes_in(b))) for b in stratum.population))
    elif stratum.cards is not None:
        pairs = zip(stratum.cards.head.patterns, stratum.cards.counts, strict=True)
        source.weigh(len(stratum.cards.counts), n)
        stratum.sums = summed(n, ((cards, claims.weights(p)) for p, cards in pairs if cards and p.marks))
        if stratum.pools is not None:
            sum_up_pools(stratum, stratum.pools, source)
    elif isinstance(stratum.plan.reported, str):
        stratum.rankings = [{} for _ in claims.assertions]
        for reading, cards in rankings_of(stratum, source):
            source.weigh(1, n)
            add(stratum.rankings, stratum.points_ranked(reading), cards)
        stratum.sums = [sum(p * cards for p, cards in found.items()) for found in stratum.rankings]
    else:
        stratum.sums = claims.by_totals(stratum.plan.reported.get("votes", {}))


def add(counts: list[dict[int, int]], points: list[int], cards: int) -> None:
    """So many cards more with these points, by assertion."""
    for found, weight in zip(counts, points, strict=True):
        found[weight] = found.get(weight, 0) + cards


def sum_up_pools(stratum: Stratum, found: Pools, source: Source) -> None:
    """Add the pools to the sums of their stratum (measuring, sections 3 and 4)."""
    nulls = [Claim(least, most, stratum.plan.cards, 0, 0) for least, most in stratum.claims.limits]
    stratum.pool_sums, stratum.pool_values = [0] * len(nulls), [0] * len(nulls)
    stratum.pool_steps = [{} for _ in nulls]
    for place in found.places:
        cards, pool = source.manifest.batches[place][1], found.pool(place)
        source.weigh(2 + 2 * len(pool.get("readings", ())), len(nulls))
        points = stratum.points_of_pool(pool)
        told = told_of(stratum, pool, cards)
        for i, claim in enumerate(nulls):
            value = pool_value(points[i], cards)
            stratum.sums[i] += points[i]
            stratum.pool_sums[i] += points[i]
            stratum.pool_values[i] += cards * value
            pool_steps(claim, value, told(i, points[i]), stratum.pool_steps[i])


def told_of(stratum: Stratum, pool: dict[str, Any], cards: int) -> Callable[[int, int], dict[int, int]]:
    """What the cards of a pool were reported with, for an assertion and the points of the pool."""
    claims = stratum.claims
    if "votes" in pool and claims.contest.votes_allowed > 1:
        limits = [Claim(least, most, cards, 0) for least, most in claims.limits]
        return lambda i, points: spread(limits[i], points, cards)
    if "votes" in pool:
        return lambda i, _: counts_by_votes(claims.assertions[i], pool["votes"], cards)
    counts: list[dict[int, int]] = [{} for _ in claims.assertions]
    for reading, n in pool["readings"]:
        add(counts, stratum.points_ranked(reading), n)
    return lambda i, _: counts[i]


def reported_counts(stratum: Stratum, a: int) -> dict[int, int] | None:
    """The cards of a poll by their points for assertion a; None where a card may have several votes."""
    if stratum.rankings is not None:
        return stratum.rankings[a]
    if stratum.claims.contest.votes_allowed != 1:
        return None
    votes = stratum.plan.reported["votes"]
    marked = sum(votes.values()) + stratum.plan.reported["write_ins"]
    return counts_by_votes(stratum.claims.assertions[a], votes, marked)
