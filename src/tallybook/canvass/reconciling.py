"""Do the accounts agree? Every count is met by the next that is stated, where both speak of the same place.

For the board that canvasses. Voters credited, ballots cast, cards in the manifest, cards scanned and cards
tabulated must be equal. Each stage may be stated in another detail: voters by precinct, cards by batch. Two
stages are compared in the smallest places that both can be added up to, so that nothing is compared twice
and nothing is added twice.

What is seen: a difference of one card, unless an equal and opposite one lies in the same place and the same
step. The places in which stages met are returned, so that a reader can see how fine the net was. A stage
that is not stated is named as such. Sources: Georgia O.C.G.A. 21-2-493 (a precinct with more votes than
voters), EAC best practices on ballot reconciliation, Stark and Wagner on compliance audits.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

import msgspec

from tallybook.canvass.accounts import STAGES, WORDS, Account, Place, common
from tallybook.canvass.causes import Cell, Seen, causes, to_do
from tallybook.canvass.explaining import Explanation
from tallybook.canvass.findings import Finding, margin_words, numbered, of_margin, severity
from tallybook.canvass.sums import sum_findings

BALLOTS = STAGES[:2]


class Meeting(msgspec.Struct, frozen=True):
    """Two stages compared in one place: ``expected`` by the earlier, ``found`` in the later, in its unit."""

    place: Place
    earlier: str
    later: str
    expected: int
    found: int


class Canvass(msgspec.Struct, frozen=True):
    """All findings, numbered; where the stages met; totals by stage; what nobody stated, in sentences."""

    findings: tuple[Finding, ...]
    meetings: tuple[Meeting, ...]
    totals: Mapping[str, int]
    not_stated: tuple[str, ...]
    margin: int | None

    @property
    def cards_open(self) -> int:
        """The cards of all findings that are not notes: how many votes at most they could concern."""
        return sum(one.cards for one in self.findings if one.severity != "note")


def reconcile(
    accounts: Sequence[Account],
    margin: int | None = None,
    test_decks: Sequence[int] = (),
    explanations: Sequence[Explanation] = (),
) -> Canvass:
    """Compare every stage with the next that is stated, county by county, and check every sum.

    accounts: as `read_accounts` gives them, without problems.
    margin: votes between the last winner and the first loser of the closest contest, or None.
    test_decks: the sizes of the test decks that were in the building.
    """
    findings: list[Finding] = list(sum_findings(accounts, margin))
    meetings: list[Meeting] = []
    silent: list[str] = []
    for county, rows in by_county(accounts).items():
        stated = {stage: leaves(rows, stage) for stage in STAGES}
        findings += [f for stage in STAGES for f in parts_differ(rows, stage, margin)]
        silent += [f"{county or 'The account'}: {WORDS[s]} not stated." for s in STAGES if not stated[s]]
        met, lonely = meet(stated)
        meetings += [one for one, _, _ in met]
        findings += differences(met, stated, margin, test_decks, explanations)
        findings += [alone(cell, later, margin) for cell, later in lonely if cell.count]
    totals = {
        s: sum(c.count for rows in by_county(accounts).values() for c in leaves(rows, s)) for s in STAGES
    }
    given = {s: n for s, n in totals.items() if any(s in one.counts for one in accounts)}
    return Canvass(numbered(findings), tuple(meetings), given, tuple(silent), margin)


def by_county(accounts: Sequence[Account]) -> dict[str, list[Account]]:
    """The rows of each county; together, where any row names no county."""
    if not all(one.place.county for one in accounts):
        return {"": list(accounts)}
    groups: dict[str, list[Account]] = defaultdict(list)
    for one in accounts:
        groups[one.place.county].append(one)
    return groups


def leaves(rows: Sequence[Account], stage: str) -> list[Cell]:
    """The statements of a stage in its finest detail: those that hold no other statement of the stage."""
    stated = [one for one in rows if stage in one.counts]
    outer = {place for place, _ in nested([one.place for one in stated])}
    return [
        Cell(one.place, stage, one.counts[stage], one.cards_per_ballot, one.row)
        for one in stated
        if one.place not in outer
    ]


def nested(places: Sequence[Place]) -> Iterator[tuple[Place, Place]]:
    """(outer, inner) for every pair of these places of which one lies within the other."""
    shapes: dict[tuple[str, ...], set[Place]] = defaultdict(set)
    for place in places:
        shapes[place.levels].add(place)
    for outer in shapes:
        for inner in shapes:
            if set(outer) < set(inner):
                for place in shapes[inner]:
                    holder = Place(**{level: getattr(place, level) for level in outer})
                    if holder in shapes[outer]:
                        yield holder, place


def parts_differ(rows: Sequence[Account], stage: str, margin: int | None) -> Iterator[Finding]:
    """A whole and its parts, both stated, that do not come to the same number."""
    stated = {one.place: one.counts[stage] for one in rows if stage in one.counts}
    fine = {cell.place for cell in leaves(rows, stage)}
    sums: dict[Place, int] = defaultdict(int)
    for outer, inner in nested(list(stated)):
        if inner in fine:
            sums[outer] += stated[inner]
    for place, total in sums.items():
        whole = stated[place]
        if whole != total:
            cards = abs(whole - total)
            says = (
                f"{WORDS[stage]}: the whole is stated as {whole:,}, its parts add up to {total:,}, "
                f"{cards:,} {'more' if total > whole else 'fewer'}. {margin_words(cards, margin)}"
            )
            mend = "Find the part that is missing or stated twice, or correct the whole."
            yield Finding(
                "parts_differ",
                str(place),
                stage,
                whole,
                total,
                cards,
                severity(cards, whole, margin),
                says.strip(),
                to_do=mend,
                of_margin=of_margin(cards, margin),
            )


Met = tuple[Meeting, list[Cell], list[Cell]]


def meet(stated: Mapping[str, list[Cell]]) -> tuple[list[Met], list[tuple[Cell, str]]]:
    """Every meeting of a stage with the next, and the cells that no later (or no earlier) stage speaks of.

    A cell that the next stage does not speak of waits for the one after.
    """
    waiting: list[Cell] = []
    met: list[Met] = []
    lonely: list[tuple[Cell, str]] = []
    last = ""
    for stage in STAGES:
        later = stated[stage]
        if not later:
            continue
        last = stage
        if not waiting:
            waiting = list(later)
            continue
        rest: list[Cell] = []
        for left, right in components(waiting, later):
            if left and right:
                met.append((meeting(left, right), left, right))
            elif right:
                lonely += [(cell, "") for cell in right]
            rest += right or left
        waiting = rest
    lonely += [(cell, last) for cell in waiting if cell.stage != last]
    return met, lonely


def meeting(left: Sequence[Cell], right: Sequence[Cell]) -> Meeting:
    """The comparison of all that overlaps: the earlier cells in the later stage's unit."""
    stage = right[0].stage
    expected = sum(in_unit(cell, stage) for cell in left)
    earlier = max((cell.stage for cell in left), key=STAGES.index)
    place = common([cell.place for cell in (*left, *right)])
    return Meeting(place, earlier, stage, expected, sum(cell.count for cell in right))


