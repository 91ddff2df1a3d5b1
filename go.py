#!/usr/bin/env python3
"""The one command of this repository: it sets itself up, then does what is asked.

    python3 go.py demo  [--out DIR ...]     replay a real election, publish it, have it checked
    python3 go.py check PACKAGE [...]       check an evidence package; needs nothing but Python
    python3 go.py test  [--quick] [...]     every gate and every test; the rest goes to pytest
    python3 go.py run   WHAT [...]          bench, changelog, index, lock, mutate, pyz, rehearse, tallybook

For whoever holds a fresh copy and Python 3.11 or later, and nothing else. It uses the standard
library only. The first `demo`, `test` or `run` makes `.venv` beside this file and installs the
packages named in `requirements/`, each checked against its hash; later ones find that done.
An environment that somebody else made is used and never deleted.

The syntax stays readable to Python 3.6, so that an old Python can say that it is old.
"""

import sys

if sys.version_info < (3, 11):  # noqa: UP036 - the sentence for whoever runs an older Python
    sys.stderr.write(
        "Tallybook needs Python 3.11 or later; this is Python {}.{}. Nothing was changed.\n".format(
            *sys.version_info[:2]
        )
    )
    sys.exit(2)

import contextlib
import errno
import hashlib
import importlib.util
import os
import shutil
import subprocess
import threading
import time
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
WINDOWS = os.name == "nt"
BIN = VENV / ("Scripts" if WINDOWS else "bin")
PYTHON = BIN / ("python.exe" if WINDOWS else "python")
MADE_HERE = VENV / "made-by-go.py"
UNFINISHED = VENV / "set-up-unfinished"
LOG = VENV / "set-up.log"
LOCKS = {
    "run": ROOT / "requirements" / "run.txt",
    "test": ROOT / "requirements" / "test.txt",
}
FOREIGN_LOCK = ROOT / "requirements" / "foreign.txt"
LOCK_OPTIONS = {
    "run": ["pyproject.toml", "--extra", "postgres"],
    "test": [
        "pyproject.toml",
        "--extra",
        "postgres",
        "--extra",
        "cards",
        "--extra",
        "dask",
        "--group",
        "test",
    ],
    "foreign": ["--group", "foreign"],
}
SIGNS_OF_NO_NETWORK = (
    "NewConnectionError",
    "Name or service",
    "Max retries",
    "Temporary failure",
    "ProxyError",
)
SIGNS_OF_NO_COMPILER = ("Failed building wheel", "Could not build wheels", "failed-wheel-build-for-install")
INTERRUPTED = 130


class Trouble(Exception):  # noqa: N818 - a trouble is told, not raised at a programmer
    """Something the reader can mend, told in a sentence or two."""


# The four commands --------------------------------------------------------------------------


def demo(words: Sequence[str]) -> int:
    """Replay a real election end to end, with the packages of the run lock."""
    set_up("run")
    return call([str(PYTHON), "-m", "tallybook", "demo", *words], os.environ, Path.cwd())


def check(words: Sequence[str]) -> int:
    """Check an evidence package with this very interpreter: nothing is installed or fetched."""
    if not (ROOT / "src" / "tallycheck" / "__main__.py").is_file():
        raise Trouble("The checker, src/tallycheck, is not in this folder; fetch a whole copy.")
    surroundings = {**os.environ, "PYTHONPATH": str(ROOT / "src"), "PYTHONDONTWRITEBYTECODE": "1"}
    return call([sys.executable, "-m", "tallycheck", *words], surroundings, Path.cwd())


def test(words: Sequence[str]) -> int:
    """Run every gate, also after one has failed; the fast ones go beside pytest."""
    set_up("test")
    begun = time.monotonic()
    verdicts: list[Verdict] = []
    beside = threading.Thread(target=lambda: verdicts.extend(map(quiet_gate, static_gates())), daemon=True)
    beside.start()
    verdict = loud_gate("pytest", pytest_command(words))
    if beside.is_alive():
        say("Waiting for the gates that run beside pytest.")
    beside.join()
    return sum_up([*verdicts, verdict], time.monotonic() - begun)


def run(words: Sequence[str]) -> int:
    """Run one of the smaller jobs by name."""
    if not words or words[0] not in JOBS:
        raise Trouble("`run` needs one of: {}.".format(", ".join(sorted(JOBS))))
    return JOBS[words[0]](words[1:])


