"""Exports as Dominion Democracy Suite writes them, JSON and CSV, of a made-up election."""

import csv
import io
import json
from collections.abc import Iterable
from typing import Any

import numpy as np

from tests.generators.world import PRECINCTS, WRITE_IN, Race, Reading, World

VERSION = "5.10.50.85"


def json_export(world: World, sessions_per_file: int = 0) -> dict[str, bytes]:
    """A bundle: manifests, and one CvrExport.json or CvrExport_<n>.json for every so many sessions."""
    files = {name: _dump({"Version": VERSION, "List": rows}) for name, rows in manifests(world.races).items()}
    step = sessions_per_file or world.cards or 1
    for number, start in enumerate(range(0, max(world.cards, 1), step), 1):
        name = f"CvrExport_{number * 3}.json" if sessions_per_file else "CvrExport.json"
        files[name] = b"".join(export_file(sessions(world, start, min(start + step, world.cards))))
    return files


def export_file(sessions: Iterable[str], election: str = "County 2020") -> Iterable[bytes]:
    """A CvrExport file, piece by piece."""
    yield json.dumps({"Version": VERSION, "ElectionId": election})[:-1].encode() + b', "Sessions": ['
    for number, session in enumerate(sessions):
        yield (("," if number else "") + session).encode()
    yield b"]}"


def manifests(races: tuple[Race, ...]) -> dict[str, list[dict[str, Any]]]:
    """The lists of the manifests, by file name."""
    contests = [
        {"Description": race.name, "Id": place, "ExternalId": "", "VoteFor": race.vote_for,
         "NumOfRanks": race.ranks, "Disabled": 0}
        for place, race in enumerate(races, 1)
    ]  # fmt: skip
    candidates = [
        {"Description": name, "Id": 100 * place + number, "ExternalId": "", "ContestId": place,
         "Type": "WriteIn" if name == WRITE_IN else "Regular", "Disabled": 0}
        for place, race in enumerate(races, 1)
        for number, name in enumerate(race.choices)
    ]  # fmt: skip
    return {
        "ContestManifest.json": contests,
        "CandidateManifest.json": candidates,
        "PrecinctPortionManifest.json": [_named(number, name) for number, name in enumerate(PRECINCTS, 1)],
        "BallotTypeManifest.json": [_named(number, f"Type {number}") for number in range(1, 6)],
        "CountingGroupManifest.json": [_named(1, "Election Day"), _named(2, "Vote by Mail")],
        "TabulatorManifest.json": [_named(number, f"ICC {number}") for number in (1, 2, 3)],
    }


def _named(number: int, name: str) -> dict[str, Any]:
    return {"Description": name, "Id": number, "ExternalId": ""}


def contest_cell(place: int, race: Race, reading: Reading, density: int) -> dict[str, Any]:
    """A contest of a card as version 5.10 writes it."""
    overvote = race.is_overvote(reading)
    ranks = [rank for _, rank in reading]
    marks = [
        {"CandidateId": 100 * place + race.choices.index(name), "ManifestationId": 7_000 + place,
         "PartyId": 0, "Rank": rank or 1, "MarkDensity": density, "IsAmbiguous": False,
         "IsVote": not overvote, "OutstackConditionIds": [9] if rank and ranks.count(rank) > 1 else []}
        | ({"WriteinIndex": 0, "WriteinDensity": 40} if name == WRITE_IN else {})
        for name, rank in reading
    ]  # fmt: skip
    under = 0 if overvote else race.vote_for - (0 if race.ranks else len(reading))
    return {
        "Id": place, "ManifestationId": 4_000 + place, "Undervotes": under,
        "Overvotes": race.vote_for if overvote else 0,
        "OutstackConditionIds": [5] if overvote else [6] if not reading else [], "Marks": marks,
    }  # fmt: skip


