"""`pip install .` gives both packages, their data and both commands."""

import shutil
import subprocess
import sys
import zipfile

import pytest

from tests.house.ground import ROOT, committed

DATA = {".toml", ".csv", ".json", ".css", ".html", ".svg", ".typed"}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    """A wheel built from a copy of the committed files, without the network."""
    place = tmp_path_factory.mktemp("wheel")
    for file in committed():
        copy = place / "source" / file.relative_to(ROOT)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(file, copy)
    command = [sys.executable, "-m", "pip", "wheel", "--no-deps", "--no-build-isolation", "--no-index",
               "--quiet", "--wheel-dir", str(place), str(place / "source")]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    (built,) = place.glob("*.whl")
    return zipfile.ZipFile(built)


@pytest.mark.slow
def test_the_wheel_holds_every_module_and_every_data_file(wheel: zipfile.ZipFile) -> None:
    source = ROOT / "src"
    wanted = {
        file.relative_to(source).as_posix()
        for file in committed()
        if source in file.parents and file.suffix in DATA | {".py"}
    }
    assert wanted
    assert wanted - set(wheel.namelist()) == set()


@pytest.mark.slow
def test_no_file_inside_the_packages_is_of_a_kind_that_the_wheel_leaves_out() -> None:
    source = ROOT / "src"
    kinds = {file.suffix for file in committed() if source in file.parents}
    assert kinds <= DATA | {".py"}, "add the kind to [tool.setuptools.package-data]"


@pytest.mark.slow
def test_the_wheel_gives_both_commands_and_the_licence(wheel: zipfile.ZipFile) -> None:
    (commands,) = [name for name in wheel.namelist() if name.endswith("entry_points.txt")]
    told = wheel.read(commands).decode()
    assert "tallybook = " in told and "tallycheck = " in told
    assert [name for name in wheel.namelist() if name.endswith("licenses/LICENSE")]


@pytest.mark.slow
def test_the_wheel_holds_nothing_but_the_two_packages(wheel: zipfile.ZipFile) -> None:
    tops = {name.partition("/")[0] for name in wheel.namelist()}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"tallybook", "tallycheck"}
