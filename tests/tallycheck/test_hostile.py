"""Hostile packages: whatever the bytes, one clear failure with its number, soon, and never a traceback."""

# ruff: noqa: E501 - tables stand on one line each

import copy
import json
import os
import random
import shutil
import struct
import subprocess
import sys
import threading
import time
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tallycheck import effects
from tallycheck.__main__ import main
from tallycheck.__main__ import read as read_file
from tallycheck.canonical import NotCanonical, read
from tallycheck.checks import Asked, check
from tallycheck.lawfile import join, parse_law
from tallycheck.lawforms import BadLaw
from tests.tallycheck.town import BOOK_LAW, TOWN_LAW, sealed, story, town
from tests.tallycheck.writer import (
    ORIGIN,
    Files,
    canonical,
    folder,
    package,
    policy,
    public,
    sha,
    zip_bytes,
    zipped,
)

JUNK: list[Any] = [
    None, True, False, 0, 1, -1, 2**53 - 1, "", "x", "ann", "north", "2026-11-09", "9999-12-31T23:59:59Z",
    "0001-01-01T00:00:00Z", [], [[]], [1], ["x"], {}, {"x": 1}, {"votes": {}}, {"votes": {"ann": 1, "bob": 2}},
    {"kind": "public"}, [{"kind": "sealed", "name": "x", "commitment": "0" * 64}], "\u2028", "é" * 5000, -(2**53) + 1,
]  # fmt: skip