def sessions(world: World, start: int, end: int) -> Iterable[str]:
    """The sessions of some cards as JSON."""
    cells = [
        [
            [_short(contest_cell(place, race, reading, 40 + 7 * mark)) for mark in range(8)]
            for reading in race.readings
        ]
        for place, race in enumerate(world.races, 1)
    ]
    die = np.random.default_rng(start + 1)
    densities = die.integers(0, 8, (len(world.races), end - start))
    codes = [world.codes[race.name][start:end].tolist() for race in world.races]
    numbers = zip(*(column[start:end].tolist() for column in _numbers(world)), strict=True)
    for card, (tabulator, batch, record, precinct) in enumerate(numbers):
        contests = ",".join(
            texts[column[card] - 1][densities[row, card]]
            for row, (texts, column) in enumerate(zip(cells, codes, strict=True))
            if column[card]
        )
        yield (
            f'{{"TabulatorId":{tabulator},"BatchId":{batch},"RecordId":{record},'
            f'"CountingGroupId":{1 + card % 2},'
            f'"ImageMask":"D:\\\\NAS\\\\County\\\\Results\\\\{tabulator:05}_{batch:05}_{record:06}*.*",'
            '"SessionType":"ScannedVote","VotingSessionIdentifier":"","UniqueVotingIdentifier":"",'
            f'"Original":{{"PrecinctPortionId":{precinct + 1},"BallotTypeId":{precinct + 1},"IsCurrent":true,'
            f'"Cards":[{{"Id":{tabulator},"KeyInId":{tabulator},"PaperIndex":0,"Contests":[{contests}],'
            '"OutstackConditionIds":[]}]}}'
        )


def _numbers(world: World) -> Any:
    return world.tabulator, world.batch, world.record, world.precinct


def _short(value: object) -> str:
    return json.dumps(value, separators=(",", ":"))


def _dump(value: object) -> bytes:
    return json.dumps(value, indent=2).encode()


METADATA = [
    "CvrNumber",
    "TabulatorNum",
    "BatchId",
    "RecordId",
    "ImprintedId",
    "CountingGroup",
    "PrecinctPortion",
    "BallotType",
]


def csv_export(world: World, quoted: bool = False) -> bytes:
    """The CSV export: four rows of headings, then a row for each card. ``quoted``: numbers as ``="1"``."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    columns = [(race, name, rank) for race in world.races for rank in _ranks(race) for name in race.choices]
    blanks = [""] * len(METADATA)
    writer.writerow(["County 2020", VERSION, *[""] * (len(METADATA) + len(columns) - 2)])
    writer.writerow([*blanks, *(_heading(race) for race, _, _ in columns)])
    writer.writerow([*blanks, *(f"{name}({rank})" if rank else name for _, name, rank in columns)])
    writer.writerow([*METADATA, *("" for _ in columns)])
    texts = [csv_cells(race) for race in world.races]
    codes = [world.codes[race.name].tolist() for race in world.races]
    for card, (tabulator, batch, record, precinct) in enumerate(
        zip(*(c.tolist() for c in _numbers(world)), strict=True)
    ):
        imprinted = f"{tabulator}-{batch}-{record}"
        numbers = [f'="{n}"' if quoted else str(n) for n in (card + 1, tabulator, batch, record)]
        row = [
            *numbers,
            imprinted,
            ("Election Day", "Mail")[card % 2],
            PRECINCTS[precinct],
            f"Type {precinct}",
        ]
        for cells, column in zip(texts, codes, strict=True):
            row += cells[column[card]]
        writer.writerow(row)
    return out.getvalue().encode()


def csv_cells(race: Race) -> list[list[str]]:
    """The cells of a race for each code: blanks where it is not on the card."""
    places = [(name, rank) for rank in _ranks(race) for name in race.choices]
    written = [["1" if place in reading else "0" for place in places] for reading in race.readings]
    return [[""] * len(places), *written]


def _ranks(race: Race) -> Iterable[int]:
    return range(1, race.ranks + 1) if race.ranks else (0,)


def _heading(race: Race) -> str:
    if race.ranks:
        return f"{race.name} (Number of positions=1, Number of ranks={race.ranks})"
    return f"{race.name} (Vote For={race.vote_for})"