# The jobs of `run` --------------------------------------------------------------------------


def run_bench(words: Sequence[str]) -> int:
    """Run one benchmark by name, or all of them in turn."""
    set_up("test")
    names = [words[0]] if words else sorted(names_in("bench", "", ".py"))
    if not names or not set(names) <= set(names_in("bench", "", ".py")):
        raise Trouble(
            "There is no such benchmark; there are: {}.".format(listed(names_in("bench", "", ".py")))
        )
    return max(tool(str(ROOT / "bench" / (name + ".py")), *words[1:]) for name in names)


def run_rehearse(words: Sequence[str]) -> int:
    """Run one rehearsal: a long, seeded simulation with faults."""
    known = names_in("tests/rehearsal", "test_", ".py")
    if not words or words[0] not in known:
        raise Trouble(f"`run rehearse` needs the name of a rehearsal; there are: {listed(known)}.")
    set_up("test")
    return tool("-m", "pytest", "-s", f"tests/rehearsal/test_{words[0]}.py", *words[1:])


def run_tallybook(words: Sequence[str]) -> int:
    """Run the program itself, in the folder where the reader stands."""
    set_up("run")
    return call([str(PYTHON), "-m", "tallybook", *words], os.environ, Path.cwd())


def run_lock(words: Sequence[str]) -> int:
    """Write every lock anew from pyproject.toml; `--upgrade` takes newer packages."""
    uv = shutil.which("uv", path=os.pathsep.join([str(BIN), os.environ.get("PATH", "")]))
    if not uv:
        raise Trouble("`run lock` needs the program uv; install it with: .venv/bin/pip install uv.")
    for name, lock in {**LOCKS, "foreign": FOREIGN_LOCK}.items():
        lock.parent.mkdir(exist_ok=True)
        status = subprocess.run(
            [uv, "pip", "compile", "--quiet", "--universal", "--python-version", "3.11", "--generate-hashes",
             "--no-emit-index-url", "--no-emit-find-links", "--no-header",
             *LOCK_OPTIONS[name], *words, "--output-file", str(lock.relative_to(ROOT))],
            cwd=ROOT, stdout=subprocess.DEVNULL, check=False,
        ).returncode  # fmt: skip
        if status:
            raise Trouble(f"uv could not write requirements/{name}.txt; its reason stands above.")
        say(f"Wrote requirements/{name}.txt.")
    return 0


def run_mutate(words: Sequence[str]) -> int:
    """Break a room on purpose and name the changes that no test noticed."""
    set_up("test")
    return tool(str(ROOT / "tools" / "mutate.py"), *words)


def run_plain(name: str) -> Callable[[Sequence[str]], int]:
    """A job that is a script of tools/ and needs nothing but Python."""
    command = [sys.executable, str(ROOT / "tools" / (name + ".py"))]
    return lambda words: call([*command, *words], os.environ, Path.cwd())


JOBS: dict[str, Callable[[Sequence[str]], int]] = {
    "bench": run_bench,
    "changelog": run_plain("changelog"),
    "index": run_plain("index"),
    "lock": run_lock,
    "mutate": run_mutate,
    "pyz": run_plain("pyz"),
    "rehearse": run_rehearse,
    "tallybook": run_tallybook,
}


# Gates --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Verdict:
    """What one gate said: its name, whether it passed, how long it took, its words if it failed."""

    gate: str
    passed: bool
    seconds: float
    words: str = ""


def static_gates() -> list[tuple[str, list[str]]]:
    """The gates that read the code without running it, fastest first."""
    return [
        ("ruff check", [str(BIN / "ruff"), "check", "--quiet", "."]),
        ("ruff format", [str(BIN / "ruff"), "format", "--check", "--quiet", "."]),
        ("imports", [str(BIN / "lint-imports")]),
        ("mypy", [str(BIN / "mypy"), "--no-error-summary"]),
    ]


SPREAD = ["-n", "auto", "--dist", "worksteal"]
"""Tests go over all cores; whoever debugs says -n 0, or any of pytest's own -s, -p, --pdb."""


