"""Canonical JSON against rfc8785, and every reader of this room against arbitrary bytes."""

import json
from contextlib import suppress

import pytest
import rfc8785
from hypothesis import example, given
from hypothesis import strategies as st

from tallybook.evidence.contents import parse_contents
from tallybook.evidence.sources import open_zip
from tallybook.merkle.canonical import decode, decode_entry, encode
from tallybook.merkle.checkpoints import parse_checkpoint, parse_head, parse_text
from tallybook.merkle.errors import EvidenceError
from tallybook.merkle.notes import parse_note, parse_vkey
from tallybook.merkle.policy import parse_policy
from tallybook.merkle.receipts import parse_receipt
from tallybook.merkle.tiles import decode_bundle
from tallybook.merkle.witnessing import parse_reply, parse_request

TEXT = st.text(st.characters(exclude_categories=["Cs"]))
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | TEXT,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.from_regex("[a-z0-9_]{1,6}", fullmatch=True), inner, max_size=4)
    ),
    max_leaves=20,
)


def depth(value):
    if isinstance(value, dict):
        return 1 + max(map(depth, value.values()), default=0)
    if isinstance(value, list):
        return 1 + max(map(depth, value), default=0)
    return 0


@given(VALUES.filter(lambda value: depth(value) <= 16))
@example("".join(map(chr, range(0x80))))
@example("\u2028\u2029\ud7ff\ue000\uffff\U00010000\U0010ffff")
def test_the_encoder_agrees_with_rfc8785_and_reads_back(value):
    data = encode(value)
    assert data == rfc8785.dumps(value)
    assert decode(data) == value


@given(VALUES.filter(lambda value: depth(value) <= 16), st.data())
def test_any_other_writing_of_the_value_is_refused(value, data):
    canonical = encode(value)
    ascii_only, indent = data.draw(st.booleans()), data.draw(st.sampled_from([None, 1]))
    other = json.dumps(value, ensure_ascii=ascii_only, indent=indent)
    if other.encode() != canonical:
        with pytest.raises(EvidenceError):
            decode(other.encode())


@given(VALUES, st.integers(0, 10**6), st.integers(0, 7))
def test_a_changed_bit_is_refused_or_gives_another_value(value, place, bit):
    try:
        data = bytearray(encode(value))
    except EvidenceError:
        return
    data[place % len(data)] ^= 1 << bit
    with suppress(EvidenceError):
        assert decode(bytes(data)) != value


JSON_SIGNS = '{}[]",:0123456789-+.eEtruefalsn\\ud8 "aé\n\x00'
JSON_LIKE = st.text(st.sampled_from(JSON_SIGNS), max_size=40).map(str.encode)
LINES = st.lists(
    st.sampled_from(
        [
            "",
            "old 1",
            "size 3",
            "extra ",
            "index 0",
            "c2sp.org/tlog-proof@v1",
            "tallybook/package/v1",
            "a",
            "7",
            "— a AAAAAAAA",
            "quorum none",
            "group g any a",
            "witness a b",
            "log x",
            "AAAA",
            "exhibit a 1",
            "\x00",
        ]
    ),
    max_size=8,
).map(lambda lines: "\n".join([*lines, ""]).encode())
ANY_BYTES = st.binary(max_size=120) | JSON_LIKE | LINES


@given(ANY_BYTES)
def test_every_reader_gives_a_value_or_the_one_error(data):
    as_text = data.decode("utf-8", "surrogateescape")
    readers = [decode, decode_entry, parse_note, parse_checkpoint, parse_head, parse_receipt, parse_request]
    readers += [parse_reply, parse_contents, open_zip, lambda found: decode_bundle(found, 2)]
    for read in readers:
        _value_or_error(read, data)
    for read in (parse_vkey, parse_policy, parse_text):
        _value_or_error(read, as_text)


def _value_or_error(read, data):
    try:
        read(data)
    except EvidenceError as error:
        assert str(error)
