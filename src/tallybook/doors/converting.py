"""Carrying cast vote records and results from one format to another, and RCTab's rules to rules files.

For the command `convert`. What is lost on the way is said: a format that holds one contest says which, and a
record that it cannot hold is a sentence, never left out. Nothing is written over.
"""

import datetime
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import numpy as np

from tallybook.doors import converting_results as of_results
from tallybook.doors import published_cards
from tallybook.doors.cli.shown import DoorError
from tallybook.doors.contest_parts import named_contest, parts_of, stores_in, together
from tallybook.doors.exports import depended_on, read_export, size_of
from tallybook.doors.jurisdictions import is_grave
from tallybook.doors.rules_text import rules_text
from tallybook.election import Contest
from tallybook.election.cards import Ballots, CastVoteRecords, narrowed
from tallybook.outcomes import Rules

if TYPE_CHECKING:
    from tallybook.formats.cvr_cdf_out import About as Report

ENDINGS = {".blt": "blt", ".soi": "preflib", ".toi": "preflib", ".soc": "preflib", ".toc": "preflib",
           ".toml": "rules", ".raire": "raire", ".xml": "cdf-xml", ".json": "cdf-json"}  # fmt: skip


class About(msgspec.Struct, frozen=True):
    """What was asked for beside the two places: format, contest, file of the secret, what a report states."""

    to: str = ""
    contest: str = ""
    secret: Path | None = None
    generated: str = ""
    issuer: str = ""
    status: str = ""
    day: str = ""
    fewest: int = 10
    under: str = ""
    rules: Rules | None = None


def converted(source: Path, out: Path, about: About) -> str:
    """Write ``out`` from ``source``, and say what was written. Raises DoorError where that cannot be done."""
    size_of(source)
    results = about.to in of_results.WRITERS or (not about.to and of_results.is_results(source))
    to = about.to or (of_results.ENDINGS if results else ENDINGS).get(out.suffix, "")
    known = [*WRITERS, *of_results.WRITERS, "rules"]
    if to not in known:
        raise DoorError(f"--to names the format to write: {', '.join(known)}. Nothing was written.")
    if out.exists():
        raise DoorError(f"{out} exists already. Nothing was changed; name a new file or folder.")
    if results:
        return of_results.converted(source, out, to, _asked(about))
    if to == "rules":
        return rules_of_rctab(source, out)
    records = records_in(source, about.contest)
    try:
        records = normalised(records, about) if about.rules is not None else records
        return WRITERS[to](records, out, about)
    except ValueError as why:
        raise DoorError(f"{to} cannot hold these records: {why} Nothing was written.") from None


def records_in(source: Path, contest: str = "") -> CastVoteRecords:
    """The records of a store, of a published contest or of an export.

    Raises DoorError where a problem is grave.
    """
    from tallybook.keep import cards as kept

    stores = stores_in(source) if source.is_dir() else ()
    if len(stores) > 1:
        names = ", ".join(name for name, _ in stores)
        raise DoorError(f"{source} holds several jurisdictions; convert them one by one: {names}.")
    if stores:
        return kept.records(kept.open_store(stores[0][1]))
    if source.is_dir() and published_cards.is_published(source):
        return published_cards.records_of(source, contest)
    reading = read_export(source)
    if reading.records is None:
        raise DoorError(*[str(one) for one in reading.problems if is_grave(one)][:5], "Nothing was written.")
    for told in depended_on(reading):
        print(told, file=sys.stderr)
    return reading.records


def normalised(records: CastVoteRecords, about: About) -> CastVoteRecords:
    """The ranked contests (the one that was named, if any) as the rules read them: plain rankings alone."""
    from tallybook.outcomes.normalising import plain_rankings

    assert about.rules is not None, "Ballots are normalised by rules."
    wanted = [named_contest(records.contests, about.contest)] if about.contest else records.contests
    kept = [one for one in wanted if one is not None and _is_ranked(records, one.id)]
    if not kept:
        raise DoorError(
            "--rules normalises ranked ballots, and no contest here is ranked. Nothing was written."
        )
    patterns, codes = {}, {}
    for contest in kept:
        read = plain_rankings(records.patterns[contest.id], contest, about.rules.ballot)
        table = {pattern: code for code, pattern in enumerate(dict.fromkeys(filter(None, read)), 1)}
        meaning = np.array([0, *(table[one] if one is not None else 0 for one in read)], np.uint32)
        patterns[contest.id], codes[contest.id] = tuple(table), narrowed(meaning[records.codes[contest.id]])
    return msgspec.structs.replace(records, contests=tuple(kept), patterns=patterns, codes=codes, original={})


