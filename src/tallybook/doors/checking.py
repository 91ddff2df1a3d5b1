"""Whether an export is whole, asked while it is read: cards against the manifest, votes against returns.

For `tallybook cards`. The manifest and the returns are read in any of their forms; which columns a manifest
has is told by its header. What they say of another jurisdiction is not asked. The comparing itself is
``formats.bundles``.
"""

from pathlib import Path

import msgspec

from tallybook.doors.cli.shown import DoorError
from tallybook.doors.exports import OnDisk, size_of
from tallybook.election import Manifest, Tally
from tallybook.election.cards import CastVoteRecords
from tallybook.formats.problems import FileProblem
from tallybook.formats.results import Results

THEMSELVES = "themselves"
MOST_BYTES = 1 << 30


class Papers(msgspec.Struct, frozen=True):
    """The files to hold an export against, "" for none.

    ``signed_by`` is the file of a public key, or ``THEMSELVES``: the keys that stand in the signatures.
    """

    manifest: str = ""
    totals: str = ""
    tabulators: str = ""
    signed_by: str = ""


def against(
    records: CastVoteRecords, export: str, papers: Papers, jurisdiction: str
) -> tuple[FileProblem, ...]:
    """Every problem found by holding the records of a jurisdiction, and its export, against these files."""
    from tallybook.formats.bundles import against_manifest, against_totals

    manifest, totals = papers.manifest, papers.totals
    found: tuple[FileProblem, ...] = ()
    if papers.signed_by:
        found += signatures(Path(export), papers.signed_by)
    if papers.tabulators:
        found += tabulators(records, Path(papers.tabulators))
    if manifest:
        held = manifest_in(Path(manifest), jurisdiction)
        found += against_manifest(records, held, _known_as(held, jurisdiction))
    if totals:
        found += against_totals(records, tallies_in(Path(totals), jurisdiction))
    return found


def bytes_of(file: Path) -> bytes:
    """A file handed in beside an export. Raises DoorError where there is none, or it is too large for one."""
    from tallybook.formats.archives import read_fields
    from tallybook.formats.problems import Problems

    size_of(file)
    problems = Problems()
    data = read_fields(OnDisk(file), file.name, MOST_BYTES, problems)
    if data is None:
        raise DoorError(*map(str, problems.collected()), "Nothing was stored.")
    return data


def signatures(export: Path, signed_by: str) -> tuple[FileProblem, ...]:
    """What is wrong with the vendor's signatures of an export. Raises DoorError for what is no key."""
    from tallybook.formats.hart_signatures import check_export, read_key

    if signed_by == THEMSELVES:
        return check_export(OnDisk(export), None)
    size_of(Path(signed_by))
    try:
        key = read_key(Path(signed_by).read_bytes())
    except ValueError as why:
        raise DoorError(f"{signed_by}: {why}. Nothing was stored.") from None
    return check_export(OnDisk(export), key)


def tabulators(records: CastVoteRecords, file: Path) -> tuple[FileProblem, ...]:
    """Tabulators of the records that the status report does not name. Raises DoorError with its problems."""
    from tallybook.formats.tabulators import check_tabulators, read_tabulators

    names, problems = read_tabulators(bytes_of(file), file.name)
    if names is None:
        raise DoorError(*map(str, problems[:5]), "Nothing was stored.")
    return check_tabulators(records, names, file.name)


def manifest_in(file: Path, jurisdiction: str) -> Manifest:
    """The manifest in a file, of whichever form. Raises DoorError with its problems."""
    from tallybook.formats.manifests import manifest_of_any

    held, problems = manifest_of_any(bytes_of(file), file.name, jurisdiction)
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
