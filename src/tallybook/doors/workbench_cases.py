"""Contest files with all that the workbench takes: readings with their cards, strata of any kind, pools.

``audit_cases`` makes the cases of contests known by totals or by records. Where totals do not say enough
(counts in rounds, Borda, scores, STAR, cumulative votes) a contest, or each of its strata, says how many
cards were reported with each reading: in the contest file (``votes``), in a table (``readings``: Reading,
Cards, perhaps by Jurisdiction and Batch), or by its records (``cards_from``). All are counted together by the
contest's rules, and the assertions hold for the whole contest.
"""

import re
import tomllib
from collections.abc import Mapping, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Literal, get_args

import msgspec

from tallybook.audit.assertions import FullCount
from tallybook.audit.margins import Population
from tallybook.audit.outcome_claims import Found, claim_of, claims_in_turn
from tallybook.doors import audit_cases
from tallybook.doors.audit_cases import ROUNDS, Case
from tallybook.doors.audit_files import ContestRow, Rule, StratumRow, read_batch_votes
from tallybook.doors.card_texts import codes_of
from tallybook.doors.cli.shown import DoorError
from tallybook.doors.tables import number_in, rows_of
from tallybook.election import Choice, Contest, Manifest, Tally
from tallybook.election.cards import Ballots, Pattern
from tallybook.formats.manifests import manifest_of_any
from tallybook.outcomes import Rules

Kind = Literal["polling", "card_comparison", "batch_comparison", "pools"]
Grouped = tuple[tuple[Pattern, ...], tuple[int, ...]]
"""Readings, and how many cards bear each."""
READING = "Reading"
BY_READING = (*ROUNDS, "borda", "score", "star", "cumulative")
"""Methods of which totals by choice do not tell the assertions."""


class WrittenStratum(StratumRow, frozen=True, forbid_unknown_fields=True):
    """One stratum, as written. votes: choice -> votes, or of a method by reading reading -> cards."""

    how: Kind  # type: ignore[assignment]
    votes: dict[str, int] = msgspec.field(default_factory=dict)
    readings: str = ""
    cards_from: str = ""


class WrittenContest(ContestRow, frozen=True, forbid_unknown_fields=True):
    """One contest, as written."""

    readings: str = ""
    strata: tuple[WrittenStratum, ...] = ()


class WrittenFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A contest file, as written."""

    contests: list[WrittenContest]
    risk_limit: str = "0.05"


class ReadStratum(WrittenStratum, frozen=True):
    """A stratum known by its reported readings, and where its records lie, if anywhere."""

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
        told = _plainly(str(error))
        raise DoorError(f"{path}: {told}. Correct the file and ask again; nothing was drawn.") from None
    except ZeroDivisionError:
        limit = Fraction(0)
    if not 0 < limit < 1:
        raise DoorError(f'{path}: found the risk limit "{held.risk_limit}"; expected one such as "0.05".')
    if not held.contests:
        raise DoorError(f"{path}: found no contest; expected at least one [[contests]].")
    return tuple(held.contests), limit


UNKNOWN = re.compile(r"Object contains unknown field `(.*?)`(?: - at `(.*)`)?")


SAID = (
    ("Object missing required field", "expected the key"),
    (
        r"Invalid enum value '(.*?)' - at (.*rule`)",
        rf"found '\1'; expected of: {', '.join(get_args(Rule))}, at \2",
    ),
    (
        r"Invalid enum value '(.*?)' - at (.*how`)",
        rf"found '\1'; expected of: {', '.join(get_args(Kind))}, at \2",
    ),
    ("Expected `int`, got `str`", "expected a whole number, found text"),
    ("Expected `(int|str|array|object)`, got `(.*?)`", r"expected another kind of value (\1), found \2"),
    ("Invalid literal for Fraction: (.*)", r'found the risk limit \1; expected one such as "0.05"'),
)
"""What the reader of the file says, and what we say instead."""


def _plainly(error: str) -> str:
    """What is wrong with the form of a contest file: a key that nobody knows is told with those there are."""
    match = UNKNOWN.fullmatch(error)
    if match is None:
        for theirs, ours in SAID:
            error = re.sub(theirs, ours, error)
        return error.replace("$.", "").replace("`", '"')
    places = {"strata": WrittenStratum, "contests": WrittenContest}
    kind = next((kind for name, kind in places.items() if name in (match[2] or "")), WrittenFile)
    known = ", ".join(kind.__struct_fields__)
    where = f" in {match[2].removeprefix('$.')}" if match[2] else ""
    return f'found the key "{match[1]}"{where}; expected of: {known}'


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


def is_by_reading(case: Case) -> bool:
    """Is the contest one of which totals by choice do not tell the assertions?"""
    return case.rules.method in BY_READING


def batch_votes(path: Path, case: Case) -> dict[str, dict[str, int]]:
    """Batch -> votes by choice; of a contest by reading, reading -> cards: reported, or counted by hand."""
    return _readings_by_batch(path) if is_by_reading(case) else read_batch_votes(path, case.contest)


def kind_of(stratum: StratumRow) -> str:
    """The kind of evidence of a stratum; ``pools`` is one that ``audit_files`` does not know."""
    return stratum.how


def reported_in(stratum: StratumRow) -> Grouped:
    """The reported readings of a stratum with their cards; nothing where the contest is not by reading."""
    return (stratum.patterns, stratum.counts) if isinstance(stratum, ReadStratum) else ((), ())


def patterns_of(votes: Mapping[str, int], case: Case, where: str) -> Grouped:
    """Readings as people write them, with their cards, as patterns and counts; equal ones together."""
    total: dict[Pattern, int] = {}
    for text, cards in votes.items():
        known: dict[Pattern, int] = {}
        (code,) = codes_of([text], case, known, where)
        if code < 1:
            raise DoorError(f'{where}: found "{text}"; expected a reading of cards that bear the contest.')
        if cards < 0:
            raise DoorError(f"{where}: {text}: found {cards} cards; expected 0 or more.")
        (pattern,) = known
        total[pattern] = total.get(pattern, 0) + cards
    return tuple(total), tuple(total.values())


def _cases(row: WrittenContest, limit: Fraction, path: Path) -> tuple[Case, ...]:
    where = f"{path}, {row.id}"
    rules = _rules(row, path)
    by_reading = rules is not None and rules.method in BY_READING
    if rules is None or row.cards_from or not (row.readings or (by_reading and (row.strata or row.votes))):
        if any(one.readings or one.cards_from for one in row.strata):
            raise DoorError(
                f"{where}: strata have readings where the rule is by reading (ranked choice, scores, STAR); "
                "here each stratum says votes = { ann = 10 }."
            )
        return _of_totals_by_rules(row, rules, limit, path)
    return _of_readings(row, _skeleton(row, rules, limit, where), path)


def _of_totals_by_rules(
    row: WrittenContest, rules: Rules | None, limit: Fraction, path: Path
) -> tuple[Case, ...]:
    """A contest of which totals say enough, or records; by rules of its own where it names some."""
    if rules is None or not row.rules or not (row.votes or row.strata):
        return audit_cases._case(row, limit, path)
    share = str(rules.count.share or row.share)
    known = msgspec.structs.replace(row, rules="", rule=rules.method, share=share)
    cases = audit_cases._case(known, limit, path)
    return tuple(msgspec.structs.replace(case, rules=rules) for case in cases)


def _rules(row: WrittenContest, path: Path) -> Rules | None:
    """The rules of a contest that may be known by readings; None where only its totals or records are."""
    from tallybook.doors.cli.cards import rules_in

    if row.rules:
        file = path.parent / row.rules
        if not file.is_file():
            raise DoorError(f"{path}, {row.id}: there is no rules file {file}.")
        return rules_in(file)
    plain = ("plurality", "approval", "ranked_choice", "majority_or_runoff")
    name = row.rule or "plurality"
    return Rules(name, name) if name in plain else None  # type: ignore[arg-type]


def _of_readings(row: WrittenContest, held: Case, path: Path) -> tuple[Case, ...]:
    """A contest known by its readings: all counted together, the claim that of the whole contest."""
    from tallybook.doors.counts import counted

    where = f"{path}, {row.id}"
    strata = tuple(_read_stratum(one, held, path) for one in row.strata)
    if strata:
        _fitting(strata, where)
        patterns, counts = added_up([(one.patterns, one.counts) for one in strata])
    else:
        patterns, counts = _grouped(row.votes, row.readings, held, path, where)
    held = _with_cards(row, held, patterns, counts, where)
    if sum(one.cards for one in strata) > held.population.cards:
        cards = sum(one.cards for one in strata)
        raise DoorError(f"{where}: the strata hold {cards:,} cards; {held.population.cards:,} are stated.")
    result = counted({"": Ballots(held.contest, patterns, counts)}, held.rules)
    seats = result.counted if isinstance(result.counted, tuple) else (result.counted,)
    elected = tuple(name for one in seats for name in _elected(one))
    if len(seats) > 1 and strata:
        raise DoorError(f"{where}: seats filled one after another are not audited in strata.")
    if row.winner and row.winner not in elected:
        raise DoorError(
            f"{where}: the readings elect {', '.join(elected) or 'nobody'}; {row.winner} was reported. Count "
            "every card, or find out which is wrong. Nothing was drawn."
        )
    ballots = Ballots(held.contest, patterns, counts)
    try:
        found: tuple[Found, ...] = (
            claims_in_turn(ballots, held.rules, result.counted)
            if isinstance(result.counted, tuple)
            else (claim_of(ballots, held.rules, result.counted),)
        )
    except ValueError as why:
        raise DoorError(f"{where}: {why}") from None
    known = msgspec.structs.replace(
        held, tally=result.tally or held.tally, patterns=patterns, counts=counts, strata=strata
    )
    return tuple(_claimed(known, one, elected, place, len(found)) for place, one in enumerate(found))


def _claimed(case: Case, found: Found, elected: tuple[str, ...], place: int, many: int) -> Case:
    """The case of one claim: of the whole contest, or of one of the seats that are filled in turn."""
    numbered = case.contest
    if many > 1:
        numbered = msgspec.structs.replace(case.contest, id=f"{case.contest.id}, seat {place + 1}")
    return msgspec.structs.replace(
        case,
        contest=numbered,
        claim=found if isinstance(found, FullCount) else found[0],
        search=None if isinstance(found, FullCount) else found[2],
        before=elected[:place],
        elected=elected if many == 1 else elected[place : place + 1],
    )


def _elected(counted: object) -> tuple[str, ...]:
    """Who is elected by a count, whatever its kind."""
    names: tuple[str, ...] = getattr(getattr(counted, "outcome", counted), "elected", ())
    return names


def added_up(
    many: Sequence[tuple[Sequence[Pattern], Sequence[int]]],
) -> tuple[tuple[Pattern, ...], tuple[int, ...]]:
    """Grouped cards of several places as one."""
    total: dict[Pattern, int] = {}
    for patterns, counts in many:
        for pattern, count in zip(patterns, counts, strict=True):
            total[pattern] = total.get(pattern, 0) + count
    return tuple(total), tuple(total.values())


def _skeleton(row: WrittenContest, rules: Rules, limit: Fraction, where: str) -> Case:
    """The contest without what was reported of it."""
    if row.strata and (row.votes or row.readings):
        raise DoorError(f"{where}: the strata say what was reported; leave it out above them.")
    if row.votes and row.readings:
        raise DoorError(f"{where}: state either votes or readings, not both.")
    if len(row.choices) < 2 or len(set(row.choices)) < len(row.choices):
        raise DoorError(f'{where}: name the choices, each once: choices = ["ann", "bob"].')
    if row.winner and row.winner not in row.choices:
        raise DoorError(f"{where}: {row.winner} is not among the choices ({', '.join(row.choices)}).")
    if min(row.seats, row.votes_allowed) < 1:
        raise DoorError(f"{where}: seats and votes_allowed are at least 1.")
    choices = tuple(Choice(name, name) for name in row.choices)
    contest = Contest(row.id, row.name or row.id, "", choices, row.seats, row.votes_allowed)
    population = Population(0, 0, "carries" if row.by_style else "may_lack")
    nothing = FullCount(row.id, ())
    return Case(contest, Tally(row.id, ()), population, nothing, limit, rules, places=row.jurisdictions)


def _with_cards(
    row: WrittenContest, case: Case, patterns: Sequence[Pattern], counts: Sequence[int], where: str
) -> Case:
    """The case with its population: as stated, else that of the strata, else as many as were read."""
    held = sum(one.cards for one in row.strata) or sum(counts)
    cards = row.cards if row.cards >= 0 else held
    if not patterns or sum(counts) < 1:
        raise DoorError(f"{where}: nothing was reported; expected readings with their cards.")
    if sum(counts) > cards:
        raise DoorError(f"{where}: {sum(counts):,} readings on {cards:,} cards. Nothing was drawn.")
    population = Population(cards, cards if row.records < 0 else row.records, case.population.lacking)
    return msgspec.structs.replace(case, population=population)


def _read_stratum(one: WrittenStratum, case: Case, path: Path) -> ReadStratum:
    """A stratum with its reported readings. Says plainly where these are missing."""
    where = f"{path}, {case.contest.id}, {one.name}"
    if sum([bool(one.votes), bool(one.readings), bool(one.cards_from)]) != 1:
        method = case.rules.method.replace("_", " ")
        raise DoorError(
            f"{where}: the margins of {method} need the reported readings of every stratum, once: "
            'votes = { "ann > bob" = 120, ... }, or readings = "FILE.csv" (Reading, Cards), or cards_from = '
            '"FOLDER" with its records. Where nobody reported how rankings fall, AWAIRE can audit the contest'
            " whole, by polling. Nothing was drawn."
        )
    source = path.parent / one.cards_from if one.cards_from else None
    if source is not None:
        patterns, counts = _of_records(source, case)
    else:
        patterns, counts = _grouped(one.votes, one.readings, case, path, where)
    fields = {name: getattr(one, name) for name in one.__struct_fields__}
    return ReadStratum(**fields, patterns=patterns, counts=counts, source=source)


def _grouped(votes: Mapping[str, int], readings: str, case: Case, path: Path, where: str) -> Grouped:
    """Readings of a contest file or of the table that it names."""
    return patterns_of(_readings(path.parent / readings) if readings else votes, case, where)


def _of_records(source: Path, case: Case) -> Grouped:
    """The readings of a stratum from its records, whatever batches these lie in."""
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


def _fitting(strata: Sequence[ReadStratum], where: str) -> None:
    names = [one.name for one in strata]
    if len(set(names)) < len(names) or len(names) < 2:
        raise DoorError(f"{where}: expected two strata or more, each with its own name.")
    for one in strata:
        if sum(one.counts) > one.cards:
            told = f"{sum(one.counts):,} readings on {one.cards:,} cards"
            raise DoorError(f"{where}, {one.name}: {told}. Nothing was drawn.")


def _readings(path: Path) -> dict[str, int]:
    """Reading -> cards, of all rows of a table."""
    total: dict[str, int] = {}
    for row in rows_of(path, (READING, "Cards")):
        text = row.cells[READING]
        total[text] = total.get(text, 0) + number_in(path, row, "Cards")
    return total


def _readings_by_batch(path: Path) -> dict[str, dict[str, int]]:
    """Batch -> reading -> cards."""
    found: dict[str, dict[str, int]] = {}
    for row in rows_of(path, ("Jurisdiction", "Batch", READING, "Cards")):
        batch = found.setdefault(f"{row.cells['Jurisdiction']}\n{row.cells['Batch']}", {})
        if row.cells[READING] in batch:
            name = f"{row.cells['Jurisdiction']}, {row.cells['Batch']}"
            told = f'"{row.cells[READING]}" of {name} stands here twice.'
            raise DoorError(f"{path}, row {row.number}: {told}")
        batch[row.cells[READING]] = number_in(path, row, "Cards")
    return found
