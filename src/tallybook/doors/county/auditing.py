"""From the county's export to a plan, and from the plan to the end of the audit of every contest.

For the demonstration, in the order in which officials would do it: read the export, publish its rows, say
what must be true, commit the plan, have it witnessed, roll the seed, draw, read, compare, sign, measure, and
go on until every contest is at its limit.
"""

from collections.abc import Callable, Mapping, Sequence
from hashlib import sha256
from typing import Any

import msgspec
import numpy as np

from tallybook.audit.assertions import plain as published_form
from tallybook.audit.claims import majority, most_votes
from tallybook.audit.raire import raire
from tallybook.audit.readings import ranks
from tallybook.book.audit_basis import ballot, ranked_rules, winner_rule
from tallybook.doors import audit_desk as desk
from tallybook.doors.converting import card_names
from tallybook.doors.county import playing
from tallybook.doors.county.making import BATCH, RACES, County, Race
from tallybook.doors.county.playing import MEMBERS, ROWS, Played, plain
from tallybook.election import Contest
from tallybook.election.cards import CastVoteRecords, Mark, Pattern
from tallybook.formats.archives import InMemory
from tallybook.formats.detect import read_any
from tallybook.keep.cards.published import Published, ballots_of, files_of, publish_population
from tallybook.merkle.canonical import encode
from tallybook.outcomes.selections import tally_selections

SEED = "86420975318642097531"
SIZES = {"mayor": 50, "sheriff": 125, "commission": 75, "judge": 60}
WINNERS = {"mayor": ("ash",), "sheriff": ("fern",), "commission": ("hazel", "ivy"), "judge": ("larch",)}
SPARE = 5
"""A later round draws a fifth more than is needed without error, for some will be found."""

Json = dict[str, Any]
Say = Callable[[str], object]


def read_back(export: bytes) -> CastVoteRecords:
    """The records of the export, as every export is read."""
    reading = read_any(InMemory({"cvr.csv": export}, "county"))
    assert reading.records is not None, reading.problems
    return reading.records


def renamed(records: CastVoteRecords, race: Race) -> tuple[Contest, tuple[Pattern, ...], np.ndarray]:
    """A contest of the export under the ids of the book, its patterns and its codes."""
    found = next(one for one in records.contests if one.name == race.name)
    ids = {choice.id: name for choice, name in zip(found.choices, race.choices, strict=True)}
    choices = tuple(msgspec.structs.replace(one, id=ids[one.id]) for one in found.choices)
    contest = msgspec.structs.replace(found, id=race.id, choices=choices, seats=seats(race))
    patterns = tuple(
        Pattern(tuple(Mark(ids[m.choice], m.rank, m.votes) for m in one.marks), one.flags)
        for one in records.patterns[found.id]
    )
    return contest, patterns, records.codes[found.id]


def seats(race: Race) -> int:
    """As many seats as votes."""
    return race.votes


def opening(race: Race) -> Json:
    """A contest as an opening has it."""
    listed = [{"id": name, "name": name.title()} for name in race.choices]
    said = {"id": race.id, "name": race.name, "class": race.class_id, "choices": listed}
    return {**said, "seats": seats(race), "votes_allowed": race.votes} if race.votes > 1 else said


def publish(county: County, records: CastVoteRecords) -> dict[str, Published]:
    """The rows of every contest: those of a district in its batches only."""
    names, found = card_names(records), {}
    assert tuple(names) == county.items, "the export is read in the order in which it was written"
    for race in RACES:
        contest, patterns, codes = renamed(records, race)
        mine = np.flatnonzero(codes) if race.half else np.arange(len(names))
        cards = [names[place] for place in mine.tolist()]
        found[race.id] = publish_population(contest, patterns, codes[mine], cards, ROWS)
    return found


def manifest_of(county: County) -> bytes:
    """Every batch with its cards."""
    batches = dict.fromkeys(item.partition("/")[0] for item in county.items)
    return encode(
        {"batches": [{"cards": BATCH, "id": one} for one in batches], "format": "tallybook/manifest/v1"}
    )


def claims(book: Played, rows: Mapping[str, Published]) -> dict[str, list[Json]]:
    """What must be true of all cards for the reported outcomes to be right."""
    found = {}
    for race in RACES:
        contest = ballot(book.standing.contests[race.id])
        if race.ranks:
            answer: Any = ranked(book, race.id, rows[race.id])
        elif race.class_id == "executive":
            answer = majority(contest, WINNERS[race.id][0])
        else:
            answer = most_votes(contest, WINNERS[race.id])
        found[race.id] = [plain(published_form(one)) for one in answer.assertions]
    return found


