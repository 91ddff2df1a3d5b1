"""A made-up election in the standard forms, as devices and tools write them, piece by piece at any size.

Written from the specifications and not with the project's writers, so that a reader is held against somebody
else's file: NIST SP 1500-103 in JSON and XML (overvotes as its text shows them: indicated, not allocable),
VotingWorks' folders, RCTab's neutral export, RAIRE, and BLT and PrefLib for the ranked contest.
"""

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any
from xml.sax.saxutils import escape

from tests.generators.world import PRECINCTS, WRITE_IN, Race, Reading, World

NAMESPACE = "http://itl.nist.gov/ns/voting/1500-103/v1"


def nist_json(world: World) -> Iterator[bytes]:
    """A report in JSON: definitions, then a record for each card."""
    head = json.dumps({"@type": "CVR.CastVoteRecordReport", **definitions(world)})
    yield head[:-1].encode() + b', "CVR": ['
    for card, record in enumerate(records(world)):
        yield (("," if card else "") + json.dumps(record)).encode()
    yield b"]}"


def nist_xml(world: World) -> Iterator[bytes]:
    """A report in XML: the schema puts records before the definitions that they refer to."""
    start = '<?xml version="1.0" encoding="UTF-8"?>'
    instance = "http://www.w3.org/2001/XMLSchema-instance"
    yield f'{start}<CastVoteRecordReport xmlns="{NAMESPACE}" xmlns:xsi="{instance}">'.encode()
    for record in records(world):
        yield xml_of("CVR", record).encode()
    for name, value in definitions(world).items():
        yield xml_of(name, value).encode()
    yield b"</CastVoteRecordReport>"


def votingworks(world: World) -> Iterator[tuple[str, bytes]]:
    """The files of an export: metadata once, a folder and a report for each sheet."""
    batches = Counter(zip(world.tabulator.tolist(), world.batch.tolist(), strict=True))
    listed = [{"id": f"b{t}-{b}", "label": f"Batch {b}", "batchNumber": b, "sheetCount": cards,
               "scannerId": f"d{t}",
               "startTime": "2024-11-05T12:00:00.000Z"} for (t, b), cards in batches.items()]  # fmt: skip
    metadata = {"arePollsClosed": True, "batchManifest": listed, "castVoteRecordRootHash": "00",
                "castVoteRecordReportMetadata": definitions(world)}  # fmt: skip
    yield "export/metadata.json", json.dumps(metadata).encode()
    for card, record in enumerate(records(world)):
        unique = f"{card:08x}-0000-4000-8000-000000000000"
        record["UniqueId"] = unique
        del record["BatchSequenceId"]
        record["BatchId"] = f"b{world.tabulator[card]}-{world.batch[card]}"
        record["CVRSnapshot"][0]["OtherStatus"] = json.dumps(
            {"ballotType": ("precinct", "absentee")[card % 2]}
        )
        yield f"export/{unique}/cast-vote-record-report.json", json.dumps({"CVR": [record]}).encode()


def rctab_neutral(world: World) -> Iterator[bytes]:
    """RCTab's neutral export of the ranked contests: a row for each card that bears one."""
    ranked = [race for race in world.races if race.ranks]
    width = max(race.ranks for race in ranked)
    ranks = ",".join(f"Rank {rank}" for rank in range(1, width + 1))
    fixed = (
        "Source Filepath,CVR Provider,Contest Id,Tabulator Id,Batch Id,Record Id,Precinct,Precinct Portion"
    )
    yield f"{fixed},{ranks}\n".encode()
    for race in ranked:
        cells = ["", *(",".join(_rank_cells(reading, width)) for reading in race.readings)]
        for card, code in enumerate(world.codes[race.name].tolist()):
            if code:
                where = f"{world.tabulator[card]},{world.batch[card]},{world.record[card]}"
                place = PRECINCTS[world.precinct[card]]
                yield f"cvr.zip,Dominion,{race.name},{where},{place},,{cells[code]}\n".encode()


def raire(world: World) -> Iterator[bytes]:
    """RAIRE's text of the ranked contests: overvotes end a ballot, skips and repeats are closed."""
    ranked = [race for race in world.races if race.ranks]
    yield f"{len(ranked)}\n".encode()
    for race in ranked:
        yield f"Contest,{race.name},{len(race.choices)},{','.join(race.choices)}\n".encode()
    for race in ranked:
        lists = ["", *("".join(f",{name}" for name in normalised(reading)) for reading in race.readings)]
        for card, code in enumerate(world.codes[race.name].tolist()):
            if code:
                ballot = f"{world.tabulator[card]}_{world.batch[card]}_{world.record[card]}"
                yield f"{race.name},{ballot}{lists[code]}\n".encode()


def blt(world: World, race: Race) -> bytes:
    """One ranked contest as a BLT file: ``-`` is a skipped rank, ``=`` joins equal ones."""
    number = {name: place for place, name in enumerate(race.choices, 1)}
    lines = [f"{len(race.choices)} 1"]
    for reading, cards in _piles(world, race):
        at = {rank: [number[name] for name, of in reading if of == rank] for _, rank in reading}
        cells = ["=".join(map(str, at.get(rank, []))) or "-" for rank in range(1, max(at, default=0) + 1)]
        lines.append(" ".join([str(cards), *cells, "0"]))
    return "\n".join([*lines, "0", *(f'"{name}"' for name in race.choices), f'"{race.name}"', ""]).encode()


