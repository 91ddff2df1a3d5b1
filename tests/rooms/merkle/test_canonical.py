"""Canonical JSON: every vector of docs/spec/canonical-json.md, read from the page itself."""

import re
from hashlib import sha256
from pathlib import Path

import pytest

from tallybook.merkle.canonical import decode, decode_entry, encode, encode_entry
from tallybook.merkle.errors import EvidenceError

PAGE = (Path(__file__).parents[3] / "docs" / "spec" / "canonical-json.md").read_text("utf-8")
ACCEPTED = re.search(r"Accepted .*?```text\n(.*?)\n```", PAGE, re.DOTALL)[1].split("\n")
REFUSED_ROWS = re.search(r"Refused, with the reason:\n\n.*?\n\|---\|---\|\n(.*)", PAGE, re.DOTALL)[1]
REFUSED = [
    bytes.fromhex(text) if re.fullmatch("(?:[0-9a-f]{2} )+[0-9a-f]{2}", text) else text.encode()
    for row in REFUSED_ROWS.splitlines()
    for text in re.findall("`([^`]*)`", row.split(" | ")[0].strip("| "))
    if text != "["
]


def test_the_page_has_vectors():
    assert len(ACCEPTED) == 15
    assert len(REFUSED) > 30


@pytest.mark.parametrize("text", ACCEPTED)
def test_what_the_page_accepts_is_read_and_written_back_unchanged(text):
    assert encode(decode(text.encode())) == text.encode()


@pytest.mark.parametrize("data", [*REFUSED, b"", b"[" * 17 + b"]" * 17])
def test_what_the_page_refuses_is_refused(data):
    with pytest.raises(EvidenceError, match="canonical JSON"):
        decode(data)


def test_the_complete_example_has_the_printed_hash():
    value = {"seq": 7, "kind": 'Señora\n"', "ok": True, "none": None, "list": [-3, 0, {}]}
    assert sha256(encode(value)).hexdigest() == re.search("SHA-256 is `([0-9a-f]{64})`", PAGE)[1]


@pytest.mark.parametrize(
    "data", [b"[" * 65_535, b'{"a":' * 13_000, b"1" * 60_000, b"-" * 9, b'"' + b"\\u0000" * 9]
)
def test_hostile_bytes_get_the_one_error(data):
    with pytest.raises(EvidenceError):
        decode(data)


@pytest.mark.parametrize(
    "value", [1.0, float("nan"), 2**53, 10**4000, "\ud800", b"x", {1: 2}, {"A": 1}, (1,), {"a": [set()]}]
)
def test_a_value_outside_the_form_cannot_be_written(value):
    with pytest.raises(EvidenceError):
        encode(value)


@pytest.mark.parametrize("data", [b"[]", b"1", b"null", b'"text"'])
def test_an_entry_must_be_an_object(data):
    with pytest.raises(EvidenceError, match="expected an object"):
        decode_entry(data)


def test_an_entry_must_fit_into_a_bundle():
    assert len(encode_entry({"a": "x" * 65_527})) == 65_535
    with pytest.raises(EvidenceError, match="65536 bytes; expected at most 65535"):
        encode_entry({"a": "x" * 65_528})
    with pytest.raises(EvidenceError, match="at most 65535"):
        decode_entry(b'{"a":"' + b"x" * 65_528 + b'"}')
