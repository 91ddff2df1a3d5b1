"""Publishing into a folder: any sizes in turn, any crash, any refusal of the disk.

The model of a crash is the worst that a file system may do: bytes not synced are lost or torn, names in
a folder not synced may be gone. Each test stops the machine at every single call in turn.
"""

import errno
import random
import shutil
import subprocess
import sys
import threading
import time

import pytest

from tallybook.evidence import disk
from tallybook.evidence.publishing import publish
from tallybook.evidence.reading import check_files, read_package_at
from tallybook.evidence.signing import log_key, sign_checkpoint
from tallybook.evidence.sources import open_folder
from tallybook.merkle import tiles
from tallybook.merkle.checkpoints import Checkpoint, parse_checkpoint
from tallybook.merkle.errors import EvidenceError
from tests.needs import ROOT
from tests.rooms.evidence.books import (
    LOG,
    ORIGIN,
    book,
    checkpoint,
    cosigned,
    exhibit,
    exhibits,
    files,
    reader,
    shelf,
)

pytestmark = pytest.mark.slow

CALLS = ["write", "sync_file", "sync_folder", "rename", "remove", "make_folder"]
BOOK = book(1200)


def put(folder, size, **signing):
    entries = BOOK[:size]
    publish(folder, checkpoint(entries, **signing), reader(entries), shelf(exhibits(size)))


def contents_of(folder):
    source = open_folder(folder)
    return {name: source.read(name) for name in source.lengths}


def test_a_folder_published_step_by_step_is_the_package_made_at_once(tmp_path):
    for size in (1, 2, 100, 101, 255, 256, 257, 300, 300, 511, 512, 700, 1200):
        put(tmp_path, size)
        assert contents_of(tmp_path) == files(size)
    assert len(read_package_at(tmp_path).entries) == 1200


def test_a_book_past_65536_entries_grows_a_third_level(tmp_path):
    entries = book(1)
    entries += [b'{"seq":%d}' % seq for seq in range(1, 65_600)]
    for size in (65_535, 65_537, 65_600):
        publish(tmp_path, checkpoint(entries[:size]), reader(entries[:size]), shelf({}))
        check_files(open_folder(tmp_path))
    assert read_package_at(tmp_path).entries == tuple(entries)


def test_only_the_new_entries_are_asked_for(tmp_path):
    put(tmp_path, 600)
    asked = []

    def read(start, stop):
        asked.append((start, stop))
        return BOOK[start:stop]

    publish(tmp_path, checkpoint(BOOK[:700]), read, shelf(exhibits(700)))
    assert asked == [(0, 1), (600, 700)]


def test_more_cosignatures_may_be_published_at_the_same_size(tmp_path):
    put(tmp_path, 300, cosigners=())
    put(tmp_path, 300, cosigners=(0, 1, 2))
    assert len(read_package_at(tmp_path).cosignatures) == 3


class PowerCut(BaseException):
    """The machine stops here."""


class Machine:
    """A disk that stops at call number `stop` and loses what was not synced."""

    def __init__(self, monkeypatch, folder, stop):
        self.folder, self.stop, self.calls, self.lock = folder, stop, 0, threading.Lock()
        self.torn, self.unnamed, self.before = set(), set(), {}
        for name in CALLS:
            monkeypatch.setattr(disk, name, self.wrapped(name, getattr(disk, name)))

    def wrapped(self, name, real):
        def call(*arguments):
            with self.lock:
                self.calls += 1
                if self.calls == self.stop:
                    raise PowerCut(name)
                getattr(self, f"note_{name}")(*arguments)
                return real(*arguments)

        return call

    def note_write(self, path, _):
        if not path.exists():
            self.unnamed.add(path)
        self.torn.add(path)

    def note_sync_file(self, path):
        self.torn.discard(path)

    def note_sync_folder(self, path):
        self.unnamed = {other for other in self.unnamed if other.parent != path}
        self.before = {other: data for other, data in self.before.items() if other.parent != path}

    def note_rename(self, old, new):
        assert old not in self.torn, "renamed before its bytes were durable"
        self.unnamed.discard(old)
        self.before[new] = new.read_bytes() if new.exists() else None

    def note_remove(self, path):
        self.torn.discard(path)
        self.unnamed.discard(path)

    def note_make_folder(self, path):
        self.unnamed.add(path)

    def lose(self):
        """What a restart finds after the worst loss."""
        for path in self.torn:
            if path.exists():
                path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
        for path, data in self.before.items():
            if data is None:
                path.unlink(missing_ok=True)
            else:
                path.write_bytes(data)
        for path in sorted(self.unnamed, reverse=True):
            shutil.rmtree(path, ignore_errors=True) if path.is_dir() else path.unlink(missing_ok=True)


