"""Ed25519, keys, policies, receipts and old checkpoints: package specification, sections 6, 8 and 10."""

# ruff: noqa: E501 - tables stand on one line each

import random
import re
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tallycheck import ed25519
from tallycheck.checks import Asked, check
from tallycheck.merkle import included, leaf_hash
from tallycheck.note import WEAK, BadNote, is_key_name, is_origin, parse_head, parse_lines, parse_vkey
from tallycheck.policy import parse_policy
from tests.tallycheck.test_package_vectors import PAGE, example_files
from tests.tallycheck.town import sealed, story, town
from tests.tallycheck.writer import (
    LOG,
    ORIGIN,
    WITNESSES,
    Files,
    Signer,
    b64,
    folder,
    leaf,
    package,
    policy,
    root,
    signed,
    text,
    zipped,
)

# Ed25519 ------------------------------------------------------------


def test_random_signatures_of_another_library_verify_and_changed_ones_do_not() -> None:
    dice = random.Random(8032)
    for _ in range(40):
        key = Ed25519PrivateKey.from_private_bytes(dice.randbytes(32))
        public = key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        message = dice.randbytes(dice.randrange(300))
        signature = key.sign(message)
        assert ed25519.verifies(public, message, signature)
        assert not ed25519.verifies(public, message + b"\0", signature)
        at = dice.randrange(512)
        changed = bytearray(signature)
        changed[at // 8] ^= 1 << at % 8
        assert not ed25519.verifies(public, message, bytes(changed))


def test_the_base_point_has_order_l_and_the_encoding_is_inverted() -> None:
    table = ed25519.table_of_base()
    base = table[0][0]
    point = ed25519.two_products(ed25519.L - 1, 0, table)
    assert ed25519.encoded(ed25519.add(point, base)) == ed25519.encoded(ed25519.NEUTRAL)
    assert ed25519.decoded(ed25519.encoded(base)) == base


def test_products_of_two_scalars_are_sums_of_the_base_point() -> None:
    """[s]B + [k]B one addition at a time, for scalars at the seams of the parts that are read side by side."""
    table, counted = ed25519.table_of(ed25519.table_of_base()[0][0], ed25519.WINDOW), ed25519.NEUTRAL
    for n in range(40):
        assert ed25519.encoded(ed25519.two_products(n // 2, n - n // 2, table)) == ed25519.encoded(counted)
        counted = ed25519.add(counted, ed25519.table_of_base()[0][0])
    power = ed25519.table_of_base()[0][0]
    for bits in range(253):
        if bits % 64 in (0, 1, 63):
            for s, k in ((1 << bits, 0), (0, 1 << bits), ((1 << bits) - 1, 1)):
                assert ed25519.encoded(ed25519.two_products(s, k, table)) == ed25519.encoded(power), bits
        power = ed25519.double(power)


@pytest.mark.parametrize("public", [b"", b"\0" * 31, b"\xff" * 32, bytes(31) + b"\x80", b"\x02" + bytes(31)])
def test_what_is_no_point_verifies_nothing(public: bytes) -> None:
    assert not ed25519.verifies(public, b"", bytes(64))


def test_small_order_keys_are_weak_under_every_encoding() -> None:
    for y in WEAK:
        for sign in (0, 1 << 255):
            body = b"\4" + (y | sign).to_bytes(32, "little")
            with pytest.raises(BadNote, match="weak"):
                parse_vkey(vkey_of("w", body))
    assert len(WEAK) == 5
    for y in WEAK - {0, 1, ed25519.P - 1}:
        point = ed25519.decoded(y.to_bytes(32, "little"))
        assert point is not None
        for _ in range(3):
            point = ed25519.double(point)
        assert ed25519.encoded(point) == ed25519.encoded(ed25519.NEUTRAL)


def vkey_of(name: str, body: bytes) -> str:
    from tallycheck.note import key_id

    return f"{name}+{key_id(name, body[0], body[1:]).hex()}+{b64(body)}"


# Names, keys, lines ------------------------------------------------------------


@pytest.mark.parametrize(
    "name", ["", "a b", "a+b", "a\u00a0b", "a\u2003", "a\u3000", "a\n", "a\x1f", "\u0085", "a\u200a"]
)
def test_these_are_no_key_names(name: str) -> None:
    assert not is_key_name(name)


@pytest.mark.parametrize("name", ["a", "elections.example/x", "ü", "a\u200b", "x\u007f"])
def test_these_are_key_names(name: str) -> None:
    assert is_key_name(name)


@pytest.mark.parametrize("name", ["a/", "https://a", "", None, 3])
def test_these_are_no_origins(name: object) -> None:
    assert not is_origin(name)


GOOD = LOG.vkey
BAD_KEYS = [
    "", "a", "a+b", GOOD + "=", GOOD[:-1], GOOD.replace(LOG.id.hex(), "00000000"), " " + GOOD,
    GOOD.replace(LOG.id.hex(), LOG.id.hex().upper()), vkey_of("x", b"\2" + LOG.body[1:]),
    vkey_of("x", LOG.body + b"\0"), vkey_of("x", LOG.body[:-1]),
]  # fmt: skip


@pytest.mark.parametrize("vkey", BAD_KEYS, ids=repr)
def test_bad_verifier_keys_are_refused(vkey: str) -> None:
    if vkey != GOOD:
        with pytest.raises(BadNote):
            parse_vkey(vkey)


HEAD = text([b"{}"]) + b"\n"


@pytest.mark.parametrize(
    "head",
    [b"", HEAD[:-1], HEAD + b"\n", HEAD.replace(b"\n1\n", b"\n01\n"), HEAD.replace(b"\n1\n", b"\n+1\n"),
     HEAD.replace(b"\n1\n", b"\n\xd9\xa1\n"), HEAD.replace(b"=\n", b"\n"), b"\xff" + HEAD, b"https://" + HEAD,
     HEAD.replace(b"\n1\n", b"\n" + b"9" * 5000 + b"\n"), HEAD.replace(b"\n", b"\r\n")],
)  # fmt: skip
def test_bad_checkpoint_heads_are_refused(head: bytes) -> None:
    assert parse_head(HEAD).size == 1
    with pytest.raises(BadNote):
        parse_head(head)


@pytest.mark.parametrize(
    "line", [b"", b"- a AAAAAAA=\n", "\u2014 a AAAAAAA=".encode(), "\u2014  a AAAAAAA=\n".encode(),
             "\u2014 a AAAA\n".encode(), "\u2014 a AAAAAAB=\n".encode(), "\u2014 a AAAAAAA= \n".encode(), b"\xff\n"]
)  # fmt: skip
def test_bad_signature_lines_are_refused(line: bytes) -> None:
    with pytest.raises(BadNote):
        parse_lines(line)


# Policies ------------------------------------------------------------

A, B, C = (Signer(name) for name in "abc")
LINES = f"log {LOG.vkey}\nwitness a {A.vkey}\nwitness b {B.vkey} https://b.example\nwitness c {C.vkey}\n"

BAD_POLICIES = {
    "no quorum": LINES,
    "two quorums": LINES + "quorum a\nquorum a\n",
    "no last line feed": LINES + "quorum a",
    "an unknown quorum": LINES + "quorum d\n",
    "a group defined later": LINES + "quorum g\ngroup g any a\n",
    "a member twice": LINES + "group g any a a\nquorum g\n",
    "a member of two groups": LINES + "group g any a\ngroup h any a b\nquorum h\n",
    "k of zero": LINES + "group g 0 a\nquorum g\n",
    "k too large": LINES + "group g 3 a b\nquorum g\n",
    "k with a zero before": LINES + "group g 01 a b\nquorum g\n",
    "a group without members": LINES + "group g any\nquorum g\n",
    "a name twice": LINES + f"witness a {Signer('d').vkey}\nquorum a\n",
    "a witness called none": f"witness none {A.vkey}\nquorum none\n",
    "a key twice": LINES + f"witness d {A.vkey}\nquorum a\n",
    "one key as log and witness": f"log {Signer('a', 1).vkey}\nwitness a {A.vkey}\nquorum a\n",
    "a log key as witness": f"witness a {LOG.vkey}\nquorum a\n",
    "a witness key as log": f"log {A.vkey}\nquorum none\n",
    "an unknown line": LINES + "quorum a\nwitnesses a\n",
    "a control character": LINES + "quorum a\n\x00\n",
    "a carriage return": LINES + "quorum a\r\n",
    "delete": LINES + "quorum a\x7f\n",
    "nothing": "",
}


@pytest.mark.parametrize("name", BAD_POLICIES)
def test_a_bad_policy_is_refused(name: str) -> None:
    with pytest.raises(BadNote):
        parse_policy(BAD_POLICIES[name].encode())


def test_a_policy_that_is_not_utf_8_is_refused() -> None:
    with pytest.raises(BadNote):
        parse_policy(b"# \xff\nquorum none\n")


def test_quorums_of_groups_of_groups() -> None:
    found = parse_policy(
        (LINES + "# two of three sides\n\n \t\ngroup ab all a b\ngroup g any ab\tc \nquorum g\n").encode()
    )
    keys = found.witnesses
    met = {"": False, "a": False, "b": False, "ab": True, "c": True, "abc": True}
    for names, expected in met.items():
        assert found.is_met({keys[name] for name in names}) is expected
    assert parse_policy((LINES + "quorum none\n").encode()).is_met(set())


# The reader's own policy, checkpoint and receipt ------------------------------------------------------------

ENTRIES = sealed(story())


def verdict(where: Path, files: Files | None = None, **given: str | bytes) -> int | None:
    asked = Asked(**{name: raw.encode() if isinstance(raw, str) else raw for name, raw in given.items()})
    failure = check(zipped(files or town(), where / "p.zip"), "p.zip", asked).failure
    return failure.number if failure else None


def test_the_readers_policy_is_the_one_asked_for(tmp_path: Path) -> None:
    assert verdict(tmp_path, policy=policy()) is None
    assert verdict(tmp_path, policy="# mine\n" + policy(k="any")) is None
    assert verdict(tmp_path, policy=policy(witnesses=(WITNESSES[0], Signer("mine")), k="any")) is None
    assert verdict(tmp_path, policy=policy(witnesses=(WITNESSES[0], Signer("mine")))) == 3
    assert verdict(tmp_path, policy=policy(log=Signer(ORIGIN, 1, "another"))) == 3
    assert verdict(tmp_path, policy="quorum none\n") == 3
    assert verdict(tmp_path, policy="nonsense") == 3
    report = check(zipped(town(), tmp_path / "p.zip"), "p", Asked(b"# mine\n" + policy().encode()))
    assert "differs" in report.line(3).words


def test_without_a_policy_the_report_says_that_authorship_was_not_checked(tmp_path: Path) -> None:
    report = check(zipped(town(), tmp_path / "p.zip"), "p", Asked())
    assert report.proves and not report.authorship
    assert (
        "internally consistent; authorship not checked" in report.line(3).words
        and ORIGIN in report.line(3).words
    )


@pytest.mark.parametrize(
    ("signers", "expected"),
    [((LOG, *WITNESSES), None), (WITNESSES, 3), ((LOG, WITNESSES[0]), 3), ((LOG, *reversed(WITNESSES)), 3),
     ((LOG, WITNESSES[0], *WITNESSES), 3), ((LOG, *WITNESSES, Signer("x")), 3), ((LOG, LOG, *WITNESSES), 3),
     ((Signer(ORIGIN, 1, "forged"), *WITNESSES), 3), ((LOG, Signer(WITNESSES[0].name, 4, "f"), WITNESSES[1]), 3), ((), 3)],
)  # fmt: skip
def test_only_the_signers_of_the_policy_in_their_order(
    signers: tuple[Signer, ...], expected: int | None, tmp_path: Path
) -> None:
    assert verdict(tmp_path, town() | {"checkpoint": signed(ENTRIES, signers)}) == expected


@pytest.mark.parametrize(("witnesses", "expected"), [(99, None), (100, 3)])
def test_at_most_a_hundred_signature_lines_stand(
    witnesses: int, expected: int | None, tmp_path: Path
) -> None:
    many = tuple(
        sorted((Signer(f"w{i:03d}.example") for i in range(witnesses)), key=lambda signer: signer.name)
    )
    book = story()[:1]
    book[0]["policy"] = policy(witnesses=many)
    entries = sealed(book)
    files = package(entries, laws(), checkpoint=signed(entries, (LOG, *many)))
    assert verdict(tmp_path, files) == expected


def test_a_time_beyond_two_to_the_63_is_refused(tmp_path: Path) -> None:
    body = text(ENTRIES)
    lines = [LOG.line(body), WITNESSES[0].line(body, 2**63), WITNESSES[1].line(body)]
    assert verdict(tmp_path, town() | {"checkpoint": body + b"\n" + b"".join(lines)}) == 3


@pytest.mark.parametrize("size", [1, 2, 31, 55, 56])
def test_a_package_has_grown_from_every_older_checkpoint_of_its_log(size: int, tmp_path: Path) -> None:
    assert verdict(tmp_path, checkpoint=signed(ENTRIES[:size], (Signer("stranger"), LOG))) is None


def test_an_old_checkpoint_of_another_history_is_refused(tmp_path: Path) -> None:
    forked = [*ENTRIES[:9], b'{"seq":9}']
    assert verdict(tmp_path, checkpoint=signed(forked)) == 2
    report = check(zipped(town(), tmp_path / "p.zip"), "p", Asked(checkpoint=signed(forked)))
    assert report.failure is not None and "two different histories" in report.failure.words
    assert verdict(tmp_path, checkpoint=signed(ENTRIES[:9], origin="other.example")) == 2
    assert verdict(tmp_path, checkpoint=signed([*ENTRIES, b"{}"])) == 2
    assert verdict(tmp_path, checkpoint=b"nonsense") == 2
    assert verdict(tmp_path, checkpoint=signed(ENTRIES[:9], WITNESSES)) == 3
    assert (
        verdict(tmp_path, checkpoint=signed(ENTRIES[:9], (LOG, WITNESSES[0])).replace(b" AAAA", b" BBBB"))
        is None
    )
    bad_line = Signer(LOG.name, 1, "").line(b"another text")
    assert verdict(tmp_path, checkpoint=text(ENTRIES[:9]) + b"\n" + bad_line) == 3
    assert verdict(tmp_path, checkpoint=text(ENTRIES[:9]) + b"\n" + Signer("s").line(b"x") * 101) == 2


def test_the_empty_books_checkpoint_is_older_than_every_book(tmp_path: Path) -> None:
    assert verdict(tmp_path, checkpoint=signed([])) is None


def path_of(index: int, hashes: list[bytes]) -> list[bytes]:
    """PATH(m, D[n]) of RFC 6962, section 2.1.1, by recursion."""
    if len(hashes) == 1:
        return []
    k = 1
    while k * 2 < len(hashes):
        k *= 2
    if index < k:
        return [*path_of(index, hashes[:k]), root(hashes[k:])]
    return [*path_of(index - k, hashes[k:]), root(hashes[:k])]


def receipt(index: int, entries: list[bytes], entry: bytes | None = None) -> bytes:
    proof = "".join(b64(h) + "\n" for h in path_of(index, [leaf(e) for e in entries]))
    extra = b64(entries[index] if entry is None else entry)
    return f"c2sp.org/tlog-proof@v1\nextra {extra}\nindex {index}\n{proof}\n".encode() + signed(entries)


def test_a_receipt_stands_in_the_package(tmp_path: Path) -> None:
    for index, size in ((0, 1), (5, 9), (55, 56), (30, 31)):
        assert verdict(tmp_path, receipt=receipt(index, ENTRIES[:size])) is None
    assert verdict(tmp_path, receipt=receipt(5, ENTRIES[:9], b"{}")) == 2
    assert verdict(tmp_path, receipt=receipt(5, [*ENTRIES[:5], b"{}"])) == 2
    assert verdict(tmp_path, receipt=receipt(5, ENTRIES).replace(b"index 5", b"index 6")) == 2
    assert verdict(tmp_path, receipt=receipt(5, ENTRIES).replace(b"index 5", b"index 05")) == 2
    assert verdict(tmp_path, receipt=receipt(5, ENTRIES).replace(b"extra", b"more")) == 2
    assert verdict(tmp_path, receipt=b"c2sp.org/tlog-proof@v1\n") == 2
    unsigned = receipt(5, ENTRIES).replace(LOG.line(text(ENTRIES)), b"")
    assert verdict(tmp_path, receipt=unsigned) == 3


def test_inclusion_proofs_of_all_small_trees() -> None:
    leaves = [leaf(b"%d" % i) for i in range(33)]
    for n in range(1, 34):
        for i in range(n):
            proof = path_of(i, leaves[:n])
            assert included(i, n, leaves[i], proof, root(leaves[:n]))
            assert not included((i + 1) % n, n, leaves[i], proof, root(leaves[:n])) or n == 1
            assert not included(i, n, leaves[i], proof[:-1], root(leaves[:n])) or n == 1


def test_the_receipt_of_the_page_stands_in_its_example(tmp_path: Path) -> None:
    block = re.search(r"```text\n(c2sp.org/tlog-proof@v1\nextra eyJleG.*?)```", PAGE, re.DOTALL)
    assert block
    place = folder(example_files(), tmp_path / "f")
    failure = check(place, "p", Asked(receipt=block[1].encode())).failure
    assert failure is not None and failure.number == 4  # its entries are no book's, and all before is right
    assert leaf_hash(b"") == leaf(b"")


# Re-sealing ------------------------------------------------------------


@pytest.mark.parametrize("seq", range(0, 56, 11))
def test_a_log_that_rewrites_an_entry_alone_lacks_its_witnesses(seq: int, tmp_path: Path) -> None:
    book = story()
    book[seq]["received"] = book[seq]["received"].replace("00Z", "01Z")
    entries = sealed(book)
    files = town(book)
    body = text(entries)
    old = signed(ENTRIES).split(b"\n\n")[1].split(b"\n", 1)[1]
    assert verdict(tmp_path, files | {"checkpoint": body + b"\n" + LOG.line(body)}) == 3
    assert verdict(tmp_path, files | {"checkpoint": body + b"\n" + LOG.line(body) + old}) == 3


def test_a_quorum_of_none_is_said(tmp_path: Path) -> None:
    lone = f"log {LOG.vkey}\nquorum none\n"
    book = story()[:1]
    book[0]["policy"] = lone
    entries = sealed(book)
    files = package(entries, laws())
    report = check(zipped(files | {"checkpoint": signed(entries, (LOG,))}, tmp_path / "p.zip"), "p", Asked())
    assert report.failure is None, report.failure.sentence()
    assert "asks for none" in report.line(3).words


def laws() -> list[bytes]:
    from tests.tallycheck.town import BOOK_LAW, TOWN_LAW

    return [BOOK_LAW.encode(), TOWN_LAW.encode()]
