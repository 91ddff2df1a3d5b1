"""From plain dicts (parsed JSON, TOML, or rows of a file) to the nouns, with the problems collected.

Each reader gives (value, problems): the value is None exactly where there are problems, and every problem
names its field. Dates may be given as dates or as YYYY-MM-DD. Booleans are not numbers here, and fields
nobody asked for are problems, since a misspelt field would otherwise be lost in silence.
"""

import datetime
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

import msgspec

from tallybook.election.nouns import (
    Batch,
    Choice,
    Contest,
    Election,
    Jurisdiction,
    Manifest,
    ModeVotes,
    Tally,
    Votes,
)
from tallybook.election.problems import Problem
from tallybook.election.tallies import check_tally

T = TypeVar("T")
Reader = Callable[[object, str, list[Problem]], T]


def read_election(data: object, where: str = "election") -> tuple[Election | None, tuple[Problem, ...]]:
    """An election: id, name, day, contests, jurisdictions (optional). Ids must be unique among their kind."""
    return _collect(_election, data, where)


def read_contest(data: object, where: str = "contest") -> tuple[Contest | None, tuple[Problem, ...]]:
    """A contest: id, name, office_class, choices, seats (1), votes_allowed (1). Choice ids must be unique."""
    return _collect(_contest, data, where)


def read_jurisdiction(data: object, where: str) -> tuple[Jurisdiction | None, tuple[Problem, ...]]:
    """A jurisdiction: id, name, within (optional)."""
    return _collect(_jurisdiction, data, where)


def read_manifest(data: object, where: str = "manifest") -> tuple[Manifest | None, tuple[Problem, ...]]:
    """A manifest: batches, and total (optional) which must be the sum of their cards.

    A batch stands once in its jurisdiction; card ids, where given, are as many as its cards and unique
    in the jurisdiction.
    """
    return _collect(_manifest, data, where)


def read_tally(
    data: object, contest: Contest, where: str = "tally"
) -> tuple[Tally | None, tuple[Problem, ...]]:
    """A tally of the contest: contest_id, votes ({choice: votes}), and what else is stated.

    Votes are put into ballot order; a choice a mode leaves out has 0 votes in it. Its accounts must agree.
    """
    tally, problems = _collect(_tally, data, where)
    if tally is None:
        return None, problems
    found = check_tally(tally, contest)
    return (None, found) if found else (_in_ballot_order(tally, contest), ())


def _collect(reader: Reader[T], data: object, where: str) -> tuple[T | None, tuple[Problem, ...]]:
    problems: list[Problem] = []
    value = reader(data, where, problems)
    return (None, tuple(problems)) if problems else (value, ())


def _election(data: object, where: str, problems: list[Problem]) -> Election:
    row = _row(data, where, problems, "id name day contests jurisdictions")
    election = Election(
        id=_text(row, "id", where, problems),
        name=_text(row, "name", where, problems),
        day=_day(row, "day", where, problems),
        contests=_each(row, "contests", where, problems, _contest),
        jurisdictions=_each(row, "jurisdictions", where, problems, _jurisdiction, needed=False),
    )
    _unique([contest.id for contest in election.contests], f"{where}, contests", problems)
    _unique([place.id for place in election.jurisdictions], f"{where}, jurisdictions", problems)
    return election


def _contest(data: object, where: str, problems: list[Problem]) -> Contest:
    row = _row(data, where, problems, "id name office_class choices seats votes_allowed")
    contest = Contest(
        id=_text(row, "id", where, problems),
        name=_text(row, "name", where, problems),
        office_class=_text(row, "office_class", where, problems),
        choices=_each(row, "choices", where, problems, _choice),
        seats=_count(row, "seats", where, problems, least=1, absent=1),
        votes_allowed=_count(row, "votes_allowed", where, problems, least=1, absent=1),
    )
    _unique(contest.choice_ids, f"{where}, choices", problems)
    return contest


def _choice(data: object, where: str, problems: list[Problem]) -> Choice:
    row = _row(data, where, problems, "id name party")
    id_, name = _text(row, "id", where, problems), _text(row, "name", where, problems)
    return Choice(id_, name, _text(row, "party", where, problems, needed=False))


def _jurisdiction(data: object, where: str, problems: list[Problem]) -> Jurisdiction:
    row = _row(data, where, problems, "id name within")
    id_, name = _text(row, "id", where, problems), _text(row, "name", where, problems)
    return Jurisdiction(id_, name, _text(row, "within", where, problems, needed=False))


def _manifest(data: object, where: str, problems: list[Problem]) -> Manifest:
    row = _row(data, where, problems, "batches total")
    manifest = Manifest(_each(row, "batches", where, problems, _batch))
    _unique([(batch.jurisdiction, batch.id) for batch in manifest.batches], f"{where}, batches", problems)
    cards = [(batch.jurisdiction, card) for batch in manifest.batches for card in batch.card_ids]
    _unique(cards, f"{where}, card_ids", problems)
    if "total" in row:
        total = _count(row, "total", where, problems)
        if total != manifest.cards and not problems:
            mend = "Correct the total, or the batch whose cards were miscounted."
            expected = f"the sum of the batches, {manifest.cards}"
            problems.append(Problem(f"{where}, total", str(total), expected, mend))
    return manifest