def leaves(value: Any, at: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The place of every member of a value."""
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [place for key, member in pairs for place in [(*at, key), *leaves(member, (*at, key))]]


def spoiled(dice: random.Random) -> list[dict[str, Any]]:
    """The story with one to three members replaced, dropped or added."""
    book = story()
    for _ in range(dice.randrange(1, 4)):
        seq = dice.choice([0, dice.randrange(len(book))])
        place = dice.choice(leaves(book[seq]))
        holder: Any = book[seq]
        for key in place[:-1]:
            holder = holder[key]
        what = dice.randrange(4)
        if what == 0 and isinstance(holder, dict):
            del holder[place[-1]]
        elif what == 1 and isinstance(holder, dict):
            holder[dice.choice(["extra", "contest", "place", "detail", "paper", "seen", "purpose"])] = (
                dice.choice(JUNK)
            )
        else:
            holder[place[-1]] = copy.deepcopy(dice.choice(JUNK))
    return book


def packed(book: list[dict[str, Any]]) -> Files:
    try:
        return town(book)
    except (AttributeError, TypeError):  # exhibits are no longer a list of objects
        return package(sealed(book), [])


def fuzz(seed: int, times: int, where: Path) -> None:
    dice = random.Random(seed)
    for _ in range(times):
        book = spoiled(dice)
        report = check(zipped(packed(book), where / "p.zip"), "p", Asked())
        if report.failure is not None:
            assert 1 <= report.failure.number <= 15 and report.failure.sentence().isprintable()
        elif canonical(book) != canonical(story()):
            assert any("policy" in e or "detail" in e for e in book)


def test_a_spoiled_book_is_refused_without_a_traceback(tmp_path: Path) -> None:
    fuzz(1, 60, tmp_path)


@pytest.mark.rehearsal
@pytest.mark.parametrize("seed", range(2, 12))
def test_many_spoiled_books_are_refused_without_a_traceback(seed: int, tmp_path: Path) -> None:
    fuzz(seed, 1000, tmp_path)


# ZIPs ------------------------------------------------------------

GOOD = zip_bytes(town())


def end_with(count: int, length: int, offset: int) -> bytes:
    return GOOD[:-22] + b"PK\5\6" + bytes(4) + struct.pack("<2H2L", count, count, length, offset) + b"\0\0"


ZIPS: dict[str, bytes] = {
    "empty": b"",
    "an end alone": GOOD[-22:],
    "an empty ZIP": b"PK\5\6" + bytes(18),
    "a count that lies": end_with(65_534, 4_294_967_294, 0),
    "a count of zip64": end_with(65_535, 0xFFFFFFFF, 0xFFFFFFFF),
    "a comment": GOOD[:-2] + b"\5\0hello",
    "a flag": GOOD[:6] + b"\1\0" + GOOD[8:],
    "deflate": GOOD[:8] + b"\x08\0" + GOOD[10:],
    "a length that lies": GOOD[:18] + struct.pack("<2L", 2**32 - 1, 2**32 - 1) + GOOD[26:],
    "a long name": GOOD[:26] + b"\xff\xff" + GOOD[28:],
    "no name": GOOD[:26] + b"\0\0" + GOOD[28:],
    "an absolute name": zip_bytes({f"/{name}": raw for name, raw in town().items()}),
    "a climbing name": zip_bytes(town() | {"../x": b""}),
    "a folder": zip_bytes(town() | {"tile/": b""}),
    "a name that is not ASCII": zip_bytes(town() | {"é": b""}),
    "files in another order": zip_bytes(town(), sorted(town(), reverse=True)),
    "a text": b"hello, this is no ZIP at all, but it is longer than twenty-two bytes",
}


@pytest.mark.parametrize("name", ZIPS)
def test_a_hostile_zip_fails_check_1(name: str, tmp_path: Path) -> None:
    (tmp_path / "p.zip").write_bytes(ZIPS[name])
    failure = check(tmp_path / "p.zip", "p", Asked()).failure
    assert failure is not None and failure.number == 1


def test_two_files_of_one_name_fail_check_1(tmp_path: Path) -> None:
    files = town()
    raw = zip_bytes({"checkpoinT": b"x"} | files).replace(b"checkpoinT", b"checkpoint")
    (tmp_path / "p.zip").write_bytes(raw)
    failure = check(tmp_path / "p.zip", "p", Asked()).failure
    assert failure is not None and failure.number == 1


def test_truncations_of_a_zip_fail_check_1(tmp_path: Path) -> None:
    for length in range(0, len(GOOD), 997):
        (tmp_path / "p.zip").write_bytes(GOOD[:length])
        failure = check(tmp_path / "p.zip", "p", Asked()).failure
        assert failure is not None and failure.number == 1


# Folders ------------------------------------------------------------


def number(place: Path) -> int | None:
    failure = check(place, "p", Asked()).failure
    return failure.number if failure else None


def test_a_folder_with_anything_but_regular_files_fails_check_1(tmp_path: Path) -> None:
    place = folder(town(), tmp_path / "f")
    (place / "empty" / "deeper").mkdir(parents=True)
    assert number(place) is None
    (place / "link").symlink_to("contents")
    assert number(place) == 1
    (place / "link").unlink()
    (place / "link").symlink_to("tile", target_is_directory=True)
    assert number(place) == 1
    (place / "link").unlink()
    (place / "checkpoint").rename(tmp_path / "c")
    (place / "checkpoint").symlink_to(tmp_path / "c")
    assert number(place) == 1
    if hasattr(os, "mkfifo"):
        (place / "checkpoint").unlink()
        os.mkfifo(place / "checkpoint")
        assert number(place) == 1


def test_a_name_that_is_no_text_fails_check_1(tmp_path: Path) -> None:
    place = folder(town(), tmp_path / "f")
    try:
        (place / os.fsdecode(b"\xff\xfe\n")).write_bytes(b"")
    except (OSError, UnicodeError):
        pytest.skip("this file system refuses such names")
    report = check(place, "p", Asked())
    assert (
        report.failure is not None and report.failure.number == 1 and report.failure.sentence().isprintable()
    )


@pytest.mark.parametrize(
    "contents",
    [b"", b"\n", b"tallybook/package/v1\n", b"tallybook/package/v1\nsize 0\n", b"tallybook/package/v1\nsize 056\n",
     b"tallybook/package/v2\nsize 56\n", b"tallybook/package/v1\nsize 56", b"tallybook/package/v1\r\nsize 56\r\n",
     b"tallybook/package/v1\nsize " + b"9" * 10_000 + b"\n", b"tallybook/package/v1\nsize \xd9\xa3\n",
     b"tallybook/package/v1\nsize 56\n\n", b"tallybook/package/v1\nsize 56\nexhibit " + b"A" * 64 + b" 1\n",
     b"\xff" * 100, b"x" * 1_000_000],
    ids=lambda raw: repr(raw[:40]),
)  # fmt: skip
def test_bad_contents_fail_check_1(contents: bytes, tmp_path: Path) -> None:
    assert number(folder(town() | {"contents": contents}, tmp_path / "f")) == 1


@pytest.mark.parametrize(
    "checkpoint", [b"", b"\n", b"\n\n\n\n", b"\xff", b"x" * 3_000_000, b"a\n1\nAAAA\n\n", b"\n" * 100_000]
)
def test_a_bad_checkpoint_fails_check_2(checkpoint: bytes, tmp_path: Path) -> None:
    assert number(folder(town() | {"checkpoint": checkpoint}, tmp_path / "f")) == 2


ENTRY_0 = sealed(story()[:1])[0]


@pytest.mark.parametrize(
    "entry",
    [b"", b"[]", b"null", b'{"seq":1.0}', b'{"seq":1,"seq":1}', b'{ "seq":1}', b'{"seq":"1"}', b'{"seq":true}',
     b"[" * 65_535, b'{"a":' * 10_000, b'{"seq":' + b"1" * 60_000 + b"}", b'{"seq":-1}', b"\xff" * 10,
     b'{"exhibits":{},"seq":1}', b'{"exhibits":[1],"seq":1}', b'{"exhibits":[{"kind":[]}],"seq":1}', b'{"seq":1e400}'],
    ids=lambda raw: repr(raw[:40]),
)  # fmt: skip
def test_a_bad_entry_fails_check_2(entry: bytes, tmp_path: Path) -> None:
    laws = [BOOK_LAW.encode(), TOWN_LAW.encode()]
    assert number(folder(package([ENTRY_0, entry], laws), tmp_path / "f")) == 2


def test_a_bad_entry_goes_before_a_bad_signature(tmp_path: Path) -> None:
    laws = [BOOK_LAW.encode(), TOWN_LAW.encode()]
    files = package([ENTRY_0, b"[]"], laws)
    assert number(folder(files | {"checkpoint": files["checkpoint"][:-3] + b"=\n"}, tmp_path / "f")) == 2


# Law files ------------------------------------------------------------

LAWS: dict[str, bytes] = {
    "too large": b"#" * (4 << 20) + b"#",
    "not UTF-8": b"\xff",
    "not TOML": b"= 1",
    "a float": TOWN_LAW.encode() + b"x = 1.5\n",
    "a date": TOWN_LAW.replace('"2026-11-16"', "2026-11-16").encode(),
    "a long number": b"x = " + b"9" * 100_000,
    "a key of a million parts": b"a" + b".a" * 1_000_000 + b" = 1",
    "a quoted key of a million parts": b'"a"' + b'."a"' * 1_000_000 + b" = 1",
    "a table of a million parts": b"[a" + b".a" * 1_000_000 + b"]",
    "deep arrays": b"x = " + b"[" * 100_000,
    "deep tables": b"x = " + b"{a=" * 100_000,
    "a string without end": b'x = """' + b'\\"""' * 500_000,
    "another format": TOWN_LAW.replace("law/v1", "law/v2").encode(),
    "an unknown key": TOWN_LAW.replace('place = "Town', 'colour = "red"\nplace = "Town').encode(),
    "an unknown key of a row": TOWN_LAW.replace('plain = "After', 'colour = "red"\nplain = "After').encode(),
    "an unknown guard": TOWN_LAW.replace("states =", "says =").encode(),
    "an unknown status": TOWN_LAW.replace('"conditional"', '"perhaps"').encode(),
    "an unknown step": TOWN_LAW.replace("+7 days", "+7 weeks").encode(),
    "a step with a zero before": TOWN_LAW.replace("+7 days", "+07 days").encode(),
    "a time that is not last": TOWN_LAW.replace('"17:00"]', '"17:00", "+1 days"]').encode(),
    "a fraction of nothing": TOWN_LAW.replace('"1/10"', '"1/0"').encode(),
    "a share as a number": TOWN_LAW.replace('"1/10"', "10").encode(),
    "a runoff without a day": TOWN_LAW.replace('runoff_day = ["election_day", "+28 days"]', "").encode(),
    "a refusal with guards": TOWN_LAW.replace('citation = "Town law, governor"',
                                              'when = { states = ["x"] }\ncitation = "g"').encode(),
    "a clock that goes back": TOWN_LAW.replace("clock = [", 'clock = [{from="2021-01-01T00:00:00Z", offset="-04:00"},'
                                               ).encode(),
    "an offset of a day": TOWN_LAW.replace("-05:00", "-24:00").encode(),
    "a row without a citation": TOWN_LAW.replace('citation = "Town law, report"\n', "").encode(),
}  # fmt: skip


@pytest.mark.parametrize("name", LAWS)
def test_a_bad_law_file_is_refused_soon(name: str) -> None:
    start = time.process_time()
    with pytest.raises(BadLaw):
        parse_law(LAWS[name])
    assert time.process_time() - start < 10


def test_a_law_exhibit_of_more_than_4_mib_is_refused_unread(tmp_path: Path) -> None:
    raw = LAWS["too large"]
    book = story()
    book[52] |= {"detail": {"law_file": sha(raw)}, "exhibits": [public(raw, "town.toml")]}
    found = check(zipped(town(book, [raw]), tmp_path / "p.zip"), "p", Asked()).failure
    assert (
        found is not None and (found.number, found.entry) == (5, 52) and "larger than 4194304" in found.words
    )


def test_a_law_adopted_again_and_again_is_read_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[bytes] = []
    monkeypatch.setattr(effects, "parse_law", lambda raw: read.append(raw) or parse_law(raw))
    book, old = story()[:53], sha(TOWN_LAW.encode())
    for n in range(6):
        adopted = copy.deepcopy(book[52])
        if n % 2 == 0:
            adopted |= {"detail": {"law_file": old}, "exhibits": [public(TOWN_LAW.encode(), "town.toml")]}
        book.append(adopted | {"key": f"again-{n}", "seq": 53 + n})
    book.append(story()[53] | {"seq": 59})
    found = check(zipped(town(book), tmp_path / "p.zip"), "p", Asked()).failure
    assert found is None, found and found.sentence()
    assert len(read) == len(set(read)) == 3


def act(effect: str, rest: str) -> str:
    """An act more, of this effect."""
    return f'\n[[acts]]\nid = "more"\nwords = "do more"\nentry = "more_done"\nsaid = "did more"\nphases = []\n' \
           f'effect = "{effect}"\n{rest}\n'  # fmt: skip


@pytest.mark.parametrize(
    "change",
    [lambda t: t.replace('office = "county"', 'office = "nobody"', 1), lambda t: t.replace('act = "report"', 'act = "x"'),
     lambda t: t.replace('purposes = ["change"]', 'purposes = ["fun"]'), lambda t: t.replace('id = "town"', 'id = "book"'),
     lambda t: t.replace('id = "governor"', 'id = "change"'), lambda t: t.replace("county_returns_certified", "nothing"),
     lambda t: t.replace('id = "plurality"', 'id = "majority"'),
     lambda t: t + act("commit", 'scope = []\nneeds = ["manifest", "sample"]'),
     lambda t: t + act("record", 'scope = []\nneeds = ["a-field"]'),
     lambda t: t + act("record", 'scope = []\ncount = "recount"'),
     lambda t: t + act("returns", 'scope = ["contest"]\nneeds = ["returns"]\ncount = "recertified"'),
     lambda t: t + act("state_total", 'scope = ["contest"]\ncount = "recount"'),
     lambda t: t.replace('method = "plurality"', 'method = "plurality"\nadvance = 2', 1),
     lambda t: t.replace('method = "plurality"', 'method = "plurality"\nrunoff_day = ["election_day"]', 1)],
)  # fmt: skip
def test_a_law_set_that_does_not_fit_together_or_no_book_could_carry_out_is_refused(
    change: Callable[[str], str],
) -> None:
    good = TOWN_LAW + act("record", "scope = []")
    assert len(join([parse_law(BOOK_LAW.encode()), parse_law(good.encode())]).acts) == 29
    changed = change(TOWN_LAW)
    assert changed != TOWN_LAW
    with pytest.raises(BadLaw):
        join([parse_law(BOOK_LAW.encode()), parse_law(changed.encode())])


# Canonical JSON against the standard library, on spoiled texts ------------------------------------------------------------


def test_spoiled_texts_are_accepted_only_if_they_are_written_so() -> None:
    dice = random.Random(8785)
    texts = sealed(story())
    for _ in range(3000):
        raw = bytearray(dice.choice(texts))
        for _ in range(dice.randrange(1, 3)):
            raw[dice.randrange(len(raw))] = dice.choice(b'"\\{}[]:,0123456789-+eE. \n\0\x7f\xc3ntA_')
        try:
            value = read(bytes(raw))
        except NotCanonical:
            continue
        assert json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode() == raw


# The command ------------------------------------------------------------


def test_the_command_says_what_it_found(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    good = str(zipped(town(), tmp_path / "p.zip"))
    (tmp_path / "policy").write_text(policy())
    assert main([good, "--policy", str(tmp_path / "policy")]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == f"{good}: book of {ORIGIN}, 56 entries"
    assert lines[1] == " 1 files                      ok    56 entries, 4 exhibits"
    assert lines[9] == " 9 assertions                 none  no risk is claimed in this book"
    assert lines[-1] == "This package proves what it claims."
    assert main([good]) == 0
    out = capsys.readouterr().out
    assert f"authorship not checked; origin {ORIGIN}" in out.splitlines()[-1]


def test_a_failure_is_one_line_and_exit_code_1(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    book = story()
    book[14]["result"]["margin"] = 12
    assert main([str(zipped(town(book), tmp_path / "p.zip"))]) == 1
    out = capsys.readouterr().out
    assert "10 margins                    failed entry 14: `result/margin`: found 12; expected 11" in out
    assert out.splitlines()[-1] == "This package does not prove what it claims."


def test_the_report_as_json(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    book = story()
    book[8]["refusal"]["words"] = "No."
    assert main([str(zipped(town(book), tmp_path / "p.zip")), "--json"]) == 1
    found = json.loads(capsys.readouterr().out)
    assert found["proves"] is False and found["authorship"] == "not checked" and found["size"] == 56
    assert [c["state"] for c in found["checks"]] == ["ok"] * 4 + ["failed"] + ["not run"] * 10
    assert found["checks"][4]["entry"] == 8 and found["decided"] == []
    assert main([str(zipped(town(), tmp_path / "q.zip")), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["decided"][0] == {
        "contest": "mayor", "name": "Mayor", "entry": 21, "count": "recertified", "margin": 8,
        "votes": {"ann": 80, "bob": 72}, "outcome": {"kind": "winner", "winners": ["ann"]},
    }  # fmt: skip


@pytest.mark.parametrize(
    "words", [["no-such-file"], ["p.zip", "--policy", "no-such-file"], [], ["x", "y"], ["--what"]]
)
def test_a_wrong_command_ends_with_2(
    words: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    zipped(town(), tmp_path / "p.zip")
    try:
        assert main(words) == 2
    except SystemExit as end:
        assert end.code == 2


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
@pytest.mark.parametrize("option", ["--policy", "--checkpoint", "--receipt"])
def test_a_pipe_without_a_writer_is_refused_and_not_waited_for(option: str, tmp_path: Path) -> None:
    zipped(town(), tmp_path / "p.zip")
    os.mkfifo(tmp_path / "pipe")
    command = [sys.executable, "-m", "tallycheck", "p.zip", option, "pipe"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=60)
    words = "tallycheck: pipe: a pipe that nobody writes to, or that holds nothing\n"
    assert (done.returncode, done.stdout, done.stderr) == (2, "", words)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
@pytest.mark.parametrize("text", [policy(), policy() + "\n" * 200_000], ids=["short", "longer than a pipe"])
def test_a_pipe_is_read_to_its_end_however_slowly_it_is_written(text: str, tmp_path: Path) -> None:
    """As a shell's ``<(...)`` does: the writer has the pipe open, and writes when it is ready."""
    os.mkfifo(tmp_path / "pipe")
    held = os.open(tmp_path / "pipe", os.O_RDONLY | os.O_NONBLOCK)
    writer = os.open(tmp_path / "pipe", os.O_WRONLY)

    def write() -> None:
        with os.fdopen(writer, "wb", buffering=0) as file:
            for part in (text[:50], text[50:]):
                time.sleep(0.05)
                file.write(part.encode())

    sender = threading.Thread(target=write)
    sender.start()
    assert read_file(str(tmp_path / "pipe")) == text.encode()
    sender.join()
    os.close(held)


@pytest.mark.skipif(shutil.which("bash") is None, reason="bash is not there")
def test_a_policy_may_come_from_a_shell_s_substitution(tmp_path: Path) -> None:
    zipped(town(), tmp_path / "p.zip")
    (tmp_path / "policy").write_text(policy())
    line = '"$0" -m tallycheck p.zip --policy <(sleep 0.1; cat policy)'
    command = ["bash", "-c", line, sys.executable]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")


def test_the_checker_uses_the_standard_library_alone(tmp_path: Path) -> None:
    zipped(town(), tmp_path / "p.zip")
    source = Path(sys.modules["tallycheck"].__file__ or "").parents[1]
    run = subprocess.run(
        [sys.executable, "-I", "-S", "-c", f"import sys; sys.path.insert(0, {str(source)!r}); "
         "from tallycheck.__main__ import main; code = main(['p.zip']); "
         "assert not [m for m in sys.modules if m.split('.')[0] in ('tallybook', 'cryptography', 'numpy')]; "
         "sys.exit(code)"],
        cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert run.returncode == 0, run.stderr


def test_an_exhibit_may_hold_anything(tmp_path: Path) -> None:
    raw = bytes(range(256)) * 10
    book = story()
    book[7]["exhibits"] = [public(raw, "photo of the seal.jpg")]
    assert check(zipped(town(book, [raw]), tmp_path / "p.zip"), "p", Asked()).failure is None
    assert sha(raw)


# Traps for the real command ---------------------------------------------------------------------------------------


def a_bomb(place: Path) -> Path:
    """300 MB of one byte in a ZIP of 300 KB."""
    with zipfile.ZipFile(place / "bomb.zip", "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("contents", b"0" * 300_000_000)
    return place / "bomb.zip"


def a_hole(place: Path) -> Path:
    """A ZIP of 4,000,000,000 bytes, nearly all of them not there."""
    with (place / "hole.zip").open("wb") as made:
        made.write(GOOD[:-22])
        made.seek(4_000_000_000)
        made.write(GOOD[-22:])
    return place / "hole.zip"


def long_file(name: str) -> Callable[[Path], Path]:
    """A folder with one file of 5,000,000,000 bytes."""

    def make(place: Path) -> Path:
        whole = folder(town(), place / "f")
        os.truncate(whole / name, 5_000_000_000)
        return whole

    return make


def a_loop(place: Path) -> Path:
    """A folder with a link to the folder around it."""
    whole = folder(town(), place / "f")
    (whole / "tile" / "up").symlink_to("..", target_is_directory=True)
    return whole


def crowd(place: Path) -> Path:
    """A folder with ten thousand files too many."""
    whole = folder(town(), place / "f")
    (whole / "more").mkdir()
    for n in range(10_000):
        (whole / "more" / str(n)).touch()
    return whole


TRAPS: dict[str, tuple[Callable[[Path], Path], int]] = {
    "a bomb": (a_bomb, 1), "a hole": (a_hole, 1), "a loop": (a_loop, 1), "a crowd": (crowd, 1),
    "endless contents": (long_file("contents"), 1), "an endless checkpoint": (long_file("checkpoint"), 3),
}  # fmt: skip


@pytest.mark.skipif(sys.platform == "win32", reason="needs links, files with holes and resource usage")
@pytest.mark.parametrize("name", TRAPS)
def test_a_trap_is_refused_by_the_command_within_a_second_and_little_memory(
    name: str, tmp_path: Path
) -> None:
    import resource

    make, expected = TRAPS[name]
    place = make(tmp_path)
    command = [sys.executable, "-m", "tallycheck", str(place), "--json"]
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, preexec_fn=little_memory)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    failed = [one["number"] for one in json.loads(done.stdout)["checks"] if one["state"] == "failed"]
    assert (done.returncode, done.stderr, failed) == (1, "", [expected])
    assert after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime < 1


def little_memory() -> None:
    """At most 200 MB for a child process."""
    import resource

    resource.setrlimit(resource.RLIMIT_AS, (200_000_000, 200_000_000))
