"""The package page's own example and vectors, read from the page."""

# ruff: noqa: E501, ARG005 - tables stand on one line each

import base64
import hashlib
import re
from pathlib import Path

import pytest

from tallycheck.canonical import NotCanonical, read
from tallycheck.checks import Asked, check
from tallycheck.ed25519 import L, verifies
from tallycheck.failure import Failed
from tallycheck.files import parse_contents
from tallycheck.merkle import EMPTY_ROOT, included, leaf_hash, node_hash, prefix_root, root_of
from tallycheck.note import line_verifies, parse_line, parse_vkey
from tests.tallycheck.writer import folder, groups, name, root, tiles

SPEC = Path(__file__).resolve().parents[2] / "docs" / "spec"
PAGE = (SPEC / "package.md").read_text(encoding="utf-8")
LEAVES = [
    bytes.fromhex(h)
    for h in [
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    ]
]


def example_zip() -> bytes:
    block = re.search(r"broken every 100 characters:\n\n```text\n(.*?)```", PAGE, re.DOTALL)
    assert block
    return base64.b64decode(block[1].replace("\n", ""))


def example_files() -> dict[str, bytes]:
    """The five files, cut out of the ZIP by the lengths that the page states."""
    raw, files, at = example_zip(), {}, 0
    for file, length in re.findall(r"^(\S+)\s+(\d+) bytes$", PAGE, re.MULTILINE):
        at = raw.index(file.encode(), at) + len(file)
        files[file] = raw[at : at + int(length)]
    return files


def number(path: Path) -> int | None:
    """The number of the check that fails, if one of the first three does."""
    found = check(path, "package", Asked()).failure
    return found.number if found and found.number <= 3 else None


def test_the_examples_zip_is_the_one_that_the_page_states() -> None:
    raw = example_zip()
    assert (len(raw), hashlib.sha256(raw).hexdigest()) == (
        2209,
        "49a78b4652d3b3ca52d786d24b225bb81db33a22e21a3c64c6a4bdc372941001",
    )


def test_the_example_passes_checks_1_to_3_as_folder_and_as_zip(tmp_path: Path) -> None:
    (tmp_path / "p.zip").write_bytes(example_zip())
    assert number(tmp_path / "p.zip") is None
    assert number(folder(example_files(), tmp_path / "f")) is None


@pytest.mark.parametrize("size", range(9))
def test_roots_of_the_reference_leaves(size: int) -> None:
    stated = re.search(rf"^\| {size} \| `([0-9a-f]{{64}})` \|$", PAGE, re.MULTILINE)
    assert stated and root_of([leaf_hash(x) for x in LEAVES[:size]]).hex() == stated[1]


def test_inclusion_proofs_of_the_page() -> None:
    section = PAGE.split("**Inclusion proofs**")[1].split("**A larger tree.**")[0]
    rows = re.findall(r"^\| (\d), (\d) \| (.*) \|$", section, re.MULTILINE)
    assert len(rows) == 5
    for i, n, cell in rows:
        proof = [bytes.fromhex(h) for h in re.findall("[0-9a-f]{64}", cell)]
        top = root([leaf_hash(x) for x in LEAVES[: int(n)]])
        assert included(int(i), int(n), leaf_hash(LEAVES[int(i)]), proof, top)
        assert not included(int(i), int(n), leaf_hash(b"other"), proof, top)
        assert not included(int(i), int(n), leaf_hash(LEAVES[int(i)]), [*proof, EMPTY_ROOT], top)


