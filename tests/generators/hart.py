"""A made-up election as Hart Verity exports it: an XML file for each sheet in a ZIP archive."""

import io
import zipfile
from collections.abc import Iterator
from uuid import UUID
from xml.sax.saxutils import escape

from tests.generators.world import PRECINCTS, WRITE_IN, Race, Reading, World


def archives(world: World) -> dict[str, bytes]:
    """One archive for each tabulator, as places with several hand them in; batches are numbered in each."""
    streams = {number: io.BytesIO() for number in sorted(set(world.tabulator.tolist()))}
    made = {number: zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) for number, out in streams.items()}
    for tabulator, (name, data) in zip(world.tabulator.tolist(), sheets(world), strict=True):
        made[tabulator].writestr(name, data)
    for archive in made.values():
        archive.close()
    return {f"Scanner {number}.zip": out.getvalue() for number, out in streams.items()}


def sheets(world: World) -> Iterator[tuple[str, bytes]]:
    """Every sheet's file with its name."""
    blocks = [
        ["", *(contest(place, race, one) for one in race.readings)] for place, race in enumerate(world.races)
    ]
    codes = [world.codes[race.name].tolist() for race in world.races]
    batches, records = world.batch.tolist(), world.record.tolist()
    for card, precinct in enumerate(world.precinct.tolist()):
        contests = "".join(texts[column[card]] for texts, column in zip(blocks, codes, strict=True))
        guid = guid_of(10**9 + card)
        text = (
            '\ufeff<?xml version="1.0" encoding="utf-8"?>\r\n'
            '<Cvr xmlns:xsd="http://www.w3.org/2001/XMLSchema" xmlns="http://tempuri.org/CVRDesign.xsd">'
            f"<Contests>{contests}</Contests><BatchSequence>{records[card]}</BatchSequence>"
            f"<SheetNumber>1</SheetNumber><PrecinctSplit><Name>{escape(PRECINCTS[precinct])}</Name>"
            f"<Id>{guid_of(precinct)}</Id></PrecinctSplit><BatchNumber>{batches[card]}</BatchNumber>"
            f"<CvrGuid>{guid}</CvrGuid></Cvr>"
        )
        yield f"1_{guid}.xml", text.encode()


def guid_of(number: int) -> str:
    """An identifier as Verity writes them."""
    return str(UUID(int=number))


def contest(place: int, race: Race, reading: Reading) -> str:
    """A contest of a sheet; only marked options are listed."""
    options = []
    for name in dict.fromkeys(name for name, _ in reading):
        ranks = [rank for other, rank in reading if other == name]
        value = "".join("1" if rank in ranks else "0" for rank in range(1, race.ranks + 1)) or "1"
        given = "" if name == WRITE_IN else f"<Name>{escape(name)}</Name>"
        written = "<Text /><ImageId>9</ImageId><WriteInDataStatus>Unresolved</WriteInDataStatus>"
        id_ = guid_of(10**6 * (place + 1) + race.choices.index(name))
        tail = f"<WriteInData>{written}</WriteInData>" if name == WRITE_IN else ""
        options.append(f"<Option>{given}<Id>{id_}</Id><Value>{value}</Value>{tail}</Option>")
    if race.is_overvote(reading):
        flag = "<Overvoted />"
    else:
        flag = f"<Undervotes>{max(race.vote_for - len(options), 0)}</Undervotes>"
    return (
        f"<Contest><Name>{escape(race.name)}</Name><Id>{guid_of(10**8 + place)}</Id>"
        f"<Options>{''.join(options)}</Options>{flag}</Contest>"
    )
