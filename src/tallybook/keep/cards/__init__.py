"""The card store: cast vote records as Parquet, one small number per contest and card.

    store(records, folder)                          # what a reader of `formats` made, written once
    kept = open_store(folder)
    ballots(kept, "mayor")                          # grouped, for every counting rule
    ballots(kept, "mayor", {"precinct": "12"})      # some of the cards
    ballots_by(kept, "mayor", "precinct")           # each precinct's
    ballot_columns(kept, "mayor")                   # grouped, in columns, for ranked counts
    sample(kept, [17, 4711])                        # whole cards by position, from 0, for an audit

What it decides: nothing about votes. It keeps what was read (also the reading before adjudication, flags,
write-ins and styles) and gives the same back. The files are plain Parquet that any tool opens:
``docs/reference/cards.md`` describes them and shows the SQL. ``published`` writes the other form, the one
that may leave the office: a contest alone, shuffled, without anything that tells whose card a row was.

DuckDB is loaded when a store is written or read (the extra ``cards``). This room refuses to know how votes
are counted, and which export the records came from.
"""

from tallybook.keep.cards.parquet import StoreError
from tallybook.keep.cards.querying import (
    all_ballots,
    all_ballots_by,
    ballot_columns,
    ballots,
    ballots_by,
    codes,
    column,
    patterns,
    positions,
    records,
    sample,
)
from tallybook.keep.cards.storing import Store, fingerprint, is_store, open_store, store

__all__ = [
    "Store",
    "StoreError",
    "all_ballots",
    "all_ballots_by",
    "ballot_columns",
    "ballots",
    "ballots_by",
    "codes",
    "column",
    "fingerprint",
    "is_store",
    "open_store",
    "patterns",
    "positions",
    "records",
    "sample",
    "store",
]