def in_unit(cell: Cell, stage: str) -> int:
    """A cell's count in ballots or cards, as the stage counts."""
    sheets = cell.sheets if cell.stage in BALLOTS and stage not in BALLOTS else 1
    return cell.count * sheets


def components(left: Sequence[Cell], right: Sequence[Cell]) -> list[tuple[list[Cell], list[Cell]]]:
    """Groups of cells of two stages that overlap, directly or by way of others; each cell in one group."""
    parent: dict[int, int] = {k: k for k in range(len(left) + len(right))}

    def root(k: int) -> int:
        while parent[k] != k:
            parent[k] = parent[parent[k]]
            k = parent[k]
        return k

    cells = [*left, *right]
    sides = [shapes_of(left, 0), shapes_of(right, len(left))]
    for one, ones in sides[0].items():
        for other, others in sides[1].items():
            shared = [level for level in one if level in other]
            keys: dict[tuple[str, ...], int] = {}
            for k in ones:
                keys.setdefault(key(cells[k].place, shared), k)
            meets = {key(cells[k].place, shared) for k in others}
            for k in (*ones, *others):
                at = key(cells[k].place, shared)
                if at in keys and at in meets:
                    parent[root(k)] = root(keys[at])
    groups: dict[int, tuple[list[Cell], list[Cell]]] = {}
    for k, cell in enumerate(cells):
        groups.setdefault(root(k), ([], []))[k >= len(left)].append(cell)
    return list(groups.values())


