"""How long a book takes to decide its acts and to add its entries up, against JSON-encoding the same acts.

Run: python bench/book.py [number of acts].  CPU seconds of this process: compare the ratios.

The mix is that of a state's election night and canvass: most acts are counties' returns in many contests,
some report them again, some correct them; some acts are refused, some are allegations without legal effect.
"""

import gc
import sys
import time
from collections import Counter, deque
from collections.abc import Callable, Iterator, Mapping
from hashlib import sha256
from importlib.resources import files

import msgspec

from tallybook.book import Act, Entered, Entry, Shelf, Standing, decide, evolve, fold
from tallybook.law import LawFile, parse_law

LAWS = ("book", "us", "georgia")
PLACES = [f"county_{n:03}" for n in range(159)]
CONTESTS = [f"contest_{n:03}" for n in range(120)]
CHOICES = ("ash", "birch", "cedar")


def law_files() -> dict[str, tuple[bytes, LawFile]]:
    """Fingerprint -> bytes and meaning of the law files that come with the package."""
    folder = files("tallybook.law") / "data"
    found = [(folder / f"{name}.toml").read_bytes() for name in LAWS]
    return {sha256(data).hexdigest(): (data, parse_law(data.decode())) for data in found}


def opening(laws: Mapping[str, tuple[bytes, LawFile]]) -> Act:
    """An opening with many contests in every county of a state."""
    choices = [{"id": one, "name": one.title()} for one in CHOICES]
    exhibits = tuple(
        {"bytes": len(data), "kind": "public", "name": f"{file.id}.toml", "sha256": name}
        for name, (data, file) in laws.items()
    )
    return Act(
        act="open_book",
        office="record_keeper",
        on="2020-11-03",
        received="2020-11-03T23:00:00Z",
        key="open",
        exhibits=exhibits,
        detail={
            "election": {"id": "bench", "title": "Bench", "day": "2020-11-03"},
            "contests": [
                {"id": one, "name": one, "class": "us_house", "choices": choices} for one in CONTESTS
            ],
            "places": [{"id": one, "name": one, "kind": "county"} for one in PLACES],
            "law": list(laws),
        },
    )


def acts(count: int) -> Iterator[Act]:
    """Acts in the order in which a state's counties would send them, 60 to a second."""
    for n in range(count):
        yield act(n, f"2020-11-10T{15 + n // 216_000 % 8:02}:{n // 3600 % 60:02}:{n // 60 % 60:02}Z")


def act(n: int, received: str) -> Act:
    """The nth act: of every hundred, two allegations, two refusals, six findings, the rest returns."""
    common = {"on": "2020-11-10", "received": received, "key": f"act-{n}"}
    if n % 100 in (7, 57):
        return Act(act="tweet_or_allege", office="candidate", detail={"text": f"Allegation {n}."}, **common)
    place, contest = PLACES[n % 159], CONTESTS[n // 159 % 120]
    where = {"place": place, "contest": contest}
    if n % 100 in (13, 63):
        return Act(
            act="order_full_hand_count", office="governor", detail={"text": "Count."}, **where, **common
        )
    if n % 16 == 3:
        detail = {"text": f"{n % 7} more oath envelopes than voters credited.", "size": n % 7}
        return Act(act="report_finding", office="county_superintendent", detail=detail, **where, **common)
    return Act(
        act="certify_county_returns" if n < 159 * 120 else "report_unofficial_returns",
        office="county_superintendent",
        detail={"returns": returns(n)},
        **where,
        **common,
    )


def returns(n: int) -> dict[str, object]:
    """A county's returns, whose accounts add up."""
    votes = {one: 1000 + 7 * n * k % 901 for k, one in enumerate(CHOICES, 1)}
    return {"votes": votes, "undervotes": n % 31, "ballots": sum(votes.values()) + n % 31}


def seconds(work: Callable[[], object], rounds: int = 3) -> float:
    """CPU seconds of the quickest of a few rounds: the one that other work on the machine disturbed least."""
    return min(once(work) for _ in range(rounds))


def once(work: Callable[[], object]) -> float:
    """CPU seconds of one round."""
    start = time.process_time()
    work()
    return time.process_time() - start


def entries(standing: Standing, asked: list[Act], shelf: Shelf, keep: Callable[[Entry], object]) -> None:
    """Hand on the entries of every act, decided on the standing that the acts before it made."""
    for one in asked:
        found = decide(standing, one, shelf)
        assert isinstance(found, Entered), found
        for entry in found.entries:
            standing = evolve(standing, entry, shelf)
            keep(entry)


def main(count: int) -> None:
    laws = law_files()
    shelf = Shelf(law_files={name: file for name, (_, file) in laws.items()}, origin="bench", policy="bench")
    first = decide(Standing(), opening(laws), shelf)
    assert isinstance(first, Entered), first

    def begun() -> Standing:
        """The book just opened: made anew for each round, since a map's old versions are slow to change."""
        return fold(Standing(), first.entries, shelf)

    asked = list(acts(count))
    encoder = msgspec.json.Encoder()
    plain = seconds(lambda: [encoder.encode(one) for one in asked])
    gc.freeze()  # What the measure itself holds is not searched for garbage while the book works.
    decided = seconds(lambda: entries(begun(), asked, shelf, deque[Entry](maxlen=0).append))
    book: list[Entry] = []
    entries(begun(), asked, shelf, book.append)
    gc.freeze()
    folded = seconds(lambda: fold(begun(), book, shelf))
    kinds = Counter(entry.entry for entry in book)
    print(f"{len(book):,} entries: {', '.join(f'{n:,} {kind}' for kind, n in kinds.items())}")
    for what, took in (
        ("encode the acts as JSON (the reference)", plain),
        ("decide the acts and add the entries up", decided),
        ("add the entries up again, as at a start", folded),
    ):
        each = took / count * 1e6
        print(f"{what:<44}{took:8.2f} s CPU {each:8.1f} µs each {took / plain:8.1f} x the reference")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000)
