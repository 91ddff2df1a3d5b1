"""VotingWorks' export: a folder for each sheet, each with a report of one record in NIST's format.

For whoever counts or audits from it. Since 2023 the definitions stand once, in ``metadata.json`` beside the
folders, with a list of batches and their numbers of sheets; before, each report had its own. Folders named
``rejected-...`` hold images of sheets that the scanner gave back: they are no cards. How a ballot was cast
has no field in SP 1500-103; the system writes it into OtherStatus of the snapshot. The hash of the export,
which covers images too, is not checked here.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from tallybook.election.cards import CastVoteRecords, column_of
from tallybook.formats import cvr_cdf
from tallybook.formats.archives import Folder, base_name, read_whole
from tallybook.formats.problems import Consequence, Problems, Reading, shown

REPORT, METADATA = "cast-vote-record-report.json", "metadata.json"
REJECTED = "rejected-"
BOM = b"\xef\xbb\xbf"
FILE_BYTES = 64 << 20
AGAIN = "Export the records again from the scanner; nothing was counted."
Raw = msgspec.Raw


class Definitions(msgspec.Struct, frozen=True):
    """What records refer to. ``CVR`` stays text; the others are compared between reports."""

    Election: tuple[Any, ...] = ()
    GpUnit: tuple[Any, ...] = ()
    Party: tuple[Any, ...] = ()
    ReportingDevice: tuple[dict[str, Any], ...] = ()
    OtherReportType: str = ""
    CVR: tuple[Raw, ...] = ()


class BatchOf(msgspec.Struct, frozen=True):
    """A batch of the list: how many sheets the scanner says it holds."""

    id: str
    sheetCount: int  # noqa: N815 - the vendor's word


class Metadata(msgspec.Struct, frozen=True):
    """What stands once for all records of an export."""

    castVoteRecordReportMetadata: Definitions  # noqa: N815 - the vendor's word
    batchManifest: tuple[BatchOf, ...] = ()  # noqa: N815 - the vendor's word


class Told(msgspec.Struct, frozen=True):
    """What this module asks of a record."""

    UniqueId: str = ""
    BatchId: str = ""
    CurrentSnapshotId: str = ""
    CVRSnapshot: tuple["Snapshot", ...] = ()
    vxBallotType: str = ""  # noqa: N815 - the vendor's word


class Snapshot(msgspec.Struct, frozen=True):
    """One version of a record, as far as it is asked here."""

    id: str = msgspec.field(default="", name="@id")
    OtherStatus: str = ""


class Cast(msgspec.Struct, frozen=True):
    """How a ballot was cast, as text within a text."""

    ballotType: str = ""  # noqa: N815 - the vendor's word


def holds(folder: Folder) -> bool:
    """Whether there is a report of this vendor's in the folder."""
    return any(base_name(name) == REPORT for name in folder.names())


def read(folder: Folder) -> Reading:
    """The records of every report of the folder. Columns as in ``cvr_cdf``; ``group`` is how it was cast."""
    problems = Problems()
    stated = dict(_metadata(folder, problems))
    known: list[Definitions] = [one.castVoteRecordReportMetadata for one in stated.values()]
    records: dict[str, bytes] = {}
    tolds: list[Told] = []
    for name in folder.names():
        report = _report(folder, name, problems)
        if report is None:
            continue
        known += [report] if report.Election else []
        for raw in report.CVR:
            told = _told(raw, name, problems)
            if told is not None and _is_new(told, bytes(raw), records, name, problems):
                tolds.append(told)
    definitions = _one(known, folder.name, problems)
    _check_batches(stated, tolds, problems)
    if definitions is None or problems.grave:
        return problems.reading(None)
    reading = cvr_cdf.read_json(_joined(definitions, known, records), folder.name)
    problems.extend(reading.problems)
    if reading.records is None:
        return problems.reading(None)
    return problems.reading(_with_group(reading.records, tolds))


def _metadata(folder: Folder, problems: Problems) -> Iterator[tuple[str, Metadata]]:
    for name in folder.names():
        if base_name(name) != METADATA:
            continue
        data = read_whole(folder, name, FILE_BYTES, problems)
        try:
            if data is not None and b"castVoteRecordReportMetadata" in data:
                yield name, msgspec.json.decode(data.removeprefix(BOM), type=Metadata)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as why:
            problems.add(Consequence.GRAVE, name, shown(str(why)), "the metadata of an export", AGAIN)