def ranked(book: Played, name: str, rows: Published) -> Any:
    """The claim of a ranked contest: the easiest assertions that leave no other order of elimination."""
    contest = book.standing.contests[name]
    rule = winner_rule(book.standing, contest, "2026-11-05")
    assert rule is not None
    held = ballots_of(rows)
    reading = ranks(ballot(contest), held.patterns, ranked_rules(rule))
    found: Any = raire(reading, held.counts, WINNERS[name], name)
    return found[0]


def commit(book: Played, county: County, rows: Mapping[str, Published]) -> Mapping[str, Any]:
    """The plan with everything it names, committed and witnessed; the seed rolled. Answers the margins."""
    manifest = manifest_of(county)
    files = [("manifest.json", manifest)]
    contests = []
    for race in RACES:
        made = files_of(rows[race.id])
        files += [(f"{race.id}-{name}", data) for name, data in made.items()]
        contests.append(planned(race, rows[race.id], made["contest.json"], county))
    plan = {
        "assertions": claims(book, rows),
        "board": desk.board_of(MEMBERS, 2),
        "contests": contests,
        "draw": "cards",
        "format": "tallybook/audit-plan/v1",
        "manifest": fingerprint(manifest),
        "risk_limit": "1/20",
        "sizes": SIZES,
    }
    data = encode(plan)
    files.append(("plan.json", data))
    entry = playing.do(book, "commit_audit_plan", playing.COUNTY, files=files, plan=fingerprint(data))
    book.audit = entry.seq
    playing.checkpoint(book)
    dice = {"rollers": ["A. Roller", "B. Roller"], "witnesses": ["W. Witness"], "dice": "ten-sided"}
    playing.ask(book, "record_audit_seed", playing.COUNTY, seed=SEED, **dice)
    return entry.result


def planned(race: Race, rows: Published, head: bytes, county: County) -> Json:
    """A contest of the plan."""
    said = {
        "cards": rows.cards,
        "contest": race.id,
        "evidence": "comparison",
        "lacking": "carries",
        "outcome": {"kind": "winner", "winners": list(WINNERS[race.id])},
        "reported": fingerprint(head),
    }
    if not race.half:
        return said
    north = dict.fromkeys(item.partition("/")[0] for item in county.items if item in county.paper[race.id])
    return {**said, "batches": list(north)}


def fingerprint(data: bytes) -> str:
    """The name of an exhibit."""
    return sha256(data).hexdigest()


def rounds(book: Played, county: County, say: Say) -> list[Sequence[str]]:
    """Round after round until every contest has ended. Answers rows for people."""
    told: list[Sequence[str]] = []
    sizes: Mapping[str, int] = {}
    while book.run.open_contests:
        playing.ask(book, "draw_audit_round", playing.COUNTY, **({"sizes": sizes} if sizes else {}))
        many = playing.read(book, county.paper, county.lost)
        found = playing.compare(book)
        results = playing.measure(book)
        say(f"Round {book.run.round}: {count(many, 'card')} read twice, {count(found, 'discrepancy')}.")
        for name, result in results.items():
            told.append(row(book, name, result))
            if result["step"] == "stop":
                playing.ask(book, "stop_audit", playing.COUNTY, contest=name)
        sizes = {name: next_size(book, name, results) for name in book.run.plan.names}
    return told


def count(number: int, one: str) -> str:
    """`1 card`, `2 cards`, `2 discrepancies`."""
    many = f"{one[:-1]}ies" if one.endswith("y") else f"{one}s"
    return f"{number:,} {one if number == 1 else many}"


def next_size(book: Played, name: str, results: Mapping[str, Any]) -> int:
    """How many of a contest are drawn in all after the next round."""
    now = book.run.sizes[name]
    if name in book.run.stopped:
        return now
    more: int = results[name]["more"]
    used: int = results[name]["cards"]
    return min(book.run.plan.contest(name).cards, max(now, used) + more + more // SPARE)


def row(book: Played, name: str, result: Mapping[str, Any]) -> Sequence[str]:
    """A measurement for people."""
    contest = book.standing.contests[name].name
    step = {"stop": "the audit ends", "another_round": "another round"}.get(result["step"], result["step"])
    return (str(book.run.round), contest, f"{result['cards']:,}", result["risk"], step)


def certify(book: Played, rows: Mapping[str, Published]) -> None:
    """The county certifies each contest that is not ranked, as the records have it."""
    for race in RACES:
        if race.ranks:
            continue
        tally = tally_selections(ballots_of(rows[race.id]))
        said = {"contest": race.id, "place": playing.PLACE, "returns": {"votes": dict(tally.votes)}}
        playing.do(book, "certify_county_returns", playing.COUNTY, **said)