def shapes_of(cells: Sequence[Cell], start: int) -> dict[tuple[str, ...], list[int]]:
    shapes: dict[tuple[str, ...], list[int]] = defaultdict(list)
    for k, cell in enumerate(cells, start):
        shapes[cell.place.levels].append(k)
    return shapes


def key(place: Place, levels: Iterable[str]) -> tuple[str, ...]:
    return tuple(getattr(place, level) for level in levels)


def differences(
    met: Sequence[Met],
    stated: Mapping[str, list[Cell]],
    margin: int | None,
    test_decks: Sequence[int],
    explanations: Sequence[Explanation],
) -> list[Finding]:
    """A finding for every meeting in which the two stages differ."""
    off = [(one, left, right) for one, left, right in met if one.found != one.expected]
    opposite: dict[tuple[str, int], Place] = {}
    for one, _, _ in off:
        opposite.setdefault((one.later, one.found - one.expected), one.place)
    shapes = {one.place.levels for one, _, _ in off}
    near = {shape: cells_by(stated, shape) for shape in shapes}
    found = []
    for one, left, right in off:
        cells = near[one.place.levels][key(one.place, one.place.levels)]
        moved = opposite.get((one.later, one.expected - one.found))
        seen = Seen(one.earlier, one.later, one.expected, one.found, left, right, cells, test_decks, moved)
        told = [
            e for e in explanations if (e.place, e.earlier, e.later) == (one.place, one.earlier, one.later)
        ]
        found.append(difference(one, seen, told, margin))
    return found


def cells_by(stated: Mapping[str, list[Cell]], shape: tuple[str, ...]) -> dict[tuple[str, ...], list[Cell]]:
    """Every cell of every stage by the place of this shape in which it lies; others are left out."""
    groups: dict[tuple[str, ...], list[Cell]] = defaultdict(list)
    for cell in (cell for stage in STAGES for cell in stated[stage]):
        names = key(cell.place, shape)
        if all(names):
            groups[names].append(cell)
    return groups


def difference(one: Meeting, seen: Seen, told: Sequence[Explanation], margin: int | None) -> Finding:
    """The finding for one meeting, less what was explained."""
    moved = one.found - one.expected
    open_ = moved - sum(e.cards for e in told)
    cards = abs(open_)
    more = "more" if moved > 0 else "fewer"
    says = [
        f"{abs(moved):,} {more} {WORDS[one.later]} than {WORDS[one.earlier]} "
        f"({one.found:,} against {one.expected:,})."
    ]
    says += [f"Explained, {abs(e.cards):,}: {e.words}" for e in told]
    if told:
        says.append(f"Left unexplained: {cards:,}.")
    says.append(margin_words(cards, margin) if cards else "")
    likely = tuple(causes(seen)) if cards else ()
    return Finding(
        "explained" if not cards else "missing" if open_ < 0 else "surplus",
        str(one.place),
        f"{one.earlier} to {one.later}",
        one.expected,
        one.found,
        cards,
        severity(cards, one.expected, margin),
        " ".join(part for part in says if part),
        likely,
        "" if not cards else likely[0].to_do if likely else to_do(one.earlier, one.later, moved),
        of_margin(cards, margin),
    )


def alone(cell: Cell, later: str, margin: int | None) -> Finding:
    """A place of which only one side speaks: no later stage (a card never uploaded), or no earlier one."""
    what = f"{cell.count:,} {WORDS[cell.stage]}"
    if later:
        kind, expected, found = "unaccounted", cell.count, 0
        says = (
            f"{what}, and no count of {WORDS[later]} is given for this place, though other places have one."
        )
        mend = (
            f"Ask for the {WORDS[later]} of this place. If there are none, they are missing from the totals."
        )
    else:
        kind, expected, found = "unexpected", 0, cell.count
        says = f"{what}, and no earlier count speaks of this place, though other places have one."
        mend = "Find the voters and ballots that belong to these cards, or take the cards out of the count."
    return Finding(
        kind,
        str(cell.place),
        f"{cell.stage} to {later}" if later else cell.stage,
        expected,
        found,
        cell.count,
        severity(cell.count, cell.count, margin),
        f"{says} {margin_words(cell.count, margin)}".strip(),
        to_do=mend,
        of_margin=of_margin(cell.count, margin),
    )
