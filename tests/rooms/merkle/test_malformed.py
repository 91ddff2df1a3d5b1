"""Malformed notes, keys, checkpoints, receipts and requests: always the one error, with a sentence."""

import base64

import pytest

from tallybook.merkle import text
from tallybook.merkle.checkpoints import (
    Checkpoint,
    cosigned_message,
    format_text,
    parse_checkpoint,
    parse_head,
    parse_text,
    split_file,
)
from tallybook.merkle.commitments import commitment, salt_of
from tallybook.merkle.errors import EvidenceError
from tallybook.merkle.notes import format_note, format_vkey, parse_note, parse_vkey
from tallybook.merkle.receipts import Receipt, format_receipt, parse_receipt, verify_receipt
from tallybook.merkle.tree import leaf_hash
from tallybook.merkle.witnessing import parse_reply, parse_request

VKEY = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"
SIGNATURE = "Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM="
LINE = f"— example.com/foo {SIGNATURE}\n"
ROOT = base64.b64encode(bytes(32)).decode()
TEXT = f"example.com/log\n7\n{ROOT}\n"


def refused(read, data):
    with pytest.raises(EvidenceError) as failure:
        read(data)
    assert str(failure.value).endswith(".")
    assert len(str(failure.value)) < 400


@pytest.mark.parametrize("found", ["AAB=", "AAC=", "AAA", "AAA=\n", "AA A=", "====", "é", "AAAA====", "-_8="])
def test_base64_has_one_spelling(found):
    assert text.decode_base64("AAA=", "x") == bytes(2)
    refused(lambda data: text.decode_base64(data, "x"), found)


DECIMALS = ["", "+5", "-5", "1_000", "007", "00", "５", "5 ", "5\n", "1e3", "9007199254740992", "9" * 5000]


@pytest.mark.parametrize("found", DECIMALS)
def test_a_decimal_has_one_spelling(found):
    assert text.parse_decimal("9007199254740991", "x") == 2**53 - 1
    refused(lambda data: text.parse_decimal(data, "x"), found)


NAMES = ["", "a b", "a+b", "a\u00a0b", "a\u2003b", "a\u3000", "a\x1fb", "a\x85", "\ud800"]


@pytest.mark.parametrize("found", NAMES)
def test_a_key_name_has_no_white_space_and_no_plus(found):
    assert text.check_key_name("Überwacher.example/ü") == "Überwacher.example/ü"
    refused(text.check_key_name, found)


@pytest.mark.parametrize("found", ["https://example.com", "example.com/", "", None, 7, "a b"])
def test_an_origin_is_an_address_without_scheme_and_final_slash(found):
    assert text.check_origin("example.com/a") == "example.com/a"
    refused(text.check_origin, found)


def material(kind, key):
    return base64.b64encode(bytes([kind]) + key).decode()


@pytest.mark.parametrize(
    "found",
    [
        "",
        "example.com/foo",
        "example.com/foo+530d903a",
        VKEY.replace("530d903a", "530d903b"),
        VKEY.replace("530d903a", "530D903A"),
        VKEY.replace("530d903a", "530d90"),
        VKEY.replace("foo", "bar"),
        VKEY + "=",
        VKEY[:-4],
        "+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
        f"a+00000000+{material(2, bytes(32))}",
        f"a+00000000+{material(6, bytes(1312))}",
        f"a+00000000+{material(1, bytes(31))}",
        "\ud800+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
    ],
)
def test_a_malformed_verifier_key_is_refused(found):
    assert format_vkey(parse_vkey(VKEY)) == VKEY
    refused(parse_vkey, found)


@pytest.mark.parametrize(
    "key",
    [
        bytes(32),
        b"\1" + bytes(31),
        bytes.fromhex("ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"),
        bytes.fromhex("ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"),
        bytes.fromhex("edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"),
        b"\xff" * 32,
        bytes.fromhex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"),
        bytes.fromhex("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa"),
    ],
)
def test_a_weak_public_key_is_refused(key):
    with pytest.raises(EvidenceError, match="weak public key"):
        parse_vkey(f"a+00000000+{material(1, key)}")


@pytest.mark.parametrize(
    "found",
    [
        b"",
        b"text\n",
        f"text\n{LINE}".encode(),
        b"text\n\n",
        f"text\n\n{LINE}".encode()[:-1],
        f"text\n\n{LINE}\n".encode(),
        f"te\rxt\n\n{LINE}".encode(),
        f"te\x00xt\n\n{LINE}".encode(),
        f"te\txt\n\n{LINE}".encode(),
        b"te\xff\n\n" + LINE.encode(),
        f"text\n\n{LINE.replace('—', '-')}".encode(),
        f"text\n\n{LINE.replace('— ', '—  ')}".encode(),
        f"text\n\n{LINE.replace('foo ', 'foo  ')}".encode(),
        f"text\n\n{LINE.replace('foo', 'f+o')}".encode(),
        f"text\n\n— foo {base64.b64encode(b'1234').decode()}\n".encode(),
        f"text\n\n{LINE.replace('aQM=', 'aQN=')}".encode(),
        ("text\n\n" + LINE * 101).encode(),
    ],
)
def test_a_malformed_note_is_refused(found):
    refused(parse_note, found)