def test_the_larger_tree_of_the_page() -> None:
    entries = [b'{"seq":%d}' % i for i in range(70_000)]
    files = tiles(entries)
    for file, digest in re.findall(
        r"^\| `(tile/\S+)` \(\d+ bytes\) \| `([0-9a-f]{64})` \|$", PAGE, re.MULTILINE
    ):
        assert hashlib.sha256(files[file]).hexdigest() == digest

    def tile(level: int, n: int) -> bytes:
        counts = [70_000, 273, 1]
        return files[name(str(level), n, min(counts[level] - n * 256, 256))]

    stated = re.findall(
        r"^\| (\d+) \| `([0-9a-f]{64})` \|$", PAGE.split("**A larger tree.**")[1], re.MULTILINE
    )
    assert len(stated) == 9
    for size, digest in stated:
        assert prefix_root(int(size), tile).hex() == digest
    for size in (0, 2, 3, 100, 256 * 3 + 5, 65_535, 65_537 + 256, 69_999):
        assert prefix_root(size, tile) == root([leaf_hash(e) for e in entries[:size]])


def test_the_key_and_signature_of_signed_note() -> None:
    key = parse_vkey("example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k")
    line = parse_line(
        "\u2014 example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM="
    )
    assert (line.name, line.id) == (key.name, key.id)
    assert line_verifies(key, line, b"This is an example message.\n")
    assert not line_verifies(key, line, b"This is an example message!\n")