def pytest_command(words: Sequence[str]) -> list[str]:
    quick = ["-m", "not slow and not rehearsal" if "--quick" in words else "not rehearsal"]
    rest = [word for word in words if word != "--quick"]
    spread = [] if any(word.startswith(("-n", "-p", "-s", "--pdb")) for word in rest) else SPREAD
    return [str(PYTHON), "-m", "pytest", "-q", *spread, *quick, *rest]


def quiet_gate(gate: tuple[str, list[str]]) -> Verdict:
    name, command = gate
    begun = time.monotonic()
    done = subprocess.run(
        command, cwd=ROOT, env=surroundings_of_tests(), stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace", check=False,
    )  # fmt: skip
    return Verdict(name, done.returncode == 0, time.monotonic() - begun, done.stdout)


def loud_gate(name: str, command: list[str]) -> Verdict:
    begun = time.monotonic()
    status = call(command, surroundings_of_tests())
    return Verdict(name, status == 0, time.monotonic() - begun, "Its words stand above.\n")


def surroundings_of_tests() -> dict[str, str]:
    path = os.pathsep.join([str(BIN), os.environ.get("PATH", os.defpath)])
    return {**os.environ, "PATH": path, "VIRTUAL_ENV": str(VENV)}


def sum_up(verdicts: list[Verdict], seconds: float) -> int:
    failed = [verdict for verdict in verdicts if not verdict.passed]
    for verdict in failed:
        say(f"\n--- {verdict.gate} ---\n{verdict.words.rstrip()}")
    say("")
    for verdict in verdicts:
        result = "passed" if verdict.passed else "FAILED"
        say(f"{verdict.gate:12} {result:6} {verdict.seconds:7.1f} s")
    names = listed([verdict.gate for verdict in failed])
    tail = f"{len(failed)} of {len(verdicts)} gates failed: {names}" if failed else "All gates passed"
    say(f"{tail} ({seconds:.1f} s).")
    return 1 if failed else 0


# Set-up -------------------------------------------------------------------------------------


def set_up(name: str) -> None:
    """Make `.venv` and install the lock of this name, unless that is done already."""
    if is_set_up(name):
        return
    with one_at_a_time():
        if is_set_up(name):
            return
        begun = time.monotonic()
        say(f"Setting up in {VENV} (once).")
        make_environment()
        UNFINISHED.touch()
        install(name)
        install_ourselves()
        stamp(name).write_text(key(name), encoding="utf-8")
        UNFINISHED.unlink()
        say(f"Set up in {time.monotonic() - begun:.1f} s.")


def is_set_up(name: str) -> bool:
    """Whether this lock, or the larger one that holds it, is installed for this Python, here."""
    if UNFINISHED.exists() or not PYTHON.exists():
        return False
    return any(stamp(lock).is_file() and stamp(lock).read_text(encoding="utf-8") == key(lock)
               for lock in {name, "test"})  # fmt: skip


def stamp(name: str) -> Path:
    return VENV / (f"set-up-{name}")


def key(name: str) -> str:
    """What a finished set-up depends on: the locks' bytes, the Python, the place, our commands."""
    parts = [sys.version, str(ROOT), repr(sorted(project()["scripts"].items()))]
    locks = LOCKS.values() if name == "test" else [LOCKS[name]]
    return "\n".join([hashlib.sha256(lock.read_bytes()).hexdigest() for lock in locks] + parts)


def make_environment() -> None:
    """See that a working environment is there; make ours anew after an interruption or a change of Python."""
    missing = [part for part in ("venv", "ensurepip") if importlib.util.find_spec(part) is None]
    if missing:
        raise Trouble(f"This Python came without {missing[0]}; {remedy()}, then run this again.")
    if MADE_HERE.exists() and (UNFINISHED.exists() or answer_of_environment() != sys.version):
        say("  Removing an environment that is unfinished or of another Python.")
        shutil.rmtree(VENV)
    if VENV.exists() and any(VENV.iterdir()):
        if not answer_of_environment():
            raise Trouble(f"{VENV} is not a working environment; remove it, then run this again.")
        return
    VENV.mkdir(exist_ok=True)
    MADE_HERE.touch()
    UNFINISHED.touch()
    step("Making the environment", [sys.executable, "-m", "venv", str(VENV)])