def test_a_note_is_split_at_its_last_empty_line_and_written_back():
    data = f"one\n\ntwo\n\n{LINE * 16}".encode()
    note = parse_note(data)
    assert (note.text, len(note.signatures)) == ("one\n\ntwo\n", 16)
    assert format_note(note) == data


@pytest.mark.parametrize(
    "found",
    [
        "",
        TEXT[:-1],
        TEXT + "extension\n",
        TEXT + "\n",
        TEXT.replace("7", "07"),
        TEXT.replace("7", "-7"),
        TEXT.replace("7", "9007199254740992"),
        TEXT.replace(ROOT, ROOT[:-4]),
        TEXT.replace(ROOT, ROOT[:-2] + "B="),
        TEXT.replace("example.com/log", "https://example.com/log"),
        TEXT.replace("example.com/log", ""),
        TEXT.replace("\n", "\r\n"),
    ],
)
def test_a_malformed_checkpoint_is_refused(found):
    assert format_text(parse_text(TEXT)) == TEXT
    refused(parse_text, found)
    refused(lambda data: parse_head(data.encode() + b"\n"), found)
    refused(lambda data: parse_checkpoint(f"{data}\n{LINE}".encode()), found)


def test_the_head_of_a_checkpoint_file_ends_at_its_fourth_line_feed():
    assert split_file(f"{TEXT}\n{LINE}".encode()) == (f"{TEXT}\n".encode(), LINE.encode())
    assert split_file(TEXT.encode()) == (TEXT.encode(), b"")
    refused(parse_head, TEXT.encode())
    refused(parse_head, b"\xff" + TEXT.encode() + b"\n")


def test_a_cosignature_is_of_the_time_and_the_whole_text():
    # The example of C2SP tlog-cosignature.
    shown = "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"
    assert cosigned_message(shown, 1679315147).decode() == f"cosignature/v1\ntime 1679315147\n{shown}"
    for time in (-1, 2**63):
        refused(lambda found: cosigned_message(shown, found), time)


ONE_LEAF = base64.b64encode(leaf_hash(b"{}")).decode()
RECEIPT = format_receipt(Receipt(b"{}", 0, (), f"example.com/log\n1\n{ONE_LEAF}\n\n{LINE}".encode()))


@pytest.mark.parametrize(
    "found",
    [
        b"",
        RECEIPT[:20],
        RECEIPT.replace(b"@v1", b"@v2"),
        RECEIPT.replace(b"extra ", b"xtra "),
        RECEIPT.replace(b"extra e30=\n", b""),
        RECEIPT.replace(b"e30=", b"e31="),
        RECEIPT.replace(b"index 0", b"index 00"),
        RECEIPT.replace(b"index 0", b"index 1"),
        RECEIPT.replace(b"index 0\n", b"index 0\nAAAA\n"),
        RECEIPT.replace(b"index 0\n", b"index 0\n" + ROOT.encode() + b"\n"),
        RECEIPT.replace(b"index 0\n", b"index 0\n" + (ROOT.encode() + b"\n") * 65),
        RECEIPT.replace(b"\n1\n", b"\n2\n"),
        b"\xff" + RECEIPT,
    ],
)
def test_a_malformed_or_false_receipt_is_refused(found):
    assert verify_receipt(parse_receipt(RECEIPT))[0] == Checkpoint("example.com/log", 1, leaf_hash(b"{}"))
    refused(lambda data: verify_receipt(parse_receipt(data)), found)


TOO_MANY = b"old 1\n" + (ROOT.encode() + b"\n") * 64 + b"\nx"


@pytest.mark.parametrize(
    "found",
    [
        b"",
        b"old 1\n",
        b"old 1",
        b"new 1\n\nx",
        b"old +1\n\nx",
        b"old 1\nAAAA\n\nx",
        b"old \xff\n\n",
        TOO_MANY,
    ],
)
def test_a_malformed_request_is_refused(found):
    refused(parse_request, found)


@pytest.mark.parametrize("found", [b"", b"\n", b"ok\n", b"\xff\n", LINE.encode()[:-1]])
def test_a_malformed_reply_is_refused(found):
    assert len(parse_reply(LINE.encode())) == 1
    refused(parse_reply, found)


def test_a_commitment_asks_for_a_whole_salt_and_secret():
    refused(lambda salt: commitment(salt, b""), bytes(31))
    refused(lambda secret: salt_of(secret, "x"), bytes(31))
    assert salt_of(bytes(32), "a") != salt_of(bytes(32), "b")
