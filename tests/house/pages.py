"""Run the examples of a page: what the documents show is what happens.

For whoever writes documents, and for the test that keeps them true. The rules are in CONTRIBUTING.md:
a `console` block's lines that start with `$ ` run in one temporary folder per page, in order, and what
they print (errors too) equals what is shown, `...` standing for any text; a `python` block runs, as a
doctest where it has `>>>`; a `toml` or `json` block parses; `text` and the like are only shown. A comment
`<!-- not run: REASON -->` right above a block leaves it out, in sight of every reader.
"""

import contextlib
import doctest
import io
import json
import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

OPEN = re.compile(r"^(?P<indent> *)(?P<fence>`{3,}|~{3,})\s*(?P<language>[\w+-]*)(?P<rest>.*)$")
NOT_RUN = re.compile(r"^\s*<!-- not run: \S.* -->\s*$")
SHOWN_ONLY = {"", "text", "csv", "html", "xml", "mermaid", "diff", "http", "svg"}
LOOKS_RUN = re.compile(r"\s*(\$ |>>> |(python3? go\.py|tallybook|tallycheck|pip|git) \w)")
WANTED = "use `console` with `$ ` for commands, `text` for what is only shown"
ROOT = Path(__file__).resolve().parents[2]
SECONDS = 180


@dataclass(frozen=True)
class Block:
    """One fenced example: the line of its opening fence, its language, its text, whether it is run."""

    line: int
    language: str
    text: str
    is_run: bool


@dataclass(frozen=True)
class Ground:
    """Where a page's examples run: the folder they share, and the names their Python has defined."""

    folder: Path
    names: dict[str, object] = field(default_factory=dict)


def blocks(page: str) -> list[Block]:
    """The fenced blocks of a page, in order."""
    found: list[Block] = []
    lines = page.splitlines()
    at = 0
    while at < len(lines):
        opening = OPEN.match(lines[at])
        if not opening:
            at += 1
            continue
        inside = lines_until_closed(lines[at + 1 :], opening["fence"])
        text = "\n".join(line.removeprefix(opening["indent"]) for line in inside)
        found.append(Block(at + 1, opening["language"].lower(), text, not left_out(lines[:at])))
        at += len(inside) + 2
    return found


def failures(page: str, folder: Path) -> list[str]:
    """What is not as the page says, each with its line; an empty list where the page is true."""
    ground = Ground(folder)
    return [
        f"line {block.line}: {told}"
        for block in blocks(page)
        if block.is_run
        for told in RUNNERS.get(block.language, unknown)(block, ground)
    ]


def commands(text: str) -> list[tuple[str, str]]:
    """A console block as (command, what it shows); `> ` goes on with the command of the line before."""
    found: list[tuple[str, str]] = []
    for line in text.splitlines():
        if line.startswith("$ "):
            found.append((line[2:], ""))
        elif line.startswith("> ") and found and found[-1][0].endswith("\\") and not found[-1][1]:
            found[-1] = (f"{found[-1][0]}\n{line[2:]}", "")
        elif found:
            found[-1] = (found[-1][0], found[-1][1] + line.rstrip() + "\n")
    return found


# One runner per language: a block and its ground in, the failures out ------------------------


def console(block: Block, ground: Ground) -> list[str]:
    shown = commands(block.text)
    if not shown:
        return ["a console block without a line that starts with `$ `"]
    wrong = (wrong_with_command(command, output, ground.folder) for command, output in shown)
    return [told for told in wrong if told][:1]


def wrong_with_command(command: str, shown: str, folder: Path) -> str:
    if re.search(r"\bgo\.py test\b", command):
        return f"`{command}` would run the tests inside a test; put `<!-- not run: REASON -->` above it"
    done = subprocess.run(
        ["bash", "-c", re.sub(r"\bpython3? go\.py\b", f"'{sys.executable}' '{ROOT / 'go.py'}'", command)],
        cwd=folder, env=surroundings(folder), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, text=True, timeout=SECONDS, check=False,
    )  # fmt: skip
    printed = "".join(line.rstrip() + "\n" for line in done.stdout.splitlines())
    if done.returncode:
        return f"`{command}` ended with status {done.returncode} and printed:\n{printed}"
    if shown and not agrees(shown, printed):
        return f"`{command}` is shown with:\n{shown}but printed:\n{printed}"
    return ""


def surroundings(folder: Path) -> dict[str, str]:
    """A plain terminal of 100 columns, a home of its own, and the environment's programs on the path."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)])
    own = {"HOME": str(folder), "PATH": path, "COLUMNS": "100", "NO_COLOR": "1", "TERM": "dumb", "CI": "true"}
    return {**os.environ, **own, "PYTHONDONTWRITEBYTECODE": "1"}


def agrees(shown: str, printed: str) -> bool:
    """Whether the printed text is the shown one, `...` standing for any text."""
    return doctest.OutputChecker().check_output(shown, printed, doctest.ELLIPSIS)


def python(block: Block, ground: Ground) -> list[str]:
    return doctests(block, ground) if ">>>" in block.text else plain_python(block, ground)


def doctests(block: Block, ground: Ground) -> list[str]:
    parsed = doctest.DocTestParser().get_doctest(block.text + "\n", dict(ground.names), "example", None, 0)
    told: list[str] = []
    runner = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS)
    with contextlib.chdir(ground.folder):
        runner.run(parsed, out=told.append, clear_globs=False)
    ground.names.update(parsed.globs)
    return ["".join(told)] if runner.failures else []


def plain_python(block: Block, ground: Ground) -> list[str]:
    try:
        with contextlib.chdir(ground.folder), contextlib.redirect_stdout(io.StringIO()):
            exec(compile(block.text, f"the block at line {block.line}", "exec"), ground.names)
    except Exception as error:
        return [f"the Python stopped: {type(error).__name__}: {error}"]
    return []


def parsed_by(parse: Callable[[str], object]) -> Callable[[Block, Ground], list[str]]:
    def runner(block: Block, _: Ground) -> list[str]:
        try:
            parse(block.text)
        except ValueError as error:
            return [f"the {block.language} does not parse: {error}"]
        return []

    return runner


def shown_only(block: Block, _: Ground) -> list[str]:
    """A figure or a file: it is not run, so it may not hold what looks like an example."""
    looks = [line for line in block.text.splitlines() if LOOKS_RUN.match(line)]
    return [f"{looks[0]!r} looks like an example; {WANTED}"] if looks else []


def unknown(block: Block, _: Ground) -> list[str]:
    return [f"a block of kind {block.language!r}; {WANTED}"]


RUNNERS: dict[str, Callable[[Block, Ground], list[str]]] = {
    "console": console,
    "python": python,
    "json": parsed_by(json.loads),
    "toml": parsed_by(tomllib.loads),
    **dict.fromkeys(SHOWN_ONLY, shown_only),
}


def lines_until_closed(lines: list[str], fence: str) -> list[str]:
    for count, line in enumerate(lines):
        if line.strip().startswith(fence) and not line.strip().strip(fence[0]):
            return lines[:count]
    raise ValueError("a fenced block is never closed")


def left_out(before: list[str]) -> bool:
    """Whether the nearest line above that is not blank says that the block is not run, and why."""
    nearest = next((line for line in reversed(before) if line.strip()), "")
    return bool(NOT_RUN.match(nearest))