def answer_of_environment() -> str:
    """The environment's own account of its Python; empty where it does not start, or is too old."""
    asked = "import sys, pip; print(sys.version if sys.version_info >= (3, 11) else '', end='')"
    try:
        answer = subprocess.run([str(PYTHON), "-c", asked], capture_output=True, text=True, check=False)
    except OSError:
        return ""
    return answer.stdout if answer.returncode == 0 else ""


def install(name: str) -> None:
    """Install one lock: complete, so pip resolves nothing; every file is checked against its hash."""
    count = sum("==" in line for line in LOCKS[name].read_text(encoding="utf-8").splitlines())
    pip = [str(PYTHON), "-m", "pip", "--no-input", "--disable-pip-version-check", "install"]
    how = ["--no-deps", "--require-hashes", "--no-compile", "--retries", "2"]
    step(f"Installing at most {count} packages", [*pip, *how, "--requirement", str(LOCKS[name])])


def install_ourselves() -> None:
    """Make `tallybook` and `tallycheck` importable and callable: a path file and two small scripts.

    An editable install would fetch and run a build tool for the same result.
    """
    site = next(iter(sorted(VENV.glob("Lib/site-packages" if WINDOWS else "lib/python3*/site-packages"))))
    (site / "tallybook-source.pth").write_text(f"{ROOT / 'src'}\n", encoding="utf-8")
    about = site / ("tallybook-{}.dist-info".format(project()["version"]))
    about.mkdir(exist_ok=True)
    (about / "METADATA").write_text(
        "Metadata-Version: 2.1\nName: tallybook\nVersion: {}\n".format(project()["version"]), encoding="utf-8"
    )
    for name, target in project()["scripts"].items():
        write_command(name, *target.split(":"))


def write_command(name: str, module: str, function: str) -> None:
    body = f"import sys\nfrom {module} import {function}\nsys.exit({function}())\n"
    if WINDOWS:
        call_it = '@"{}" -c "{}" %*\n'.format(PYTHON, body.strip().replace("\n", "; "))
        (BIN / (name + ".cmd")).write_text(call_it, encoding="utf-8")
        return
    # Read by sh as a command and by Python as a string: a shebang may not hold spaces or a long path.
    head = f"#!/bin/sh\n'''exec' \"{PYTHON}\" \"$0\" \"$@\"\n' '''\n"
    (BIN / name).unlink(missing_ok=True)
    (BIN / name).write_text(head + body, encoding="utf-8")
    (BIN / name).chmod(0o755)


def project() -> dict[str, dict[str, str]]:
    """The [project] table of pyproject.toml."""
    table: dict[str, dict[str, str]] = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    return table


def remedy() -> str:
    """How this system installs what Python came without, in words."""
    if any(name in system() for name in ("debian", "ubuntu")):
        return f"install it with: apt install python3-venv (or python3.{sys.version_info[1]}-venv)"
    if any(name in system() for name in ("fedora", "rhel")):
        return "install it with: dnf install python3-libs python3-pip"
    if "suse" in system():
        return "install it with: zypper install python3-base python3-pip"
    if "alpine" in system():
        return "install it with: apk add python3 py3-pip"
    return "install Python's venv and ensurepip modules (your system may call them python3-venv)"


def system() -> str:
    """What this Linux calls itself and its like, in small letters; empty elsewhere."""
    try:
        return Path("/etc/os-release").read_text(encoding="utf-8").lower()
    except OSError:
        return ""


@contextlib.contextmanager
def one_at_a_time() -> Iterator[None]:
    """Let one set-up work in this folder at a time; where folders cannot be locked, go on."""
    try:
        import fcntl
    except ImportError:
        yield
        return
    folder = os.open(ROOT, os.O_RDONLY)
    try:
        try:
            fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("Another set-up is at work in this folder; waiting for it.")
            fcntl.flock(folder, fcntl.LOCK_EX)
        except OSError:
            pass
        yield
    finally:
        os.close(folder)


# Running and showing ------------------------------------------------------------------------


def tool(*words: str) -> int:
    """Run the environment's Python with these words, in the repository's folder."""
    return call([str(PYTHON), *words], os.environ)


def call(command: Sequence[str], surroundings: Mapping[str, str], where: Path = ROOT) -> int:
    """Run a command with the terminal as its own; on ctrl-C it gets five seconds to close its books."""
    sys.stdout.flush()
    with subprocess.Popen(command, cwd=where, env=surroundings) as child:
        try:
            return child.wait()
        except KeyboardInterrupt:
            with contextlib.suppress(subprocess.TimeoutExpired, KeyboardInterrupt):
                child.wait(5)
            child.kill()
            raise