def _is_ranked(records: CastVoteRecords, contest_id: str) -> bool:
    return any(mark.rank for pattern in records.patterns[contest_id] for mark in pattern.marks)


def rules_of_rctab(source: Path, out: Path) -> str:
    """The rules of an RCTab configuration as a rules file; its candidates are called by their names."""
    from tallybook.formats.rctab import read_config
    from tallybook.outcomes import rules_from_rctab

    size_of(source)
    data = source.read_bytes()
    config, problems = read_config(data, source.name)
    if config is None:
        raise DoorError(*map(str, problems), "Nothing was written.")
    candidates = [one["name"] for one in config["candidates"] if isinstance(one, dict) and "name" in one]
    text = data.removeprefix(b"\xef\xbb\xbf").decode()
    rules, faults = rules_from_rctab(text, {name: name for name in candidates}, source.name)
    if rules is None:
        raise DoorError(*map(str, faults), "Nothing was written.")
    out.write_text(rules_text(rules), encoding="utf-8")
    return f"{out}: the rules of {source.name}. Compare them with the law before you count by them."


# One writer per format ------------------------------------------------------------------------


def _store(records: CastVoteRecords, out: Path, _about: About) -> str:
    from tallybook.keep import cards as kept

    kept.store(records, out)
    return f"{out}: {records.cards:,} cards."


def _cdf_json(records: CastVoteRecords, out: Path, about: About) -> str:
    from tallybook.formats.cvr_cdf_out import write_json

    out.write_bytes(write_json(records, _report(records, about)))
    return f"{out}: {records.cards:,} cards."


def _cdf_xml(records: CastVoteRecords, out: Path, about: About) -> str:
    from tallybook.formats.cvr_cdf_out import write_xml

    out.write_bytes(write_xml(records, _report(records, about)))
    return f"{out}: {records.cards:,} cards."


def _raire(records: CastVoteRecords, out: Path, _about: About) -> str:
    from tallybook.formats.raire import write_raire

    out.write_bytes(write_raire(records))
    return f"{out}: {records.cards:,} cards."


def _rctab(records: CastVoteRecords, out: Path, _about: About) -> str:
    from tallybook.formats.rctab import write_neutral

    out.write_bytes(write_neutral(records))
    return f"{out}: {records.cards:,} cards, a row for each contest on each."


def _blt(records: CastVoteRecords, out: Path, about: About) -> str:
    from tallybook.formats.blt import BltFile, write_blt

    ballots = _one(records, about)
    out.write_bytes(write_blt(BltFile(ballots)))
    return f"{out}: {ballots.contest.name}, {sum(ballots.counts):,} cards."


def _preflib(records: CastVoteRecords, out: Path, about: About) -> str:
    from tallybook.formats.preflib import write_preflib

    ballots = _one(records, about)
    out.write_bytes(write_preflib(ballots, out.name))
    return f"{out}: {ballots.contest.name}, {sum(ballots.counts):,} cards."


