"""The one command: it sets itself up once, mends what was interrupted, and speaks in sentences.

Each test runs go.py in a small copy of the repository whose locks are empty, so no package is fetched.
"""

import ast
import errno
import importlib.util
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import ModuleType

import pytest

from tests.house.ground import ROOT

SETTINGS = """\
[project]
name = "tallybook"
version = "9.9.9"
[project.scripts]
tallybook = "tallybook.words:main"
"""
ECHO = "import sys\n\ndef main():\n    print(*sys.argv[1:])\n    return 4\n"


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A small repository: go.py, locks without packages, and a `tallybook` that repeats its words."""
    place = tmp_path / "a copy with spaces"
    (place / "requirements").mkdir(parents=True)
    (place / "src" / "tallybook").mkdir(parents=True)
    (place / "src" / "tallycheck").mkdir()
    shutil.copy(ROOT / "go.py", place)
    (place / "pyproject.toml").write_text(SETTINGS, encoding="utf-8")
    (place / "requirements" / "run.txt").write_text("# nothing\n", encoding="utf-8")
    (place / "requirements" / "test.txt").write_text("# nothing either\n", encoding="utf-8")
    (place / "src" / "tallybook" / "__init__.py").touch()
    (place / "src" / "tallybook" / "words.py").write_text(ECHO, encoding="utf-8")
    main = "import sys\nfrom tallybook.words import main\nsys.exit(main())\n"
    (place / "src" / "tallybook" / "__main__.py").write_text(main, encoding="utf-8")
    (place / "src" / "tallycheck" / "__init__.py").touch()
    (place / "src" / "tallycheck" / "__main__.py").write_text(
        "import sys\nprint('checks', *sys.argv[1:])\nsys.exit(1)\n", encoding="utf-8"
    )
    return place


def go(place: Path, *words: str, **more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "go.py", *words],
        cwd=place, env={**os.environ, **more}, capture_output=True, text=True, check=False,
    )  # fmt: skip


def loaded(monkeypatch: pytest.MonkeyPatch, place: Path) -> ModuleType:
    """go.py as a module, working in another place."""
    spec = importlib.util.spec_from_file_location("go_of_the_house", place / "go.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, spec.name, module)
    spec.loader.exec_module(module)
    return module


def test_without_words_it_says_what_it_can_do(copy: Path) -> None:
    done = go(copy)
    assert done.returncode == 2
    assert "go.py demo" in done.stderr
    assert go(copy, "--help").returncode == 0


def test_an_unknown_job_is_answered_with_the_known_ones(copy: Path) -> None:
    done = go(copy, "run", "dance")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("`run` needs one of: bench, changelog,")


def test_the_checker_runs_with_nothing_installed(copy: Path) -> None:
    done = go(copy, "check", "package", "--json")
    assert (done.stdout, done.stderr, done.returncode) == ("checks package --json\n", "", 1)
    assert not (copy / ".venv").exists()


def test_the_checker_reads_a_package_named_from_where_the_reader_stands(copy: Path, tmp_path: Path) -> None:
    (copy / "src" / "tallycheck" / "__main__.py").write_text(
        "import os\nprint(os.getcwd())\n", encoding="utf-8"
    )
    command = [sys.executable, str(copy / "go.py"), "check", "package"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.stdout.strip() == str(tmp_path)


def test_an_old_python_can_read_it_and_is_told_so() -> None:
    source = (ROOT / "go.py").read_text(encoding="utf-8")
    tree = ast.parse(source, feature_version=(3, 7))
    first = [node for node in tree.body if not isinstance(node, ast.Expr)][:2]
    assert [type(node).__name__ for node in first] == ["Import", "If"]
    assert "sys.exit(2)" in ast.unparse(first[1])


@pytest.mark.parametrize(
    ("system", "remedy"),
    [
        ("ID=debian", "apt install python3-venv"),
        ("ID=linuxmint\nID_LIKE=ubuntu", "apt install python3-venv"),
        ("ID=fedora", "dnf install"),
        ("ID=other", "may call them python3-venv"),
    ],
)
def test_a_python_without_venv_is_told_which_package_to_install(
    system: str, remedy: str, copy: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    module = loaded(monkeypatch, copy)
    monkeypatch.setattr(module.importlib.util, "find_spec", lambda _: None)
    monkeypatch.setattr(module, "system", lambda: system)
    assert module.main(["demo"]) == 2
    told = capsys.readouterr().err
    assert told.startswith("This Python came without venv;")
    assert remedy in told


@pytest.mark.parametrize(
    ("number", "told"), [(errno.ENOSPC, "The disk is full"), (errno.EROFS, "may not be written here")]
)
def test_a_full_disk_or_a_read_only_folder_is_told_in_a_sentence(
    number: int, told: str, copy: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refuse(_: str) -> None:
        raise OSError(number, os.strerror(number), str(copy / ".venv"))

    module = loaded(monkeypatch, copy)
    monkeypatch.setattr(module, "set_up", refuse)
    assert module.main(["demo"]) == 2
    assert told in capsys.readouterr().err


@pytest.mark.parametrize(
    ("log", "told"),
    [
        ("OSError: [Errno 28] No space left on device", "The disk is full"),
        ("ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM", "differs from the one in the lock"),
        ("WARNING: Retrying ... NewConnectionError(...)", "is there a network"),
        ("error: command 'cc' failed\nERROR: Failed building wheel for msgspec", "install a C compiler"),
        ("ERROR: No matching distribution found for numpy", "No matching distribution found for numpy"),
    ],
)
def test_a_failed_step_is_explained(log: str, told: str, copy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert told in loaded(monkeypatch, copy).explain("Installing", log)


def test_every_gate_runs_also_after_one_failed(
    copy: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    module = loaded(monkeypatch, copy)
    monkeypatch.setattr(module, "set_up", lambda _: None)
    says = [("one", [sys.executable, "-c", "print('the reason'); raise SystemExit(1)"])]
    monkeypatch.setattr(module, "static_gates", lambda: [*says, ("two", [sys.executable, "-c", ""])])
    monkeypatch.setattr(module, "pytest_command", lambda _: [sys.executable, "-c", "print('3 passed')"])
    assert module.main(["test"]) == 1
    printed = capfd.readouterr().out
    assert "3 passed" in printed
    assert "--- one ---\nthe reason" in printed
    assert "1 of 3 gates failed: one" in printed
    assert printed.index("one          FAILED") < printed.index("two          passed")


def test_quick_leaves_out_the_slow_tests_and_hands_on_the_rest(
    copy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    module = loaded(monkeypatch, copy)
    assert module.pytest_command(["--quick", "-k", "draw"])[-4:] == [
        "-m", "not slow and not rehearsal", "-k", "draw",
    ]  # fmt: skip
    assert module.pytest_command(["-k", "draw"])[-4:] == ["-m", "not rehearsal", "-k", "draw"]


@pytest.mark.slow
def test_the_set_up_is_done_once_and_gives_the_commands(copy: Path) -> None:
    first = go(copy, "run", "tallybook", "one", "two")
    assert first.returncode == 4
    assert "Set up in" in first.stdout
    assert first.stdout.endswith("one two\n")
    second = go(copy, "run", "tallybook", "three")
    assert second.stdout == "three\n"
    command = subprocess.run(
        [str(copy / ".venv" / "bin" / "tallybook"), "four"], capture_output=True, text=True, check=False
    )
    assert (command.stdout, command.returncode) == ("four\n", 4)


@pytest.mark.slow
def test_an_interrupted_set_up_is_done_again_from_the_start(copy: Path) -> None:
    go(copy, "run", "tallybook")
    (copy / ".venv" / "set-up-unfinished").touch()
    (copy / ".venv" / "half-written").touch()
    assert "Set up in" in go(copy, "run", "tallybook").stdout
    assert not (copy / ".venv" / "half-written").exists()


@pytest.mark.slow
def test_a_changed_lock_is_installed_and_an_unchanged_one_is_not(copy: Path) -> None:
    go(copy, "run", "tallybook")
    (copy / "requirements" / "run.txt").write_text("# another\n", encoding="utf-8")
    assert "Set up in" in go(copy, "run", "tallybook").stdout
    assert "Set up in" not in go(copy, "run", "tallybook").stdout


@pytest.mark.slow
def test_an_environment_made_by_somebody_else_is_used_and_never_deleted(copy: Path) -> None:
    subprocess.run([sys.executable, "-m", "venv", str(copy / ".venv")], check=True)
    (copy / ".venv" / "their-own").touch()
    (copy / ".venv" / "set-up-unfinished").touch()
    assert go(copy, "run", "tallybook", "five").stdout.endswith("five\n")
    assert (copy / ".venv" / "their-own").exists()


def test_a_folder_named_venv_that_is_no_environment_is_left_alone(copy: Path) -> None:
    (copy / ".venv").mkdir()
    (copy / ".venv" / "their-own").touch()
    done = go(copy, "demo")
    assert done.returncode == 2
    assert "is not a working environment; remove it" in done.stderr
    assert [file.name for file in (copy / ".venv").iterdir()] == ["their-own"]


@pytest.mark.slow
def test_without_a_network_it_says_so(copy: Path) -> None:
    (copy / "requirements" / "run.txt").write_text(f"no-such-package==1 --hash=sha256:{'0' * 64}\n")
    nowhere = {"PIP_INDEX_URL": "http://127.0.0.1:9/simple", "PIP_CONFIG_FILE": os.devnull}
    done = go(copy, "demo", **nowhere)
    assert done.returncode == 2
    assert "The packages could not be fetched: is there a network" in done.stderr
    assert "Traceback" not in done.stdout + done.stderr


@pytest.mark.slow
def test_ctrl_c_ends_it_with_a_sentence(copy: Path) -> None:
    go(copy, "run", "tallybook")
    waits = "import signal, sys, time\nsignal.signal(signal.SIGINT, lambda *_: sys.exit(0))\n"
    waits += "print('waits', flush=True)\n"
    (copy / "src" / "tallybook" / "__main__.py").write_text(waits + "time.sleep(60)\n", encoding="utf-8")
    with subprocess.Popen(
        [sys.executable, "go.py", "run", "tallybook"],
        cwd=copy, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    ) as child:  # fmt: skip
        assert child.stdout and child.stdout.readline() == "waits\n"
        begun = time.monotonic()
        os.killpg(child.pid, signal.SIGINT)
        _, told = child.communicate(timeout=20)
    assert child.returncode == 130
    assert told.strip() == "Stopped. An unfinished set-up is done again next time."
    assert time.monotonic() - begun < 20
