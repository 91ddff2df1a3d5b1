"""Retrieval lists: the drawn cards or batches in the order in which people find them, not that of the draw.

For the people who fetch and return cards after `tallybook draw`. Counties one after another; in each the
containers, where the manifest has any; in each container its batches, numbers in names in numerical order;
in each batch the positions in order. A batch that was drawn several times is fetched once.
"""

import re
from collections.abc import Iterable, Sequence
from typing import Any

import msgspec

from tallybook.election import Batch, Manifest
from tallybook.reports.sheets import sheet

COLUMNS = ("Jurisdiction", "Container", "Batch", "Position", "Stratum", "Ticket", "Read")
"""Of the file: ``Read`` stays empty for the people who read; the file then goes to `tallybook risk`."""


class Drawn(msgspec.Struct, frozen=True):
    """A drawn card: its position and ticket. Of a batch that was drawn whole the position is 0."""

    position: int
    ticket: str
    stratum: str


class Stop(msgspec.Struct, frozen=True):
    """A batch to fetch, and what of it."""

    batch: Batch
    drawn: tuple[Drawn, ...]


def retrieval(manifest: Manifest, rows: Iterable[tuple[str, str, str]]) -> tuple[Stop, ...]:
    """The stops on the way. rows: (stratum, ticket, item) as the draws of the workbench give them."""
    batches = {(one.jurisdiction, one.id): one for one in manifest.batches}
    found: dict[tuple[str, str], list[Drawn]] = {}
    for stratum, ticket, item in rows:
        jurisdiction, batch, *position = item.split("\n")
        drawn = Drawn(int(position[0]) if position else 0, ticket, stratum)
        found.setdefault((jurisdiction, batch), []).append(drawn)
    stops = [
        Stop(batches[key], tuple(sorted(drawn, key=lambda one: one.position))) for key, drawn in found.items()
    ]
    return tuple(sorted(stops, key=_way))


def listed(stops: Sequence[Stop]) -> list[tuple[str, tuple[str, ...], list[tuple[str, ...]]]]:
    """For print: for each county a title, the heads of a table, its rows."""
    tables = []
    for county in dict.fromkeys(stop.batch.jurisdiction for stop in stops):
        mine = [stop for stop in stops if stop.batch.jurisdiction == county]
        keep = [any(column) for column in zip(*(_row(stop) for stop in mine), strict=True)]
        heads = ("Container", "Stratum", "Batch", "Cards in it", "To fetch", "Positions")
        rows = [tuple(c for c, k in zip(_row(stop), keep, strict=True) if k) for stop in mine]
        tables.append((_title(county, mine), tuple(h for h, k in zip(heads, keep, strict=True) if k), rows))
    return tables


def file_of(stops: Sequence[Stop]) -> str:
    """For a spreadsheet: a row for each card or batch, without the columns in which nothing stands."""
    rows = [
        (
            stop.batch.jurisdiction,
            stop.batch.container,
            stop.batch.id,
            str(one.position) if one.position else "",
            one.stratum,
            one.ticket,
            "",
        )
        for stop in stops
        for one in _once(stop.drawn)
    ]
    keep = [name == "Read" or any(row[n] for row in rows) for n, name in enumerate(COLUMNS)]
    if not any(row[3] for row in rows):
        keep[-1] = False
    shown = [[cell for cell, k in zip(row, keep, strict=True) if k] for row in rows]
    return sheet([name for name, k in zip(COLUMNS, keep, strict=True) if k], shown)


def plain(stops: Sequence[Stop]) -> list[dict[str, Any]]:
    """For machines: counties, in them containers, in them batches with what is drawn."""
    counties: list[dict[str, Any]] = []
    for stop in stops:
        batch = stop.batch
        if not counties or counties[-1]["jurisdiction"] != batch.jurisdiction:
            counties.append({"jurisdiction": batch.jurisdiction, "containers": []})
        containers = counties[-1]["containers"]
        if not containers or containers[-1]["container"] != batch.container:
            containers.append({"container": batch.container, "batches": []})
        cards = [
            {"position": one.position, "ticket": one.ticket}
            | ({"stratum": one.stratum} if one.stratum else {})
            for one in stop.drawn
            if one.position
        ]
        told: dict[str, Any] = {"batch": batch.id, "cards": batch.cards}
        containers[-1]["batches"].append(told | ({"drawn": cards} if cards else {"times": len(stop.drawn)}))
    return counties


def _once(drawn: Sequence[Drawn]) -> Sequence[Drawn]:
    """A batch that is drawn whole is fetched once, however often it was drawn."""
    return drawn if drawn[0].position else drawn[:1]


def _row(stop: Stop) -> tuple[str, ...]:
    cards = [one.position for one in stop.drawn if one.position]
    strata = ", ".join(dict.fromkeys(one.stratum for one in stop.drawn if one.stratum))
    many = f"{len(cards):,}" if cards else "all"
    batch = stop.batch
    return (batch.container, strata, batch.id, f"{batch.cards:,}", many, ", ".join(map(str, cards)))


def _title(county: str, stops: Sequence[Stop]) -> str:
    cards = sum(len([one for one in stop.drawn if one.position]) for stop in stops)
    containers = {stop.batch.container for stop in stops if stop.batch.container}
    kept = f" in {_many(len(containers), 'container')}" if containers else ""
    batches = _many(len(stops), "batch")
    what = f"{_many(cards, 'card')} of {batches}" if cards else f"{batches} to count"
    return f"{county}: {what}{kept}"


def _many(n: int, thing: str) -> str:
    return f"{n:,} {thing}" if n == 1 else f"{n:,} {thing}{'es' if thing.endswith('ch') else 's'}"


def _way(stop: Stop) -> tuple[Any, ...]:
    batch = stop.batch
    return _natural(batch.jurisdiction), _natural(batch.container), _natural(batch.id)


def _natural(name: str) -> list[tuple[int, int, str]]:
    """Names as people sort them: Box 2 before Box 10."""
    parts = re.split(r"(\d+)", name)
    return [(0, int(part), "") if n % 2 else (1, 0, part.casefold()) for n, part in enumerate(parts)]
