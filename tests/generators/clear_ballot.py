"""A made-up election as Clear Ballot's ClearVote exports it: an overvote is written as no mark at all."""

import csv
import io

from tests.generators.dominion import csv_cells
from tests.generators.world import PRECINCTS, World

METADATA = [
    "RowNumber", "BoxID", "BoxPosition", "BallotID", "PrecinctID", "BallotStyleID", "PrecinctStyleName",
    "ScanComputerName", "Status", "Remade",
]  # fmt: skip


def csv_export(world: World) -> bytes:
    """``<election>.cvr.csv``."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    headings, number = list(METADATA), 0
    for race in world.races:
        first = number + 1
        for rank in range(1, race.ranks + 1) if race.ranks else (0,):
            for place, name in enumerate(race.choices):
                number = first + place
                ranked = f":{rank}" if rank else ""
                headings.append(
                    f"Choice_{number}_0:{race.name}{ranked}:Vote For {race.vote_for}:{name}:Nonpartisan"
                )
    writer.writerow(headings)
    texts = [
        [["0"] * len(cells) if code and race.is_overvote(race.readings[code - 1]) else cells
         for code, cells in enumerate(csv_cells(race))]
        for race in world.races
    ]  # fmt: skip
    codes = [world.codes[race.name].tolist() for race in world.races]
    for card in range(world.cards):
        box, position = int(world.batch[card]), int(world.record[card])
        scanner, precinct = f"SCAN-{world.tabulator[card]}", int(world.precinct[card])
        row = [str(card + 1), str(box), str(position), f"{box}+{10_000 + position}", PRECINCTS[precinct],
               str(precinct), f"{PRECINCTS[precinct]}-1", scanner, "0", "0"]  # fmt: skip
        for cells, column in zip(texts, codes, strict=True):
            row += cells[column[card]]
        writer.writerow(row)
    return out.getvalue().encode()
