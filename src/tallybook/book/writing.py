"""Acts and entries as bytes, and back (docs/spec/book.md, sections 2 and 3; docs/spec/canonical-json.md).

For `keep`, which stores them, for the package that is published, and for doors that take an act from
outside. An entry has one form: canonical JSON in which a field without a value is absent.
"""

import msgspec

from tallybook.book.nouns import Act, Entry, Problem
from tallybook.merkle import canonical
from tallybook.merkle.errors import EvidenceError

_encoder = msgspec.json.Encoder()


def encode_entry(entry: Entry) -> bytes:
    """The bytes of an entry, at most 65,535. Raises EvidenceError for an entry that no act could make."""
    value = msgspec.to_builtins(entry)
    if entry.exhibits:
        value["exhibits"] = list(entry.exhibits)
    if entry.by:
        value["by"] = list(entry.by)
    return canonical.encode_entry(value)


def decode_entry(data: bytes) -> Entry:
    """The entry that these bytes hold. Raises EvidenceError where they are not the one form of an entry."""
    value = canonical.decode_entry(data)
    try:
        entry = msgspec.convert(value, Entry)
    except msgspec.ValidationError as wrong:
        raise EvidenceError(f"entry: {wrong}.") from None
    if encode_entry(entry) != data:
        raise EvidenceError("entry: found a field without a value; expected it to be absent.")
    return entry


def read_act(data: bytes) -> Act | tuple[Problem, ...]:
    """An act from the JSON that a sender wrote; what it asks is for `decide` to judge."""
    try:
        return msgspec.json.decode(data, type=Act)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as wrong:
        mend = "Write the act as docs/spec/book.md, section 3 shows."
        return (Problem("act", str(wrong), "one JSON object with the fields of an act", mend),)


def written_size(entry: Entry) -> int:
    """How many bytes an entry will have. The order of its fields does not change it."""
    return len(_encoder.encode(entry))