def stands(folder):
    """The checkpoint in the folder names only what is there, whole; gives its size, 0 if there is none."""
    if not (folder / "checkpoint").exists():
        return 0
    size = parse_checkpoint((folder / "checkpoint").read_bytes())[0].size
    expected = {name: data for name, data in files(size).items() if name not in ("contents", "checkpoint")}
    found = contents_of(folder)
    assert {name: found.get(name) for name in expected} == expected
    return size


@pytest.mark.slow
@pytest.mark.parametrize("worst", [False, True], ids=["process killed", "power lost"])
@pytest.mark.parametrize(("old", "new"), [(0, 101), (250, 257), (301, 302), (300, 300)])
def test_stopped_at_any_call_the_folder_is_mended_next_time(tmp_path, monkeypatch, old, new, worst):
    stops = list(stopped_folders(tmp_path, monkeypatch, old, new, worst))
    assert len(stops) > 8
    for folder, finished in stops:
        assert stands(folder) in ({new} if finished else {old, new})
        put(folder, new, cosigners=(0, 1))
        assert contents_of(folder) == files(new, cosigners=(0, 1))


def test_without_the_sync_the_same_test_finds_the_damage(tmp_path, monkeypatch):
    monkeypatch.setattr(disk, "sync_files", lambda _: None)
    with pytest.raises(AssertionError):
        for folder, _ in stopped_folders(tmp_path, monkeypatch, 250, 257, True):
            stands(folder)


def stopped_folders(tmp_path, monkeypatch, old, new, worst):
    """The folder as a restart finds it, for a machine stopped at its first call, its second, and so on."""
    start = tmp_path / "start"
    start.mkdir()
    if old:
        put(start, old)
    stop, finished = 0, False
    while not finished:
        stop += 1
        folder = tmp_path / str(stop)
        shutil.copytree(start, folder)
        with monkeypatch.context() as patch:
            machine = Machine(patch, folder, stop)
            try:
                put(folder, new, cosigners=(0, 1))
                finished = True
            except PowerCut:
                pass
        if worst:
            machine.lose()
        yield folder, finished


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EIO, errno.EROFS])
def test_a_disk_that_refuses_leaves_the_published_package_whole(tmp_path, monkeypatch, code):
    start = tmp_path / "start"
    start.mkdir()
    put(start, 255)
    for stop in range(1, 12):
        folder = tmp_path / "package"
        shutil.copytree(start, folder)
        with monkeypatch.context() as patch:
            calls = []
            real = disk.write

            def write(path, pieces, calls=calls, stop=stop, real=real):
                calls.append(path)
                if len(calls) >= stop:
                    raise OSError(code, "the disk says no")
                real(path, pieces)

            patch.setattr(disk, "write", write)
            with pytest.raises(disk.DiskError, match=r"the disk says no.*still stands"):
                put(folder, 601)
        assert contents_of(folder) == files(255)
        put(folder, 601)
        assert contents_of(folder) == files(601)
        shutil.rmtree(folder)


def test_a_shorter_book_is_refused(tmp_path):
    put(tmp_path, 300)
    with pytest.raises(EvidenceError, match="more than the 299"):
        put(tmp_path, 299)
    assert contents_of(tmp_path) == files(300)


def test_another_history_is_refused_and_leaves_nothing_behind(tmp_path):
    put(tmp_path, 300)
    other = [*BOOK[:10], b'{"kind":"Invented","seq":10}', *BOOK[11:600]]
    with pytest.raises(EvidenceError, match="not one history"):
        publish(tmp_path, checkpoint(other), reader(other), shelf(exhibits(600)))
    assert contents_of(tmp_path) == files(300)


def test_another_root_at_the_same_size_is_refused(tmp_path):
    put(tmp_path, 300)
    other = [*BOOK[:299], b'{"kind":"Invented","seq":299}']
    with pytest.raises(EvidenceError, match="not one history"):
        publish(tmp_path, checkpoint(other), reader(other), shelf(exhibits(300)))
    assert contents_of(tmp_path) == files(300)


def test_a_folder_of_another_book_is_refused(tmp_path):
    put(tmp_path, 5)
    text = (tmp_path / "checkpoint").read_text().replace(ORIGIN, "elections.example/other")
    (tmp_path / "checkpoint").write_text(text)
    with pytest.raises(EvidenceError, match="holds the book elections"):
        put(tmp_path, 6)