def _report(folder: Folder, name: str, problems: Problems) -> Definitions | None:
    """One sheet's report; None for what is none, and told where it cannot be read."""
    parts = name.split("/")
    if parts[-1] != REPORT or any(part.startswith(REJECTED) for part in parts[:-1]):
        return None
    data = read_whole(folder, name, FILE_BYTES, problems)
    try:
        return None if data is None else msgspec.json.decode(data.removeprefix(BOM), type=Definitions)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as why:
        problems.add(Consequence.GRAVE, name, shown(str(why)), "a report of SP 1500-103 in JSON", AGAIN)
        return None


def _told(raw: Raw, name: str, problems: Problems) -> Told | None:
    try:
        return msgspec.json.decode(raw, type=Told)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as why:
        problems.add(Consequence.GRAVE, name, shown(str(why)), "a CVR of SP 1500-103", AGAIN)
        return None


def _is_new(told: Told, raw: bytes, records: dict[str, bytes], name: str, problems: Problems) -> bool:
    """Note a record by its id; one that was met before is told, and grave where it says something else."""
    id_ = told.UniqueId or name
    if records.setdefault(id_, raw) is raw:
        return True
    if records[id_] == raw:
        mend = "It was counted once. See whether two exports of one scanner are in the folder."
        problems.add(Consequence.COUNT, name, f"the record {shown(id_)} again", "each once", mend)
    else:
        found = f"the record {shown(id_)} again, with other votes"
        problems.add(Consequence.GRAVE, name, found, "each record once", AGAIN)
    return False


def _one(known: list[Definitions], source: str, problems: Problems) -> Definitions | None:
    """The definitions that all reports share."""
    if not known or not known[0].Election:
        expected = f"{METADATA} with the contests, or reports that have them"
        problems.add(Consequence.GRAVE, source, "no definitions of contests", expected, AGAIN)
        return None
    first = known[0]
    if any((one.Election, one.GpUnit, one.Party) != (first.Election, first.GpUnit, first.Party)
           for one in known):  # fmt: skip
        mend = "Read the exports of each election into a folder of their own."
        problems.add(Consequence.GRAVE, source, "reports of several elections", "one election", mend)
    if any(one.OtherReportType == "test" for one in known):
        mend = "Do not count from it, unless this is a test of the counting."
        problems.add(Consequence.COUNT, source, "an export of test ballots", "an official export", mend)
    return first


def _check_batches(stated: Mapping[str, Metadata], tolds: list[Told], problems: Problems) -> None:
    counted = Counter(told.BatchId for told in tolds)
    for name, metadata in stated.items():
        for batch in metadata.batchManifest:
            found = counted.get(batch.id, 0)
            if found != batch.sheetCount:
                mend = "Ask whether sheets were given back, or the export is partial. Export again if so."
                words = f"{found:,} records of batch {shown(batch.id)}"
                expected = f"as many as its sheets, {batch.sheetCount:,}"
                problems.add(Consequence.COUNT, name, words, expected, mend)


def _joined(definitions: Definitions, known: list[Definitions], records: Mapping[str, bytes]) -> bytes:
    devices = {str(device.get("@id", "")): device for one in known for device in one.ReportingDevice}
    whole = {
        "Version": "1.0.0",
        "Election": definitions.Election,
        "GpUnit": definitions.GpUnit,
        "Party": definitions.Party,
        "ReportingDevice": list(devices.values()),
        "CVR": [Raw(raw) for raw in records.values()],
    }
    return msgspec.json.encode(whole)


def _with_group(records: CastVoteRecords, tolds: list[Told]) -> CastVoteRecords:
    """The records with how each ballot was cast, where the system says so."""
    groups = [_cast(told) for told in tolds]
    if records.cards != len(groups) or not any(groups):
        return records
    return msgspec.structs.replace(records, columns={**records.columns, "group": column_of(groups)})


def _cast(told: Told) -> str:
    for snapshot in told.CVRSnapshot:
        if snapshot.id == told.CurrentSnapshotId and snapshot.OtherStatus.startswith("{"):
            try:
                return msgspec.json.decode(snapshot.OtherStatus, type=Cast).ballotType
            except msgspec.MsgspecError:
                return told.vxBallotType
    return told.vxBallotType