def definitions(world: World) -> dict[str, Any]:
    """What records refer to, in the order in which the XML schema wants it."""
    contests, people = [], []
    for k, race in enumerate(world.races):
        choices = []
        for n, name in enumerate(race.choices):
            if name == WRITE_IN:
                choices.append({"@id": f"s{k}-{n}", "@type": "CVR.CandidateSelection", "IsWriteIn": True})
                continue
            people.append({"@id": f"p{k}-{n}", "@type": "CVR.Candidate", "Name": name})
            choices.append(
                {"@id": f"s{k}-{n}", "@type": "CVR.CandidateSelection", "CandidateIds": [f"p{k}-{n}"]}
            )
        variation = "rcv" if race.ranks else "plurality" if race.vote_for == 1 else "n-of-m"
        contests.append({"@id": f"c{k}", "@type": "CVR.CandidateContest", "ContestSelection": choices,
                         "Name": race.name, "VoteVariation": variation,
                         "VotesAllowed": race.vote_for})  # fmt: skip
    units = [
        {"@id": f"u{k}", "@type": "CVR.GpUnit", "Name": name, "Type": "precinct"}
        for k, name in enumerate(PRECINCTS)
    ]
    numbers = sorted({int(one) for one in world.tabulator})
    devices = [
        {"@id": f"d{one}", "@type": "CVR.ReportingDevice", "SerialNumber": str(one)} for one in numbers
    ]
    return {
        "Election": [{"@id": "e", "@type": "CVR.Election", "Candidate": people, "Contest": contests,
                      "ElectionScopeId": "u0", "Name": "County"}],
        "GeneratedDate": "2024-11-05T23:00:00Z",
        "GpUnit": units,
        "ReportGeneratingDeviceIds": ["d1"],
        "ReportingDevice": devices,
        "Version": "1.0.0",
    }  # fmt: skip


def records(world: World) -> Iterator[dict[str, Any]]:
    """The record of each card."""
    shapes = [
        [None, *(_contest(k, race, one) for one in race.readings)] for k, race in enumerate(world.races)
    ]
    codes = [world.codes[race.name].tolist() for race in world.races]
    for card in range(world.cards):
        held = [shapes[k][column[card]] for k, column in enumerate(codes) if column[card]]
        yield {
            "@type": "CVR.CVR", "BallotStyleUnitId": f"u{world.precinct[card]}",
            "BatchId": str(world.batch[card]),
            "BatchSequenceId": int(world.record[card]), "CreatingDeviceId": f"d{world.tabulator[card]}",
            "CurrentSnapshotId": f"k{card}",
            "CVRSnapshot": [{"@id": f"k{card}", "@type": "CVR.CVRSnapshot", "CVRContest": held,
                             "Type": "interpreted"}],
            "ElectionId": "e",
        }  # fmt: skip


def normalised(reading: Reading) -> list[str]:
    """The names in order of rank, up to an overvote, each once."""
    kept: list[str] = []
    for rank in sorted({rank for _, rank in reading}):
        names = [name for name, of in reading if of == rank]
        if len(names) > 1:
            break
        kept += [name for name in names if name not in kept]
    return kept


def xml_of(name: str, value: Any) -> str:
    """The XML of a field: ``@id`` is ObjectId, a subclass is xsi:type, references stand between blanks."""
    if name.endswith("Ids") and isinstance(value, list):
        return f"<{name}>{' '.join(value)}</{name}>"
    if isinstance(value, list):
        return "".join(xml_of(name, one) for one in value)
    if not isinstance(value, dict):
        return f"<{name}>{escape(str(value).lower() if isinstance(value, bool) else str(value))}</{name}>"
    kind = value.get("@type", "").removeprefix("CVR.")
    own = f' ObjectId="{value["@id"]}"' if "@id" in value else ""
    own += f' xsi:type="{kind}"' if kind.startswith("Candidate") and kind != name else ""
    inner = "".join(xml_of(key, one) for key, one in value.items() if not key.startswith("@"))
    return f"<{name}{own}>{inner}</{name}>"


def _contest(number: int, race: Race, reading: Reading) -> dict[str, Any]:
    over = race.is_overvote(reading)
    at_rank = Counter(rank for _, rank in reading)
    selections = []
    for name in dict.fromkeys(name for name, _ in reading):
        positions = []
        for rank in (rank for of, rank in reading if of == name):
            counts = "no" if over or (race.ranks and at_rank[rank] > 1) else "yes"
            place = {
                "@type": "CVR.SelectionPosition",
                "HasIndication": "yes",
                "IsAllocable": counts,
                "NumberVotes": 1,
            }
            positions.append({**place, **({"Rank": rank} if race.ranks else {})})
        id_ = f"s{number}-{race.choices.index(name)}"
        selections.append(
            {"@type": "CVR.CVRContestSelection", "ContestSelectionId": id_, "SelectionPosition": positions}
        )
    status = {"Status": ["overvoted"]} if over else {}
    return {"@type": "CVR.CVRContest", "ContestId": f"c{number}", "CVRContestSelection": selections, **status}


def _rank_cells(reading: Reading, width: int) -> list[str]:
    at = [[name for name, rank in reading if rank == wanted] for wanted in range(1, width + 1)]
    return [names[0] if len(names) == 1 else "overvote" if names else "undervote" for names in at]


def _piles(world: World, race: Race) -> Iterator[tuple[Reading, int]]:
    counts = Counter(world.codes[race.name].tolist())
    for code, reading in enumerate(race.readings, 1):
        names = [name for name, _ in reading]
        if counts[code] and len(set(names)) == len(names):
            yield reading, counts[code]