@pytest.mark.parametrize("name", ["README", "tile/0/0", "exhibits/x", "tile/0/000.p/5.bak", ".git/config"])
def test_a_folder_with_foreign_files_is_refused_untouched(tmp_path, name):
    (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / name).write_text("mine")
    with pytest.raises(EvidenceError, match="Nothing was changed"):
        put(tmp_path, 5)
    assert contents_of(tmp_path) == {name: b"mine"}


@pytest.mark.parametrize("name", ["tile/0/000.p/200", "tile/entries/000.p/200"])
def test_a_damaged_published_folder_is_kept_as_evidence(tmp_path, name):
    put(tmp_path, 200)
    data = bytearray((tmp_path / name).read_bytes())
    data[40] ^= 1
    (tmp_path / name).write_bytes(data)
    with pytest.raises(EvidenceError, match=r"do(es)? not match"):
        put(tmp_path, 300)
    assert (tmp_path / name).read_bytes() == data


def test_an_exhibit_that_is_not_itself_is_not_published(tmp_path):
    put(tmp_path, 100)
    wrong = {fingerprint: data + b"!" for fingerprint, data in exhibits(300).items()}
    with pytest.raises(EvidenceError, match="not the one that the entries name"):
        publish(tmp_path, checkpoint(BOOK[:300]), reader(BOOK[:300]), shelf(wrong))
    assert contents_of(tmp_path) == files(100)


def test_an_exhibit_lost_from_the_folder_is_published_again(tmp_path):
    put(tmp_path, 300)
    next((tmp_path / "exhibits").iterdir()).unlink()
    put(tmp_path, 301)
    assert contents_of(tmp_path) == files(301)


def test_a_checkpoint_that_the_log_has_not_signed_is_not_published(tmp_path):
    stranger = log_key(ORIGIN, b"s" * 32)
    frontier, _ = tiles.grow(tiles.Frontier(), BOOK[:5])
    signed = sign_checkpoint(Checkpoint(ORIGIN, 5, tiles.frontier_root(frontier)), stranger)
    with pytest.raises(EvidenceError, match="not a log key of the origin"):
        publish(tmp_path, signed, reader(BOOK[:5]), shelf({}))
    assert contents_of(tmp_path) == {}


def test_a_checkpoint_of_nothing_is_not_published(tmp_path):
    empty = sign_checkpoint(Checkpoint(ORIGIN, 0, b"\0" * 32), LOG)
    with pytest.raises(EvidenceError, match="expected at least one entry"):
        publish(tmp_path, empty, reader([]), shelf({}))


def test_two_publishers_at_once_take_turns(tmp_path):
    work = [threading.Thread(target=put, args=(tmp_path, size)) for size in (700, 700, 700)]
    for thread in work:
        thread.start()
    for thread in work:
        thread.join()
    assert contents_of(tmp_path) == files(700)


def test_a_folder_without_quorum_is_published_but_fails_check_3(tmp_path):
    signed = checkpoint(BOOK[:50], cosigners=(1,))
    publish(tmp_path, signed, reader(BOOK[:50]), shelf({}))
    with pytest.raises(EvidenceError, match=r"Check 3: quorum people.*Witnesses counted: ben"):
        read_package_at(tmp_path)
    publish(tmp_path, cosigned(signed, (2,)), reader(BOOK[:50]), shelf({}))
    assert read_package_at(tmp_path).exhibit is not None
    assert exhibit(100).startswith(b"batch 100")


KILLED = """
import pathlib, sys
sys.path.insert(0, sys.argv[2])
from tests.rooms.evidence.test_publishing import put
print("ready", flush=True)
for size in range(250, 1200, 9):
    put(pathlib.Path(sys.argv[1]), size, cosigners=(0, 1))
"""


@pytest.mark.slow
def test_a_publisher_killed_at_any_moment_leaves_a_checkpoint_that_stands(tmp_path):
    dice = random.Random(9)
    for turn in range(40):
        folder = tmp_path / str(turn)
        work = subprocess.Popen(
            [sys.executable, "-c", KILLED, folder, ROOT], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )
        assert work.stdout.readline() == b"ready\n"
        time.sleep(dice.random() * 0.6)
        work.kill()
        work.communicate()
        size = stands(folder) if folder.exists() else 0
        put(folder, max(size, 250) + 5)
        assert contents_of(folder) == files(max(size, 250) + 5)