def _published(records: CastVoteRecords, out: Path, about: About) -> str:
    """Each contest in a folder of its own, numbered in the order of the ballot."""
    from tallybook.keep.cards.published import files_of, publish
    from tallybook.merkle.errors import EvidenceError

    if about.secret is None:
        raise DoorError("--secret names the file of the secret of the salts (32 bytes or more, kept apart).")
    names = card_names(records)
    contests = [named_contest(records.contests, about.contest)] if about.contest else records.contests
    guard_privacy(records, [one for one in contests if one is not None], about)
    for number, contest in enumerate(contests, 1):
        if contest is None:
            raise DoorError(f"There is no contest {about.contest!r} here.")
        codes, patterns = records.codes[contest.id], records.patterns[contest.id]
        try:
            made = publish(contest, patterns, codes, names, about.secret.read_bytes())
        except EvidenceError as why:
            raise DoorError(f"{about.secret}: {why}") from None
        folder = out / str(number)
        folder.mkdir(parents=True)
        for name, data in files_of(made).items():
            (folder / name).write_bytes(data)
    many = "1 contest" if len(contests) == 1 else f"{len(contests)} contests"
    return f"{out}: {many}, shuffled; {records.cards:,} cards."


def guard_privacy(records: CastVoteRecords, contests: Sequence[Contest], about: About) -> None:
    """Refuse a contest of few cards, of one mind, or with whole readings that hardly any card shares."""
    from tallybook.canvass import Limits, contest_leaks
    from tallybook.doors.cli.privacy import cited
    from tallybook.doors.privacy import Looked, refuse
    from tallybook.election.cards import ballots

    limits = Limits(ballots=about.fewest, unanimous=max(about.fewest, min(30, 3 * about.fewest)))
    found = [leak for contest in contests for leak in contest_leaks(ballots(records, contest.id), limits)]
    if not cited(about.under):
        refuse(Looked(tuple(found), len(contests), 0), "Nothing was written.")


def card_names(records: CastVoteRecords) -> list[str]:
    """The name by which each card is drawn: its batch (tabulator-batch) and its place in it, from 1.

    That is how a manifest finds it. Places follow the order of the export, in which cards lie in the batch.
    """
    columns = [records.columns[name] for name in ("tabulator", "batch") if name in records.columns]
    texts = [[column.values[code] for code in column.codes.tolist()] for column in columns]
    names: list[str] = []
    places: dict[str, int] = {}
    for batch in map("-".join, zip(*texts, strict=True)) if texts else [""] * records.cards:
        places[batch] = places.get(batch, 0) + 1
        names.append(f"{batch}/{places[batch]}")
    return names


def _one(records: CastVoteRecords, about: About) -> Ballots:
    """The ballots of the contest that was named, or of the only one."""
    known = "; ".join(one.name for one in records.contests)
    if not about.contest and len(records.contests) != 1:
        raise DoorError(f"This format holds one contest. Name it with --contest: {known}.")
    contest = named_contest(records.contests, about.contest or records.contests[0].id)
    if contest is None:
        raise DoorError(f"There is no contest {about.contest!r} here. There are: {known}.")
    return together({"": parts_of(records, contest.id, "")})[""]


def _report(records: CastVoteRecords, about: About) -> "Report":
    from tallybook.formats.cvr_cdf_out import About as Report

    return Report(records.source, records.source, _generated(about))


def _asked(about: About) -> of_results.Asked:
    """What a report of results is to state."""
    try:
        day = datetime.date.fromisoformat(about.day) if about.day else None
    except ValueError:
        raise DoorError(f"--day {about.day}: expected a day such as 2020-11-03.") from None
    return of_results.Asked(_generated(about), about.issuer, about.status, day=day)


def _generated(about: About) -> datetime.datetime:
    """The moment that a report states. Raises DoorError for one without its time zone."""
    try:
        made = datetime.datetime.fromisoformat(about.generated) if about.generated else _now()
    except ValueError:
        raise DoorError(
            f"--generated {about.generated}: expected a date and time, 2026-11-21T12:00:00Z."
        ) from None
    if made.tzinfo is None:
        raise DoorError(f"--generated {about.generated}: say the time zone, such as Z at its end.")
    return made


def _now() -> datetime.datetime:
    return datetime.datetime.now(datetime.UTC).replace(microsecond=0)


Writer = Callable[[CastVoteRecords, Path, About], str]
WRITERS: dict[str, Writer] = {
    "store": _store,
    "cdf-json": _cdf_json,
    "cdf-xml": _cdf_xml,
    "raire": _raire,
    "rctab": _rctab,
    "blt": _blt,
    "preflib": _preflib,
    "published": _published,
}
