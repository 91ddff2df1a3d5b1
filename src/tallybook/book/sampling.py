"""What the steps of an audit by sample do, from the commitment on (docs/spec/book.md, section 8).

For `decide`, once law and record admit the step. The draw follows from the manifest and the seed alone.
"""

from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

from tallybook.book.cases import Case, covering
from tallybook.book.exhibited import filed
from tallybook.book.nouns import Answer, Checkpoint, Effect, Problem
from tallybook.book.values import sound
from tallybook.stats.draws import draw_without_replacement

MANIFEST = "tallybook/manifest/v1"
NAMES = {"container", "id", "place"}
BATCH = {"cards", *NAMES}
MOST_CARDS = 5 * 10**7


def checkpoint(case: Case) -> Answer:
    """The size and root that the witnesses saw, where the checkpoint holds."""
    found = case.shelf.checkpoint
    assert found is not None
    if wrong := not_ours(found):
        return Problem("detail.checkpoint", *wrong)
    return Effect({"size": found.size, "root": found.root})


def not_ours(found: Checkpoint) -> tuple[str, str, str] | None:
    """What keeps a checkpoint from being this book's own, witnessed: found, expected, how to mend it."""
    fresh = "Ask the witnesses about this book's own checkpoint, and record what they signed."
    if not found.origin_known:
        return "another origin", "a checkpoint of this book's origin", fresh
    if not found.signed:
        return "no valid signature of the log", "the log's signature and valid cosignatures", fresh
    if not found.quorate:
        return "too few cosignatures", "a quorum of witnesses under the policy of entry 0", fresh
    if found.root != found.own_root:
        mend = "Stop: whoever signed it has seen another history. Keep the checkpoint as evidence."
        return "the root of another history", "this book's own root at that size", mend
    return None


def commit(case: Case) -> Answer:
    """The inputs of a draw: a manifest and the size of the sample."""
    manifest = case.shelf.documents.get(case.act.detail["manifest"])
    if manifest is None or not good_manifest(manifest):
        return Problem(
            "detail.manifest", "an exhibit of another form", "a manifest (section 8)", "File a manifest."
        )
    cards = sum(batch["cards"] for batch in manifest["batches"])
    if not 1 <= (size := case.act.detail["sample"]) <= cards:
        return Problem(
            "detail.sample", str(size), f"from 1 to {cards}, the cards of the manifest", "Correct it."
        )
    return Effect({"cards": cards})


def good_manifest(manifest: Any) -> bool:
    """Section 8: batches with unique ids and from 1 to 10^7 cards each, and perhaps where they are kept."""
    if (
        not isinstance(manifest, dict)
        or manifest.keys() != {"batches", "format"}
        or manifest["format"] != MANIFEST
    ):
        return False
    batches = manifest["batches"]
    if not isinstance(batches, list) or not batches:
        return False
    if not all(
        isinstance(one, dict) and {"cards", "id"} <= one.keys() <= BATCH and good_batch(one)
        for one in batches
    ):
        return False
    few = sum(one["cards"] for one in batches) <= MOST_CARDS
    return few and len({one["id"] for one in batches}) == len(batches)


def good_batch(batch: Mapping[str, Any]) -> bool:
    """A batch has at least one card, and names without slash or control characters."""
    cards = batch["cards"]
    return (
        type(cards) is int
        and 1 <= cards <= 10**7
        and all(good_name(batch[one]) for one in batch.keys() & NAMES)
    )


def good_name(name: Any) -> bool:
    """The id of a batch, and the name of its container or place."""
    if not isinstance(name, str) or not 1 <= len(name) <= 200:
        return False
    return sound(name) and not any(c in "/\x7f" or c < " " for c in name)


def seed(case: Case) -> Answer:
    """The seed, the commitment before it, and the checkpoint between."""
    committed = case.track.committed
    assert committed is not None
    return Effect({"committed": committed, "checkpoint": covering(case.standing, committed)})


def draw(case: Case) -> Answer:
    """The sample, by the draw specification."""
    track = case.track
    manifest = case.shelf.documents[track.manifest]
    items = (f"{one['id']}/{n}" for one in manifest["batches"] for n in range(1, one["cards"] + 1))
    sample = [drawn.item for drawn in draw_without_replacement(track.seed, items, track.size)]
    return filed({"count": len(sample), "sample": sample})


def readings(case: Case) -> Answer:
    """How many of the sample are read now."""
    track = case.track
    read = len(track.readings) + len(case.act.detail["readings"])
    return Effect({"read": read, "left": len(track.sample) - read})


def sign(case: Case) -> Answer:
    """The readings, added up."""
    track = case.track
    found = Counter(track.readings.values())
    votes = {one: found[one] for one in case.contest.choices}
    others = {one: found[one] for one in ("blank", "overvote", "write_in", "not_found")}
    return Effect({"count": len(track.sample), "votes": votes, **others})


SAMPLING: Mapping[str, Callable[[Case], Answer]] = {
    "checkpoint": checkpoint,
    "commit": commit,
    "seed": seed,
    "draw": draw,
    "readings": readings,
    "sign": sign,
}