def _batch(data: object, where: str, problems: list[Problem]) -> Batch:
    row = _row(data, where, problems, "jurisdiction id cards container card_ids")
    batch = Batch(
        jurisdiction=_text(row, "jurisdiction", where, problems),
        id=_text(row, "id", where, problems),
        cards=_count(row, "cards", where, problems),
        container=_text(row, "container", where, problems, needed=False),
        card_ids=_each(row, "card_ids", where, problems, _card_id, needed=False),
    )
    if batch.card_ids and len(batch.card_ids) != batch.cards:
        found, expected = f"{len(batch.card_ids)} ids", f"as many as its cards, {batch.cards}"
        problems.append(Problem(f"{where}, card_ids", found, expected, "Count the batch again."))
    return batch


def _card_id(data: object, where: str, problems: list[Problem]) -> str:
    return _text({"card": data}, "card", where, problems)


def _tally(data: object, where: str, problems: list[Problem]) -> Tally:
    row = _row(data, where, problems, "contest_id votes ballots undervotes overvotes write_ins modes")
    modes = row.get("modes", {})
    if not isinstance(modes, Mapping):
        found = _shown(modes)
        problems.append(
            Problem(f"{where}, modes", found, "votes for each mode", "Give {mode: {choice: votes}}.")
        )
        modes = {}
    return Tally(
        contest_id=_text(row, "contest_id", where, problems),
        votes=_votes(row.get("votes"), f"{where}, votes", problems),
        ballots=_stated(row, "ballots", where, problems),
        undervotes=_stated(row, "undervotes", where, problems),
        overvotes=_stated(row, "overvotes", where, problems),
        write_ins=_stated(row, "write_ins", where, problems),
        modes=tuple(
            ModeVotes(str(mode), _votes(votes, f"{where}, mode {mode}", problems))
            for mode, votes in modes.items()
        ),
    )


def _votes(data: object, where: str, problems: list[Problem]) -> Votes:
    if not isinstance(data, Mapping):
        problems.append(Problem(where, _shown(data), "votes for each choice", "Give {choice: votes}."))
        return ()
    return tuple((str(name), _count(data, name, where, problems)) for name in data)


def _in_ballot_order(tally: Tally, contest: Contest) -> Tally:
    def ordered(votes: Votes) -> Votes:
        table = dict(votes)
        return tuple((name, table.get(name, 0)) for name in contest.choice_ids)

    return msgspec.structs.replace(
        tally,
        votes=ordered(tally.votes),
        modes=tuple(ModeVotes(m.mode, ordered(m.votes)) for m in tally.modes),
    )


def _row(data: object, where: str, problems: list[Problem], fields: str) -> Mapping[str, Any]:
    if not isinstance(data, Mapping):
        found = _shown(data)
        problems.append(Problem(where, found, f"the fields {fields}", "Give a table with these fields."))
        return {}
    for name in data:
        if name not in fields.split():
            mend = "Correct the field's name, or leave it out."
            problems.append(Problem(where, f"a field {_shown(name)}", f"one of {fields}", mend))
    return data


def _text(
    row: Mapping[str, Any], field: str, where: str, problems: list[Problem], *, needed: bool = True
) -> str:
    value = row.get(field, "")
    if not isinstance(value, str) or (needed and not value.strip()):
        found = _shown(value) if field in row else "nothing"
        problems.append(Problem(f"{where}, {field}", found, "words", f"Write the {field} between quotes."))
        return ""
    return value


def _count(
    row: Mapping[str, Any],
    field: str,
    where: str,
    problems: list[Problem],
    least: int = 0,
    absent: int | None = None,
) -> int:
    value = row.get(field, absent)
    if isinstance(value, bool) or not isinstance(value, int) or value < least:
        expected = f"a whole number, {least} or more"
        problems.append(Problem(f"{where}, {field}", _shown(value), expected, "Correct the number."))
        return least
    return value


def _stated(row: Mapping[str, Any], field: str, where: str, problems: list[Problem]) -> int | None:
    return None if row.get(field) is None else _count(row, field, where, problems)


def _day(row: Mapping[str, Any], field: str, where: str, problems: list[Problem]) -> datetime.date:
    value = row.get(field)
    if isinstance(value, datetime.date) and not isinstance(value, datetime.datetime):
        return value
    try:
        if isinstance(value, str) and re.fullmatch("[0-9]{4}-[0-9]{2}-[0-9]{2}", value):
            return datetime.date.fromisoformat(value)
        raise ValueError(value)
    except ValueError:
        expected, mend = "a date as YYYY-MM-DD", "Write it like 2020-11-03."
        problems.append(Problem(f"{where}, {field}", _shown(value), expected, mend))
        return datetime.date.min


def _each(
    row: Mapping[str, Any],
    field: str,
    where: str,
    problems: list[Problem],
    reader: Reader[T],
    *,
    needed: bool = True,
) -> tuple[T, ...]:
    rows = row.get(field, ())
    if isinstance(rows, str) or not isinstance(rows, Sequence) or (needed and not rows):
        found = _shown(rows) if rows else "none"
        problems.append(Problem(f"{where}, {field}", found, "a list", f"Give the {field} as a list."))
        return ()
    return tuple(reader(item, f"{where}, {field} {place}", problems) for place, item in enumerate(rows, 1))


def _unique(names: Sequence[object], where: str, problems: list[Problem]) -> None:
    seen: set[object] = set()
    for name in names:
        if name in seen:
            shown = " ".join(name) if isinstance(name, tuple) else str(name)
            problems.append(
                Problem(where, f"{shown} more than once", "each once", "Leave one, or rename it.")
            )
        seen.add(name)


def _shown(value: object) -> str:
    return "nothing" if value is None else repr(value)[:60]