def step(what: str, command: Sequence[str]) -> None:
    """Run one step of the set-up and keep its words in a log, for whoever has to mend it."""
    with LOG.open("w", encoding="utf-8") as log:
        status = watch(what, command, log)
    if status:
        raise Trouble(explain(what, LOG.read_text(encoding="utf-8", errors="replace")))


def watch(what: str, command: Sequence[str], log: TextIO) -> int:
    """Run a command out of sight, showing the time it has taken."""
    begun = time.monotonic()
    with subprocess.Popen(command, stdout=log, stderr=log, stdin=subprocess.DEVNULL) as child:
        try:
            while child.poll() is None:
                show(what, begun, last=False)
                time.sleep(0.1)
        except KeyboardInterrupt:
            child.terminate()
            raise
    show(what, begun, last=True)
    return child.returncode


def show(what: str, begun: float, *, last: bool) -> None:
    """One line per step: rewritten each tenth of a second on a terminal, written once elsewhere."""
    line = f"  {what}: {time.monotonic() - begun:.1f} s"
    if sys.stdout.isatty() and "CI" not in os.environ:
        sys.stdout.write("\r" + line + ("\n" if last else ""))
        sys.stdout.flush()
    elif last:
        say(line)


def explain(what: str, log: str) -> str:
    """Why a step failed, in words for a person who has never met pip."""
    if "No space left" in log:
        return f"The disk is full: {VENV} needs about 500 MB. Make room, then run this again."
    if "THESE PACKAGES DO NOT MATCH THE HASHES" in log:
        return f"A package differs from the one in the lock, so nothing of it was installed. Details: {LOG}"
    if any(sign in log for sign in SIGNS_OF_NO_COMPILER):
        return (
            "A package has no ready-made build for this Python, and building it failed: use Python 3.11 to "
            f"3.14, or install a C compiler (Debian: build-essential python3-dev). Details: {LOG}"
        )
    if any(sign in log for sign in SIGNS_OF_NO_NETWORK):
        return f"The packages could not be fetched: is there a network, and is a proxy needed? Details: {LOG}"
    reasons = [line.strip() for line in log.splitlines() if "error:" in line.lower()]
    return f"{what} failed. {reasons[-1] if reasons else 'It gave no reason.'} Details: {LOG}"


def say(line: str) -> None:
    print(line, flush=True)


def names_in(folder: str, before: str, after: str) -> list[str]:
    """The names of a folder's files, without what stands before and after the name."""
    files = (ROOT / folder).glob(f"{before}*{after}")
    names = [file.name[len(before) : -len(after)] for file in files]
    return sorted(name for name in names if not name.startswith("_"))


def listed(names: Sequence[str]) -> str:
    return ", ".join(names) if names else "none yet"


# The door -----------------------------------------------------------------------------------

COMMANDS: dict[str, Callable[[Sequence[str]], int]] = {"check": check, "demo": demo, "run": run, "test": test}


def main(words: Sequence[str]) -> int:
    """Do what the words ask; every trouble becomes a sentence and a status."""
    if not words or words[0] not in COMMANDS:
        asked_for_help = bool(words) and words[0] in ("-h", "--help", "help")
        usage = (__doc__ or "").strip()
        print(usage, file=sys.stdout if asked_for_help else sys.stderr)
        return 0 if asked_for_help else 2
    try:
        return COMMANDS[words[0]](words[1:])
    except KeyboardInterrupt:
        return complain("\nStopped. An unfinished set-up is done again next time.", INTERRUPTED)
    except Trouble as trouble:
        return complain(str(trouble), 2)
    except OSError as error:
        return complain(sentence(error), 2)


def sentence(error: OSError) -> str:
    """A failed reading or writing, in a sentence."""
    place = error.filename or ROOT
    if error.errno == errno.ENOSPC:
        return f"The disk is full while writing {place}. Make room, then run this again."
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return f"{place} may not be written here. Copy this folder to a place of your own, and run it there."
    return f"{place}: {error.strerror or error}."


def complain(words: str, status: int) -> int:
    with contextlib.suppress(OSError):
        print(words, file=sys.stderr)
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
