"""Contest files with everything that strata may be: pools beside the other kinds, and ranked contests.

For the workbench; ``audit_cases`` makes the cases of all other contests. A stratum of a ranked contest says
how many of its cards were reported with each ranking: in the contest file (``votes``), in a table
(``rankings``: Ranking, Cards, and perhaps Jurisdiction, Batch), or by its records (``cards_from``). All
strata together are counted by the contest's rules, and RAIRE's assertions are made for the whole contest.
"""

import tomllib
from collections.abc import Mapping, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Literal

import msgspec

from tallybook.audit.assertions import FullCount
from tallybook.audit.margins import Population
from tallybook.audit.outcome_claims import claim_of
from tallybook.doors import audit_cases
from tallybook.doors.audit_cases import ROUNDS, Case
from tallybook.doors.audit_files import ContestRow, StratumRow, read_batch_votes
from tallybook.doors.card_texts import codes_of
from tallybook.doors.cli.shown import DoorError
from tallybook.doors.tables import number_in, rows_of
from tallybook.election import Choice, Contest, Manifest, Tally
from tallybook.election.cards import Ballots, Pattern
from tallybook.formats.manifests import manifest_of_any
from tallybook.outcomes import Rules

Kind = Literal["polling", "card_comparison", "batch_comparison", "pools"]
RANKING = "Ranking"


class WrittenStratum(StratumRow, frozen=True, forbid_unknown_fields=True):
    """One stratum, as written. votes: of a ranked contest ranking -> cards; else choice -> votes."""

    how: Kind  # type: ignore[assignment]
    votes: dict[str, int] = msgspec.field(default_factory=dict)
    rankings: str = ""
    cards_from: str = ""


class WrittenContest(ContestRow, frozen=True, forbid_unknown_fields=True):
    """One contest, as written."""

    strata: tuple[WrittenStratum, ...] = ()


class WrittenFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A contest file, as written."""

    contests: list[WrittenContest]
    risk_limit: str = "0.05"


class RankedStratum(WrittenStratum, frozen=True):
    """A stratum of a ranked contest: its reported rankings, and where its records lie, if anywhere."""

    patterns: tuple[Pattern, ...] = ()
    counts: tuple[int, ...] = ()
    source: Path | None = None


def read_cases(path: Path) -> tuple[Case, ...]:
    """The contests of a contest file. Raises DoorError with what is wrong in it."""
    rows, limit = read_rows(path)
    ids = [row.id for row in rows]
    twice = next((one for one in ids if ids.count(one) > 1), None)
    if twice is not None:
        raise DoorError(f"{path}: the contest {twice} stands here twice. Nothing was drawn.")
    return tuple(case for row in rows for case in _cases(row, limit, path))


def read_rows(path: Path) -> tuple[tuple[WrittenContest, ...], Fraction]:
    """The rows of a contest file, and its risk limit. Raises DoorError with what is wrong in it."""
    try:
        held = msgspec.convert(tomllib.loads(path.read_text("utf-8")), WrittenFile)
        limit = Fraction(held.risk_limit)
    except FileNotFoundError:
        raise DoorError(f"There is no file {path}.") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, msgspec.ValidationError, ValueError) as error:
        raise DoorError(f"{path}: {error}. Correct the file and ask again; nothing was drawn.") from None
    except ZeroDivisionError:
        limit = Fraction(0)
    if not 0 < limit < 1:
        raise DoorError(f'{path}: found the risk limit "{held.risk_limit}"; expected one such as "0.05".')
    if not held.contests:
        raise DoorError(f"{path}: found no contest; expected at least one [[contests]].")
    return tuple(held.contests), limit


def read_manifest(path: Path) -> Manifest:
    """A manifest in our form, in Arlo's or in Colorado's.

    One without a column for the jurisdiction is of the jurisdiction that the file is named after.
    """
    if not path.is_file():
        raise DoorError(f"There is no file {path}. Nothing was drawn.")
    found, problems = manifest_of_any(path.read_bytes(), str(path), path.stem)
    if found is None:
        raise DoorError(*(str(one) for one in problems), "Nothing was drawn.")
    return found


def is_ranked(case: Case) -> bool:
    """Is the contest counted in rounds?"""
    return case.rules.method in ROUNDS


def batch_votes(path: Path, case: Case) -> dict[str, dict[str, int]]:
    """Batch -> votes by choice; of a ranked contest ranking -> cards. Reported totals, or hand counts."""
    return _rankings_by_batch(path) if is_ranked(case) else read_batch_votes(path, case.contest)


def kind_of(stratum: StratumRow) -> str:
    """The kind of evidence of a stratum; ``pools`` is one that ``audit_files`` does not know."""
    return stratum.how


def reported_in(stratum: StratumRow) -> tuple[tuple[Pattern, ...], tuple[int, ...]]:
    """The reported rankings of a stratum with their cards; nothing where the contest is not ranked."""
    return (stratum.patterns, stratum.counts) if isinstance(stratum, RankedStratum) else ((), ())


def patterns_of(
    votes: Mapping[str, int], case: Case, where: str
) -> tuple[tuple[Pattern, ...], tuple[int, ...]]:
    """Rankings as people write them, with their cards, as patterns and counts; equal ones together."""
    total: dict[Pattern, int] = {}
    for text, cards in votes.items():
        known: dict[Pattern, int] = {}
        (code,) = codes_of([text], case, known, where)
        if code < 1:
            raise DoorError(f'{where}: found "{text}"; expected a ranking of cards that bear the contest.')
        (pattern,) = known
        total[pattern] = total.get(pattern, 0) + cards
    return tuple(total), tuple(total.values())


def _cases(row: WrittenContest, limit: Fraction, path: Path) -> tuple[Case, ...]:
    if not row.strata or not (row.rule == "ranked_choice" or row.rules):
        return audit_cases._case(row, limit, path)
    return (_of_ranked_strata(row, limit, path),)


def _of_ranked_strata(row: WrittenContest, limit: Fraction, path: Path) -> Case:
    """A ranked contest in strata: all rankings counted together, the claim that of the whole contest."""
    from tallybook.doors.counts import counted

    where = f"{path}, {row.id}"
    held = _skeleton(row, limit, path)
    strata = tuple(_ranked(one, held, path) for one in row.strata)
    _fitting(strata, held, where)
    patterns, counts = added_up([(one.patterns, one.counts) for one in strata])
    ballots = Ballots(held.contest, patterns, counts)
    result = counted({"": ballots}, held.rules)
    if isinstance(result.counted, tuple):
        raise DoorError(
            f"{where}: seats filled one after another are not audited in strata; use one stratum."
        )
    outcome = getattr(result.counted, "outcome", result.counted)
    elected: tuple[str, ...] = getattr(outcome, "elected", ())
    if row.winner and row.winner not in elected:
        raise DoorError(
            f"{where}: the rankings of all strata elect {', '.join(elected) or 'nobody'}; {row.winner} was "
            "reported. Count every card, or find out which is wrong. Nothing was drawn."
        )
    found = claim_of(ballots, held.rules, result.counted)
    return msgspec.structs.replace(
        held,
        claim=found if isinstance(found, FullCount) else found[0],
        search=None if isinstance(found, FullCount) else found[2],
        patterns=patterns,
        counts=counts,
        elected=elected,
        strata=strata,
    )


def added_up(
    many: Sequence[tuple[Sequence[Pattern], Sequence[int]]],
) -> tuple[tuple[Pattern, ...], tuple[int, ...]]:
    """Grouped cards of several places as one."""
    total: dict[Pattern, int] = {}
    for patterns, counts in many:
        for pattern, count in zip(patterns, counts, strict=True):
            total[pattern] = total.get(pattern, 0) + count
    return tuple(total), tuple(total.values())


def _skeleton(row: WrittenContest, limit: Fraction, path: Path) -> Case:
    """The contest without what was reported of it."""
    from tallybook.doors.cli.cards import rules_in

    where = f"{path}, {row.id}"
    rules = rules_in(path.parent / row.rules) if row.rules else Rules("ranked_choice", "ranked_choice")
    if rules.method not in ROUNDS:
        raise DoorError(f"{where}: strata with rules of their own are for ranked choice, not {rules.method}.")
    if row.votes or row.cards_from:
        raise DoorError(
            f"{where}: the strata say what was reported; leave votes and cards_from out above them."
        )
    if len(row.choices) < 2 or len(set(row.choices)) < len(row.choices):
        raise DoorError(f'{where}: name the choices of a ranked contest: choices = ["ann", "bob"].')
    if row.winner and row.winner not in row.choices:
        raise DoorError(f"{where}: {row.winner} is not among the choices ({', '.join(row.choices)}).")
    cards = row.cards if row.cards >= 0 else sum(one.cards for one in row.strata)
    choices = tuple(Choice(name, name) for name in row.choices)
    contest = Contest(row.id, row.name or row.id, "", choices, max(1, row.seats), 1)
    records = cards if row.records < 0 else row.records
    population = Population(cards, records, "carries" if row.by_style else "may_lack")
    nothing = FullCount(row.id, ())
    return Case(contest, Tally(row.id, ()), population, nothing, limit, rules, places=row.jurisdictions)


def _ranked(one: WrittenStratum, case: Case, path: Path) -> RankedStratum:
    """A stratum with its reported rankings. Says plainly where these are missing."""
    where = f"{path}, {case.contest.id}, {one.name}"
    given = [bool(one.votes), bool(one.rankings), bool(one.cards_from)]
    if sum(given) != 1:
        raise DoorError(
            f"{where}: the margins of a ranked contest need the reported rankings of every stratum, once: "
            'votes = { "ann > bob" = 120, ... }, or rankings = "FILE.csv" (Ranking, Cards), or cards_from = '
            '"FOLDER" with its records. Where nobody reported them, AWAIRE can audit the contest whole, by '
            "polling. Nothing was drawn."
        )
    source = path.parent / one.cards_from if one.cards_from else None
    if source is not None:
        patterns, counts = _of_records(source, case)
    else:
        votes = _rankings(path.parent / one.rankings) if one.rankings else one.votes
        patterns, counts = patterns_of(votes, case, where)
    if min(counts, default=0) < 0:
        raise DoorError(f"{where}: a number of cards is below 0.")
    fields = {name: getattr(one, name) for name in one.__struct_fields__}
    return RankedStratum(**fields, patterns=patterns, counts=counts, source=source)


def _of_records(source: Path, case: Case) -> tuple[tuple[Pattern, ...], tuple[int, ...]]:
    """The rankings of a stratum from its records, whatever batches these lie in."""
    from tallybook.doors.cli.cards import opened
    from tallybook.doors.contest_parts import added

    names, ask = opened(source)
    wanted = next((n for _, n in names if n == case.contest.name), names[0][1] if len(names) == 1 else "")
    parts, _ = ask(wanted or case.contest.id, "", None)
    pile = added(parts.values())
    strange = sorted({c.id for c in pile.contest.choices} - set(case.contest.choice_ids))
    if strange:
        raise DoorError(f"{source}: the records have {strange[0]}, who is not a choice of {case.contest.id}.")
    return pile.patterns, pile.counts


def _fitting(strata: Sequence[RankedStratum], case: Case, where: str) -> None:
    names = [one.name for one in strata]
    if len(set(names)) < len(names) or len(names) < 2:
        raise DoorError(f"{where}: expected two strata or more, each with its own name.")
    for one in strata:
        if sum(one.counts) > one.cards:
            told = f"{sum(one.counts):,} rankings on {one.cards:,} cards"
            raise DoorError(f"{where}, {one.name}: {told}. Nothing was drawn.")
    held = sum(one.cards for one in strata)
    if held > case.population.cards:
        raise DoorError(
            f"{where}: the strata hold {held:,} cards; the contest has {case.population.cards:,}."
        )


def _rankings(path: Path) -> dict[str, int]:
    """Ranking -> cards, of all rows of a table."""
    total: dict[str, int] = {}
    for row in rows_of(path, (RANKING, "Cards")):
        text = row.cells[RANKING]
        total[text] = total.get(text, 0) + number_in(path, row, "Cards")
    return total


def _rankings_by_batch(path: Path) -> dict[str, dict[str, int]]:
    """Batch -> ranking -> cards."""
    found: dict[str, dict[str, int]] = {}
    for row in rows_of(path, ("Jurisdiction", "Batch", RANKING, "Cards")):
        batch = found.setdefault(f"{row.cells['Jurisdiction']}\n{row.cells['Batch']}", {})
        if row.cells[RANKING] in batch:
            name = f"{row.cells['Jurisdiction']}, {row.cells['Batch']}"
            told = f'"{row.cells[RANKING]}" of {name} stands here twice.'
            raise DoorError(f"{path}, row {row.number}: {told}")
        batch[row.cells[RANKING]] = number_in(path, row, "Cards")
    return found
