"""Damaged exports, thousands of them: no reader stops with an error, runs away, or gives half a reading.

Each round takes a made-up county's export, damages it as mailers, disks, editors and enemies do, and reads
it. The reading must end, give records exactly when nothing is grave, and records that hold together.
A card lost on the way must show: in the reading's own problems or when held against the manifest.
"""

import random
import time
import zlib

import pytest

from tallybook.election import Batch, Manifest
from tallybook.election.cards import check_records
from tallybook.formats.archives import InMemory
from tallybook.formats.bundles import against_manifest, cards_by_batch
from tallybook.formats.detect import read_any
from tallybook.formats.problems import Consequence
from tests.generators import clear_ballot, dominion, ess, hart
from tests.generators.world import World, make

ROUNDS = 400
SECONDS_AT_MOST = 20.0

EXPORTS = {
    "dominion_json": lambda world: dominion.json_export(world, 40),
    "dominion_csv": lambda world: {"cvr.csv": dominion.csv_export(world)},
    "clear_ballot": lambda world: {"town.cvr.csv": clear_ballot.csv_export(world)},
    "ess": lambda world: {"cvr.csv": ess.csv_export(world), "ballots.csv": ess.ballots_file(world)},
    "ess_xlsx": lambda world: {"cvr.xlsx": ess.xlsx_export(world)},
    "hart": hart.archives,
    "hart_loose": lambda world: dict(list(hart.sheets(world))[:40]),
}
SPICE = (
    b"\0", b"\xff\xfe", b"\xef\xbb\xbf", b"\r", b'"', b",", b"{", b"]}", b"<!DOCTYPE a>", b"<!--", b"\x81",
    b"-1", b"0.5", b"99999999999999999999", b"\xe2\x80\xae", b"null", b"1e309", b"\n\n", b"=", b"<Contest>",
    b"&a;", b"NaN",
)  # fmt: skip


def damaged(data: bytes, die: random.Random) -> bytes:
    """The bytes with one thing wrong."""
    place, other = sorted(die.randrange(len(data) + 1) for _ in range(2))
    other = min(other, place + 2_000)
    return die.choice(
        [
            data[:place],
            data[place:],
            data[:place] + data[other:],
            data[:other] + data[place:other] + data[other:],
            data[:place] + die.choice(SPICE) + data[place:],
            data[:place] + die.choice(SPICE) + data[other:],
            data[:place] + bytes([die.randrange(256)]) + data[place + 1 :],
            data[:place] + die.randbytes(50) + data[place:],
        ]
    )


def damaged_files(files: dict[str, bytes], die: random.Random) -> dict[str, bytes]:
    """A folder with one file damaged, missing, or there twice."""
    name = die.choice(list(files))
    what = die.randrange(12)
    if what == 0:
        return {one: data for one, data in files.items() if one != name}
    if what == 1:
        return {**files, f"copy of {name}": files[name]}
    return {**files, name: damaged(files[name], die)}


def manifest_of(world: World, kind: str) -> Manifest | None:
    """What the officials' own catalogue says, called as the export calls batches."""
    reading = read_any(InMemory(EXPORTS[kind](world)))
    if reading.records is None or "batch" not in reading.records.columns:
        return None
    batches = cards_by_batch(reading.records)
    assert sum(batches.values()) == reading.records.cards
    return Manifest(tuple(Batch("town", name, cards) for name, cards in batches.items()))


@pytest.mark.rehearsal
@pytest.mark.parametrize("kind", EXPORTS)
def test_no_damage_stops_a_reader_or_loses_a_card_in_silence(kind: str) -> None:
    """Seeded by the format's name and the round, so that a failure can be played again."""
    world = make(120, measures=2)
    files, manifest = dict(EXPORTS[kind](world)), manifest_of(world, kind)
    unhurt = 0
    for number in range(ROUNDS):
        die = random.Random(zlib.crc32(f"{kind} {number}".encode()))
        begun = time.process_time()
        reading = read_any(InMemory(damaged_files(files, die)))
        assert time.process_time() - begun < SECONDS_AT_MOST, number
        is_grave = any(problem.consequence is Consequence.GRAVE for problem in reading.problems)
        assert (reading.records is None) == is_grave, number
        if reading.records is None:
            continue
        unhurt += 1
        assert check_records(reading.records) == (), number
        if manifest is not None and reading.records.cards < sum(b.cards for b in manifest.batches):
            told = [*reading.problems, *against_manifest(reading.records, manifest, "town")]
            assert any(problem.consequence >= Consequence.COUNT for problem in told), number
    assert unhurt < ROUNDS, "No damage was found: the rehearsal tests nothing."
