"""Where things are, for the tests of the house: the repository's files as git sees them."""

import subprocess
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
NOT_OURS = {".git", ".venv", "node_modules", "build", "dist", "__pycache__"}


@cache
def committed() -> tuple[Path, ...]:
    """Every committed file that is there; where git cannot say, all but the tools' own files."""
    try:
        asked = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return tuple(file for file in sorted(ROOT.rglob("*")) if file.is_file() and is_ours(file))
    names = asked.stdout.decode().split("\0")
    return tuple(ROOT / name for name in names if name and (ROOT / name).is_file())


def with_suffix(suffix: str, *folders: str) -> list[Path]:
    """The committed files that end so, in these folders (all folders when none is named)."""
    places = [ROOT / folder for folder in folders] or [ROOT]
    return [
        file
        for file in committed()
        if file.suffix == suffix and any(place == file or place in file.parents for place in places)
    ]


def name_of(file: Path) -> str:
    """A file's path from the root, for the name of a test."""
    return file.relative_to(ROOT).as_posix()


def is_ours(file: Path) -> bool:
    parts = file.relative_to(ROOT).parts
    return not any(part in NOT_OURS or part.endswith(("_cache", ".egg-info")) for part in parts)
