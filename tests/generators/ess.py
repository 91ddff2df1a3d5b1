"""A made-up election as ES&S exports it, CSV or spreadsheet: the name of the choice, undervote or overvote.

An overvoted contest says only ``overvote``, and so does an overvoted rank.
"""

import csv
import io
from collections.abc import Iterator

import xlsxwriter

from tests.generators.world import PRECINCTS, Race, Reading, World


def csv_export(world: World) -> bytes:
    """The CVR file as CSV."""
    out = io.StringIO(newline="")
    csv.writer(out, lineterminator="\r\n").writerows(rows(world))
    return out.getvalue().encode()


def xlsx_export(world: World) -> bytes:
    """The CVR file as a spreadsheet."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"constant_memory": True})
    sheet = book.add_worksheet("CVR")
    for number, row in enumerate(rows(world)):
        sheet.write_row(number, 0, [int(cell) if cell.isdecimal() else cell for cell in row])
    book.close()
    return out.getvalue()


def ballots_file(world: World) -> bytes:
    """The ballots file that belongs to it, in another order, with a title above and a total below."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerows([["Ballots"], ["2020G"], ["County"], ["11/3/2020"], []])
    writer.writerow(["Cast Vote Record", "Batch", "Ballot Status", "Original Ballot Exception",
                     "Reporting Group", "Tabulator CVR", "Audit Number", "Precinct ID"])  # fmt: skip
    for card in reversed(range(world.cards)):
        writer.writerow([card + 1, f"B{world.batch[card]}", "Not Reviewed", "", ("Polls", "Mail")[card % 2],
                         f"{world.tabulator[card]:04}{card:06}", "", world.precinct[card]])  # fmt: skip
    writer.writerow([f"Total : {world.cards}"])
    return out.getvalue().encode()


def rows(world: World) -> Iterator[list[str]]:
    """The headings, and a row for each card."""
    headings = [heading for race in world.races for heading in race_headings(race)]
    yield ["Cast Vote Record", "Precinct", "Ballot Style", *headings]
    cells = [[[""] * len(race_headings(race)), *(race_cells(race, one) for one in race.readings)]
             for race in world.races]  # fmt: skip
    codes = [world.codes[race.name].tolist() for race in world.races]
    precincts = world.precinct.tolist()
    for card in range(world.cards):
        row = [str(card + 1), PRECINCTS[precincts[card]], f"Style {precincts[card]}"]
        for texts, column in zip(cells, codes, strict=True):
            row += texts[column[card]]
        yield row


def race_headings(race: Race) -> list[str]:
    """A column for each rank, or for each vote."""
    if race.ranks:
        return [f"{race.name} Choice {rank}" for rank in range(1, race.ranks + 1)]
    return (
        [race.name] if race.vote_for == 1 else [f"{race.name} {slot}" for slot in range(1, race.vote_for + 1)]
    )


def race_cells(race: Race, reading: Reading) -> list[str]:
    """The cells of one reading."""
    if race.ranks:
        at = [[name for name, rank in reading if rank == wanted] for wanted in range(1, race.ranks + 1)]
        return [names[0] if len(names) == 1 else "overvote" if names else "undervote" for names in at]
    if race.is_overvote(reading):
        return ["overvote"] * race.vote_for
    names = [name for name, _ in reading]
    return [*names, *["undervote"] * (race.vote_for - len(names))]