def test_rfc_8032_signatures_are_accepted_and_every_bit_of_them_counts() -> None:
    rows = re.findall(r"^\| `([0-9a-f]{64})` \| (\S+) \| `([0-9a-f]{128})` \|$", PAGE, re.MULTILINE)
    assert len(rows) == 3
    for a, m, s in rows:
        public, signature = bytes.fromhex(a), bytes.fromhex(s)
        message = b"" if m == "*(none)*" else bytes.fromhex(m.strip("`"))
        assert verifies(public, message, signature)
        grown = int.from_bytes(signature[32:], "little") + L
        assert not verifies(public, message, signature[:32] + grown.to_bytes(32, "little"))
        for bit in range(0, 512, 7):
            changed = bytearray(signature)
            changed[bit // 8] ^= 1 << bit % 8
            assert not verifies(public, message, bytes(changed))
        for bit in range(0, 256, 7):
            changed = bytearray(public)
            changed[bit // 8] ^= 1 << bit % 8
            assert not verifies(bytes(changed), message, signature)


def test_tile_numbers_stand_in_groups_of_three() -> None:
    from tallycheck.merkle import number_name

    assert [number_name(n) for n in (0, 273, 1234067)] == ["000", "273", "x001/x234/067"]
    assert all(number_name(n) == groups(n) for n in (1, 999, 1000, 999_999, 10**6, 2**45))


# Changed packages: each row of the page's last table ------------------------------------------------------------

CHECKPOINT = "checkpoint"


def example_with(**changed: bytes | None) -> dict[str, bytes]:
    files = example_files() | {k.replace("__", "/"): v for k, v in changed.items()}
    return {k: v for k, v in files.items() if v is not None}


def lines_of(checkpoint: bytes) -> list[bytes]:
    return checkpoint[82:].splitlines(keepends=True)


def reordered(*order: int) -> dict[str, bytes]:
    files = example_files()
    head, lines = files[CHECKPOINT][:82], lines_of(files[CHECKPOINT])
    return files | {CHECKPOINT: head + b"".join(lines[i] for i in order)}


def padded_otherwise(files: dict[str, bytes]) -> dict[str, bytes]:
    raw = files[CHECKPOINT]
    at = raw.rindex(b"==\n") - 1
    table = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    other = table[table.index(raw[at : at + 1]) ^ 1 : (table.index(raw[at : at + 1]) ^ 1) + 1]
    return files | {CHECKPOINT: raw[:at] + other + raw[at + 1 :]}


def test_the_first_four_lines_of_the_example_are_82_bytes() -> None:
    assert example_files()[CHECKPOINT][:82].count(b"\n") == 4
    assert len(lines_of(example_files()[CHECKPOINT])) == 3


EXHIBIT = "exhibits/c0f1ac421ac82947c577cd7fda31f8de49e31bca1a260f94327dc054ccff9bdd"
BUNDLE, TILE = "tile/entries/000.p/3", "tile/0/000.p/3"


def changes() -> list[tuple[str, dict[str, bytes], int]]:
    good = example_files()

    def without(file: str) -> dict[str, bytes]:
        return {k: v for k, v in good.items() if k != file}

    rows = [(f"added {file}", good | {file: b"x" * 32}, 1)
            for file in ("README", "tile/0/000", "tile/0/000.p/2", "exhibits/" + "0" * 64)]  # fmt: skip
    rows += [(f"deleted {file}", without(file), 1) for file in good]
    rows += [(f"renamed {file}", without(file) | {file + "x": good[file]}, 1) for file in good]
    rows += [(f"size {n}", good | {"contents": good["contents"].replace(b"size 3", b"size %d" % n)}, 1)
             for n in (2, 9007199254740991)]  # fmt: skip
    first_lines = b"\n".join(good["contents"].split(b"\n")[:2]) + b"\n"
    rows.append(("exhibit unlisted", without(EXHIBIT) | {"contents": first_lines}, 2))
    other = hashlib.sha256(b"x").hexdigest()
    line = f"exhibit {other} 1\n".encode()
    listed = first_lines + line + good["contents"][len(first_lines) :]
    rows.append(("exhibit unnamed", good | {"contents": listed, f"exhibits/{other}": b"x"}, 2))
    for file in (BUNDLE, TILE):
        rows.append((f"longer {file}", good | {file: good[file] + b"\0"}, 2))
        rows.append((f"shorter {file}", good | {file: good[file][:-1]}, 2))
    rows.append(("cut after the fourth line", good | {CHECKPOINT: good[CHECKPOINT][:82]}, 3))
    rows.append(("log last", reordered(1, 2, 0), 3))
    rows.append(("cosignatures exchanged", reordered(0, 2, 1), 3))
    rows.append(("cosignature twice", reordered(0, 1, 1, 2), 3))
    rows.append(("one cosignature less", reordered(0, 1), 3))
    rows.append(("other unused bits", padded_otherwise(good), 3))
    return rows


@pytest.mark.parametrize(("files", "expected"), [pytest.param(f, n, id=what) for what, f, n in changes()])
def test_a_changed_example_fails_the_check_that_the_page_names(
    files: dict[str, bytes], expected: int, tmp_path: Path
) -> None:
    assert number(folder(files, tmp_path / "f")) == expected


def test_the_false_size_is_refused_before_anything_is_listed() -> None:
    assert parse_contents(b"tallybook/package/v1\nsize 9007199254740991\n").size == 2**53 - 1
    with pytest.raises(Failed):
        parse_contents(b"tallybook/package/v1\nsize 9007199254740992\n")


@pytest.mark.parametrize(
    "change",
    [
        lambda z: z + b"\0",
        lambda z: b"\0" + z,
        lambda z: z[:-1],
        lambda z: z[1:],
        lambda z: b"",
        lambda z: z * 2,
    ],
    ids=["after its end", "before its start", "cut", "beheaded", "empty", "twice"],
)
def test_a_zip_with_other_bytes_around_it_fails_check_1(change, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    (tmp_path / "p.zip").write_bytes(change(example_zip()))
    assert number(tmp_path / "p.zip") == 1


def test_sampled_bit_flips_fail_the_lowest_check_whose_input_holds_them(tmp_path: Path) -> None:
    good = example_files()
    place = folder(good, tmp_path / "f")
    for file, raw in good.items():
        for bit in range(file.__len__() % 7, len(raw) * 8, 97):
            changed = bytearray(raw)
            changed[bit // 8] ^= 1 << bit % 8
            (place / file).write_bytes(changed)
            expected = 1 if file == "contents" or file == EXHIBIT else 2
            if file == CHECKPOINT and bit >= 82 * 8:
                expected = 3
            assert number(place) == expected, (file, bit)
        (place / file).write_bytes(raw)
    raw = example_zip()
    for bit in range(3, len(raw) * 8, 131):
        changed = bytearray(raw)
        changed[bit // 8] ^= 1 << bit % 8
        (tmp_path / "p.zip").write_bytes(changed)
        assert number(tmp_path / "p.zip") == 1, bit


@pytest.mark.rehearsal
def test_every_bit_flip_fails_the_lowest_check_whose_input_holds_it(tmp_path: Path) -> None:
    good = example_files()
    place = folder(good, tmp_path / "f")
    for file, raw in good.items():
        for bit in range(len(raw) * 8):
            changed = bytearray(raw)
            changed[bit // 8] ^= 1 << bit % 8
            (place / file).write_bytes(changed)
            expected = 1 if file in ("contents", EXHIBIT) else 3 if file == CHECKPOINT and bit >= 656 else 2
            assert number(place) == expected, (file, bit)
        (place / file).write_bytes(raw)
    raw = example_zip()
    for bit in range(len(raw) * 8):
        changed = bytearray(raw)
        changed[bit // 8] ^= 1 << bit % 8
        (tmp_path / "p.zip").write_bytes(changed)
        assert number(tmp_path / "p.zip") == 1, bit


# Canonical JSON -----------------------------------------------------------------------------------------------

JSON_PAGE = (SPEC / "canonical-json.md").read_text(encoding="utf-8")


def accepted() -> list[bytes]:
    block = re.search(r"each line is the whole input\):\n\n```text\n(.*?)```", JSON_PAGE, re.DOTALL)
    assert block
    return [line.encode() for line in block[1].splitlines()] + [bytes.fromhex("227fe280a822")]


@pytest.mark.parametrize("raw", accepted(), ids=repr)
def test_canonical_json_of_the_page_is_accepted(raw: bytes) -> None:
    read(raw)


def refused() -> list[bytes]:
    rows = JSON_PAGE.split("Refused, with the reason:")[1].splitlines()[4:]
    cells = [row.split("|")[1] for row in rows if row.startswith("|")]
    found = [b"", b"[" * 17 + b"]" * 17, b"[" * 65_535, b'{"a":' * 10_000, b"[" * 10_000 + b"]" * 10_000]
    for cell in cells:
        if "bytes" in cell:
            found += [bytes.fromhex(h) for h in re.findall(r"`([0-9a-f ]+)`", cell)]
        elif "times" not in cell:
            found += [text.encode() for text in re.findall("`([^`]+)`", cell)]
    return [*found, b"9" * 5000, b'{"seq":' + b"1" * 5000 + b"}"]


@pytest.mark.parametrize("raw", refused(), ids=lambda raw: repr(raw[:30]))
def test_what_the_page_refuses_is_refused(raw: bytes) -> None:
    with pytest.raises(NotCanonical):
        read(raw)


def test_the_example_of_canonical_json_is_69_bytes() -> None:
    raw = '{"kind":"Señora\\n\\"","list":[-3,0,{}],"none":null,"ok":true,"seq":7}'.encode()
    assert (
        hashlib.sha256(raw).hexdigest() == "334d45cc9d8b80d69ff8763f91189b5e7d2e064b375d05ad50272a27bdcaf1b4"
    )
    assert read(raw)["kind"] == 'Señora\n"'


@pytest.mark.parametrize(
    "raw", [b'{"a":"\\":\\":"}', b'{"a":"x\\\\","b":{"c":"{\\"k\\":"}}', b'{"hex":"1234567890123456789"}']
)
def test_strings_that_look_like_keys_or_numbers_are_accepted(raw: bytes) -> None:
    read(raw)


@pytest.mark.parametrize(
    "raw", [b'{"a":{"B":1}}', b'{"a":"\\":","B":1}', b'["1234567890123456",12345678901234567]']
)
def test_a_bad_key_or_number_beside_such_strings_is_refused(raw: bytes) -> None:
    with pytest.raises(NotCanonical):
        read(raw)


def test_node_hash_is_that_of_two_leaves() -> None:
    assert node_hash(leaf_hash(b""), leaf_hash(b"\0")) == root([leaf_hash(b""), leaf_hash(b"\0")])
