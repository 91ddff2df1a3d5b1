"""Published cards handed back in: a contest's shuffled rows, counted by anyone as the office counted them.

For an observer who has a folder of the published form (``docs/spec/cards.md``) and nothing else, and for the
office that looks at what it gave out. No row tells a precinct, a batch or another contest of the same card,
so there are no subtotals. The files are held against their own sums when they are read. Rows of cards that
lack the contest, or that have no record, are there for audits and are no ballots of it.
"""

from collections.abc import Iterator
from concurrent.futures import Executor
from pathlib import Path

from tallybook.audit.published import NO_RECORD, NOT_ON_CARD
from tallybook.doors.cli.shown import DoorError
from tallybook.doors.contest_parts import Ask, Names, Parts, named_contest, together
from tallybook.election.cards import Ballots, CastVoteRecords

HEAD = "contest.json"


def published_in(folder: Path) -> tuple[Ballots, ...]:
    """The grouped ballots of each published contest: of the folder itself, or of the folders in it.

    Raises DoorError where a file is missing or is not what was published.
    """
    return tuple(_read(one) for one in _folders(folder))


def is_published(folder: Path) -> bool:
    """Whether the folder is a published contest, or holds some."""
    return next(_folders(folder), None) is not None


def of_published(contests: tuple[Ballots, ...]) -> tuple[Names, Ask]:
    """The contests (id and name), and how to get the ballots of one of them."""

    def ask(wanted: str, by: str, _executor: Executor | None) -> tuple[Parts, tuple[str, ...]]:
        if by:
            raise DoorError("Published cards tell no precinct, batch or mode; leave --by out.")
        return together({"": {"": ballots_named(contests, wanted)}}), ()

    return tuple((one.contest.id, one.contest.name) for one in contests), ask


def ballots_named(contests: tuple[Ballots, ...], wanted: str) -> Ballots:
    """The ballots of the contest of this id or name. Raises DoorError where there is none."""
    found = named_contest([one.contest for one in contests], wanted)
    if found is None:
        known = "; ".join(one.contest.name for one in contests)
        raise DoorError(f"There is no contest {wanted!r} here. There are: {known}.")
    return next(one for one in contests if one.contest == found)


def records_of(folder: Path, wanted: str) -> CastVoteRecords:
    """One published contest as records, a card for each row. Raises DoorError where it must be named."""
    from tallybook.formats.piles import records_of as laid_out
    from tallybook.formats.problems import Problems

    contests = published_in(folder)
    if not wanted and len(contests) != 1:
        known = "; ".join(one.contest.name for one in contests)
        raise DoorError(f"Published contests are converted one by one. Name it with --contest: {known}.")
    held = ballots_named(contests, wanted or contests[0].contest.id)
    records = laid_out(held, folder.name, Problems())
    assert records is not None, "What was published was counted before."
    return records


def _folders(folder: Path) -> Iterator[Path]:
    """Folders with the three files, in the order of the ballot."""
    if (folder / HEAD).is_file():
        yield folder
    elif folder.is_dir():
        inner = [one for one in folder.iterdir() if (one / HEAD).is_file()]
        yield from sorted(inner, key=lambda one: (len(one.name), one.name))


def _read(folder: Path) -> Ballots:
    from tallybook.keep.cards import StoreError
    from tallybook.keep.cards.published import ballots_of, read_published

    files = {one.name: one.read_bytes() for one in folder.iterdir() if one.is_file()}
    try:
        held = ballots_of(read_published(files))
    except StoreError as why:
        raise DoorError(f"{folder}: {why}") from None
    pairs = zip(held.patterns, held.counts, strict=True)
    kept = [(one, count) for one, count in pairs if not {NOT_ON_CARD, NO_RECORD} & set(one.flags)]
    return Ballots(held.contest, tuple(one for one, _ in kept), tuple(count for _, count in kept))
