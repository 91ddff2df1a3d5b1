"""Break a room on purpose, one small change at a time, and name the changes that no test noticed.

For whoever writes tests. Every comparison is turned at its edge (`<` to `<=`), every sum to a difference,
`and` to `or`, every small integer moved by one, every `not` dropped. The room's fast tests run against
each change, in a copy of the repository, so the checkout is never touched. A change that survives is a
sentence the tests do not say; some survivors mean the same as the original, and a person decides which.

    python3 go.py run mutate ROOM [--most N]      for example: outcomes --most 40
"""

import argparse
import ast
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SECONDS = 120
COMPARISONS: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq, ast.In: ast.NotIn, ast.NotIn: ast.In,
}  # fmt: skip
OPERATORS: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.FloorDiv, ast.FloorDiv: ast.Mult, ast.Div: ast.Mult,
}  # fmt: skip


@dataclass(frozen=True)
class Mutant:
    """One change: the line it is on, the old words, the new words, and the whole changed source."""

    line: int
    before: str
    after: str
    source: str


def mutants(source: str) -> list[Mutant]:
    """Every source that differs from this one by one change, in order of line."""
    nodes = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.expr)]
    made = (mutant_of(source, node, new) for node in nodes for new in changed(node))
    return sorted((mutant for mutant in made if mutant), key=lambda mutant: mutant.line)


def changed(node: ast.expr) -> Iterator[str]:
    """The words that may stand in an expression's place."""
    if isinstance(node, ast.Compare) and len(node.ops) == 1 and type(node.ops[0]) in COMPARISONS:
        yield ast.unparse(ast.Compare(node.left, [COMPARISONS[type(node.ops[0])]()], node.comparators))
    elif isinstance(node, ast.BinOp) and type(node.op) in OPERATORS:
        yield ast.unparse(ast.BinOp(node.left, OPERATORS[type(node.op)](), node.right))
    elif isinstance(node, ast.BoolOp):
        other = ast.Or() if isinstance(node.op, ast.And) else ast.And()
        yield ast.unparse(ast.BoolOp(other, node.values))
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        yield ast.unparse(node.operand)
    elif isinstance(node, ast.Constant) and type(node.value) is int and abs(node.value) < 1000:
        yield str(node.value + 1)


def mutant_of(source: str, node: ast.expr, new: str) -> Mutant | None:
    """The source with one expression's text replaced; none where the result no longer parses."""
    old = ast.get_source_segment(source, node)
    lines = source.splitlines(keepends=True)
    if old is None or node.end_lineno is None or node.end_col_offset is None:
        return None
    start = sum(len(line.encode()) for line in lines[: node.lineno - 1]) + node.col_offset
    end = sum(len(line.encode()) for line in lines[: node.end_lineno - 1]) + node.end_col_offset
    data = source.encode()
    after = (data[:start] + f"({new})".encode() + data[end:]).decode()
    try:
        ast.parse(after)
    except SyntaxError:
        return None
    return Mutant(node.lineno, old, new, after)


def is_noticed(copy: Path, room: str) -> bool:
    """Whether the room's fast tests fail, or never end, against the copy."""
    tests = [f"tests/rooms/{room}", *(str(file) for file in copy.glob(f"tests/properties/*{room}*"))]
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", "-m", "not slow", *tests]
    surroundings = {**os.environ, "PYTHONPATH": str(copy / "src"), "PYTHONDONTWRITEBYTECODE": "1"}
    try:
        done = subprocess.run(
            command, cwd=copy, env=surroundings, capture_output=True, timeout=SECONDS, check=False
        )
    except subprocess.TimeoutExpired:
        return True
    return done.returncode != 0


def survivors(copy: Path, room: str, most: int) -> tuple[int, list[str]]:
    """How many changes were tried, and those that no test noticed."""
    files = sorted((copy / "src" / "tallybook" / room).rglob("*.py"))
    every = [(file, mutant) for file in files for mutant in mutants(file.read_text(encoding="utf-8"))]
    tried = every[:: max(1, -(-len(every) // most))]
    missed = []
    for file, mutant in tried:
        original = file.read_text(encoding="utf-8")
        file.write_text(mutant.source, encoding="utf-8")
        if not is_noticed(copy, room):
            place = file.relative_to(copy).as_posix()
            missed.append(f"{place}:{mutant.line}: {mutant.before}  ->  {mutant.after}")
            print(f"survived  {missed[-1]}", flush=True)
        file.write_text(original, encoding="utf-8")
    return len(tried), missed


def main() -> int:
    parser = argparse.ArgumentParser(prog="go.py run mutate", description="Break a room on purpose.")
    parser.add_argument("room", help="a folder of src/tallybook that has tests in tests/rooms")
    parser.add_argument("--most", type=int, default=200, help="try at most so many changes, spread evenly")
    asked = parser.parse_args()
    for needed in (ROOT / "src" / "tallybook" / asked.room, ROOT / "tests" / "rooms" / asked.room):
        if not needed.is_dir():
            print(f"There is no folder {needed.relative_to(ROOT)}.", file=sys.stderr)
            return 2
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "copy"
        leave = shutil.ignore_patterns(
            ".git", ".venv", "node_modules", "__pycache__", "*_cache", ".hypothesis"
        )
        shutil.copytree(ROOT, copy, ignore=leave)
        if is_noticed(copy, asked.room):
            print("The room's tests fail before any change; mend them first.", file=sys.stderr)
            return 2
        tried, missed = survivors(copy, asked.room, max(1, asked.most))
    print(f"{tried - len(missed)} of {tried} changes were noticed; {len(missed)} survived.")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
