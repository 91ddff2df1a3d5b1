"""Lists of what to pull: for the people who fetch drawn cards or batches, in the order in which they lie.

For `tallybook audit draw` and `pull`. Where the manifest says in which place and container a batch is kept,
the list goes through one place after another, container by container; then by batch, and by position in it.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from tallybook.book import Entry
from tallybook.book.audit_runs import Run
from tallybook.book.exhibited import fingerprints, part_of
from tallybook.reports.sheets import sheet

Json = dict[str, Any]
DRAWN = "audit_round_drawn"
WHERE = ("place", "container")
"""What a manifest may say of a batch beside its id and its cards (book specification, section 8)."""


class Pull(NamedTuple):
    """A drawn card or batch. place, container: "" where the manifest does not say; contests: its own."""

    place: str
    container: str
    batch: str
    item: str
    contests: tuple[str, ...]


class Round(NamedTuple):
    """A round of an audit: the entry that drew it, and the items that were not drawn before."""

    entry: int
    items: tuple[str, ...]


def rounds_of(run: Run, entries: Iterable[Entry], exhibit: Callable[[str], Any]) -> list[Round]:
    """The rounds of an audit so far, in order, from the entries of its book.

    exhibit: what stands in the exhibit with this fingerprint; long samples are kept in one.
    """
    found: list[Round] = []
    before: set[str] = set()
    for entry in entries:
        if entry.entry != DRAWN or entry.detail["audit"] != run.seq:
            continue
        apart = {name: exhibit(name) for name in fingerprints(entry.result)}
        new = [item for item in dict.fromkeys(part_of(entry.result, "sample", apart)) if item not in before]
        before.update(new)
        found.append(Round(entry.seq, tuple(new)))
    return found


def to_pull(run: Run, items: Iterable[str], manifest: Json) -> list[Pull]:
    """The drawn items, each once, by place, container, batch and position."""
    kept = {batch["id"]: batch for batch in manifest["batches"]}

    def lies(item: str) -> tuple[str, str, str, int]:
        batch, _, position = (item, "", "0") if item in kept else item.rpartition("/")
        return kept[batch].get("place", ""), kept[batch].get("container", ""), batch, int(position)

    drawn = sorted((lies(item), item) for item in dict.fromkeys(items))
    return [Pull(*at[:3], item, run.contests_of(item)) for at, item in drawn]


def table_of(pulls: Sequence[Pull]) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
    """The list as a table: its head, its rows. Place and Container where any batch has one."""
    said = [one for one in WHERE if any(getattr(pull, one) for pull in pulls)]
    head = (*(one.title() for one in said), "Batch", "Item", "Contests")
    rows = [
        (*(getattr(pull, one) for one in said), pull.batch, pull.item, ", ".join(pull.contests))
        for pull in pulls
    ]
    return head, rows


def sheet_of(pulls: Sequence[Pull]) -> str:
    """The list for a spreadsheet: the same table as CSV."""
    return sheet(*table_of(pulls))


def plain(pulls: Iterable[Pull]) -> list[Mapping[str, Any]]:
    """The list for machines: an object for each item, without what the manifest does not say."""
    return [
        {name: value for name, value in pull._asdict().items() if value or name not in WHERE}
        for pull in pulls
    ]
