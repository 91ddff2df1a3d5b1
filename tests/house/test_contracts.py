"""The contracts between the rooms, as import-linter reads them from pyproject.toml, are kept."""

import subprocess
import sys
from pathlib import Path

from tests.house.ground import ROOT


def lint(settings: Path) -> subprocess.CompletedProcess[str]:
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-cache", "--config", str(settings)]
    return subprocess.run(command, cwd=settings.parent, capture_output=True, text=True, check=False)


def test_rooms_import_only_from_the_rooms_below_them() -> None:
    done = lint(ROOT / "pyproject.toml")
    assert done.returncode == 0, done.stdout + done.stderr


def test_an_import_from_a_room_above_breaks_the_contract(tmp_path: Path) -> None:
    """The same layers, over a small package in which the lowest room imports the highest."""
    for room, source in {"above": "", "below": "from storeys import above"}.items():
        (tmp_path / "storeys" / room).mkdir(parents=True)
        (tmp_path / "storeys" / room / "__init__.py").write_text(source, encoding="utf-8")
    (tmp_path / "storeys" / "__init__.py").touch()
    (tmp_path / "pyproject.toml").write_text(
        '[tool.importlinter]\nroot_package = "storeys"\n[[tool.importlinter.contracts]]\n'
        'name = "storeys"\ntype = "layers"\ncontainers = ["storeys"]\nlayers = ["above", "below"]\n',
        encoding="utf-8",
    )
    done = lint(tmp_path / "pyproject.toml")
    assert done.returncode == 1
    assert "storeys.below is not allowed to import storeys.above" in done.stdout
