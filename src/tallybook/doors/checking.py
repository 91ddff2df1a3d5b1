"""Whether an export is whole, asked while it is read: cards against the manifest, votes against returns.

For `tallybook cards`. The manifest and the returns are read in any of their forms; which columns a manifest
has is told by its header. What they say of another jurisdiction is not asked. The comparing itself is
``formats.bundles``.
"""

from pathlib import Path

from tallybook.doors.cli.shown import DoorError
from tallybook.doors.exports import OnDisk, size_of
from tallybook.election import Manifest, Tally
from tallybook.election.cards import CastVoteRecords
from tallybook.formats.problems import FileProblem
from tallybook.formats.results import Results


def against(
    records: CastVoteRecords, manifest: str, totals: str, jurisdiction: str
) -> tuple[FileProblem, ...]:
    """Every problem found by holding the records of a jurisdiction against these files ("" for none)."""
    from tallybook.formats.bundles import against_manifest, against_totals

    found: tuple[FileProblem, ...] = ()
    if manifest:
        held = manifest_in(Path(manifest), jurisdiction)
        found += against_manifest(records, held, _known_as(held, jurisdiction))
    if totals:
        found += against_totals(records, tallies_in(Path(totals), jurisdiction))
    return found


def manifest_in(file: Path, jurisdiction: str) -> Manifest:
    """The manifest in a file, of whichever form. Raises DoorError with its problems."""
    from tallybook.formats.manifests import manifest_of_any

    size_of(file)
    held, problems = manifest_of_any(file.read_bytes(), file.name, jurisdiction)
    if held is None:
        raise DoorError(*map(str, problems[:5]), "Nothing was stored.")
    return held


def tallies_in(file: Path, jurisdiction: str) -> dict[str, Tally]:
    """The returns of a jurisdiction, by the contest's name, with the choices' names for ids.

    Where the file has a unit of the jurisdiction's name, its numbers; otherwise those of the whole file.
    """
    from tallybook.formats.results_any import read_any

    size_of(file)
    results, problems = read_any(OnDisk(file))
    if results is None:
        raise DoorError(*map(str, problems[:5]), "Nothing was stored.")
    units = [unit.id for unit in results.units if jurisdiction and unit.name == jurisdiction]
    return {one.name: _named(results, one.id, units) for one in results.contests}


def _named(results: Results, contest_id: str, units: list[str]) -> Tally:
    from tallybook.formats.results import tally

    counted = tally(results, contest_id, units or None)
    names = {choice.id: choice.name for choice in results.contest(contest_id).choices}
    votes = tuple((names[choice], number) for choice, number in counted.votes)
    return Tally(contest_id, votes, counted.ballots, counted.undervotes, counted.overvotes)


def _known_as(held: Manifest, jurisdiction: str) -> str:
    """What the manifest calls the jurisdiction; its only one where the export has no name."""
    named = {batch.jurisdiction for batch in held.batches}
    return next(iter(named)) if not jurisdiction and len(named) == 1 else jurisdiction
