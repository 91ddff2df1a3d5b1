"""What an entry says of persons, in words: who signed, how a board voted, what a set of keys changed.

For the page of acts and for the answer on the command line. Persons have ids without names.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from tallybook.book import Entry
from tallybook.book.officers import VOTES


def people_words(entry: Entry) -> list[str]:
    """Every sentence about the persons of an entry, and about what it did to posts, dates and recounts."""
    return [*board_words(entry), *signed_words(entry), *change_words(entry)]


def board_words(entry: Entry) -> Iterator[str]:
    """How a board voted, with every dissent in its own words."""
    voting = [one for one in entry.by if "vote" in one]
    if not voting:
        return
    counts = {vote: sum(one["vote"] == vote for one in voting) for vote in VOTES}
    yield "Votes: " + ", ".join(f"{n} {vote}" for vote, n in counts.items() if n) + "."
    for one in voting:
        if "words" in one:
            ended = "" if one["words"].endswith((".", "!", "?")) else "."
            yield f"{one['person']} ({one['seat']}, {one['vote']}): {one['words']}{ended}"


def signed_words(entry: Entry) -> Iterator[str]:
    """Who signed, where no votes were given; or who acted, where nobody signed."""
    plain = [one for one in entry.by if "vote" not in one]
    if plain:
        how = "Signed by" if "key" in plain[0] else "By"
        yield f"{how} {', '.join(one['person'] for one in plain)}."


def change_words(entry: Entry) -> Iterator[str]:
    """What changed: keys of a post, a deadline, numbers in a recount."""
    result = entry.result
    if entry.entry in ("keys_set", "keys_rotated"):
        yield keys_words(entry.detail, result)
    if entry.entry == "date_moved":
        was = f", from {result['was']}" if "was" in result else ""
        yield f"The deadline is {result['due']}{was}."
    if entry.entry in ("recount_result_published", "recount_batches_reported"):
        one, many = ("batch", "batches") if "batches" in result else ("place", "places")
        over = one if result["changed"] == 1 else many
        yield f"{result['changed']} {over} changed, by {result['difference']:,} votes together."
    if "moved" in entry.ruling:
        yield f"Its date was moved by entry {entry.ruling['moved']}."


def keys_words(detail: Mapping[str, Any], result: Mapping[str, Any]) -> str:
    """A set of keys: how many must sign, and how many keys went out of use."""
    dropped = len(result.get("dropped", ()))
    gone = f" {dropped} {'key is' if dropped == 1 else 'keys are'} out of use." if dropped else ""
    return f"{detail['threshold']} of {len(detail['keys'])} persons must sign.{gone}"
