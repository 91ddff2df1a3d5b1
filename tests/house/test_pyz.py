"""The checker as one file: the same bytes from the same source, and it runs alone."""

import io
import subprocess
import sys
import zipfile
from pathlib import Path

from tests.house.ground import ROOT
from tools.pyz import PACKAGE, archive, contents

SAYS_ITS_WORDS = b"import sys\n\ndef main() -> int:\n    print(*sys.argv[1:])\n    return 3\n"


def small_package(folder: Path) -> Path:
    package = folder / "tallycheck"
    (package / "__pycache__").mkdir(parents=True)
    (package / "__init__.py").write_bytes(b"")
    (package / "__main__.py").write_bytes(SAYS_ITS_WORDS)
    (package / "__pycache__" / "__main__.cpython-311.pyc").write_bytes(b"left out")
    return package


def test_the_file_holds_the_whole_checker_and_the_licence() -> None:
    made = zipfile.ZipFile(io.BytesIO(archive(contents(PACKAGE, ROOT / "LICENSE"))))
    sources = {file.relative_to(PACKAGE).as_posix() for file in PACKAGE.rglob("*.py")}
    assert {f"tallycheck/{name}" for name in sources} | {"__main__.py", "LICENSE"} <= set(made.namelist())
    for name in sources:
        assert made.read(f"tallycheck/{name}") == (PACKAGE / name).read_bytes()


def test_the_same_source_gives_the_same_bytes_whatever_its_times_and_order(tmp_path: Path) -> None:
    first, second = small_package(tmp_path / "first"), small_package(tmp_path / "second")
    (second / "__init__.py").touch()
    (second / "__main__.py").chmod(0o700)
    one = contents(first, ROOT / "LICENSE")
    other = dict(reversed(contents(second, ROOT / "LICENSE").items()))
    assert archive(one) == archive(other)


def test_another_source_gives_other_bytes(tmp_path: Path) -> None:
    package = small_package(tmp_path)
    before = archive(contents(package, ROOT / "LICENSE"))
    (package / "__main__.py").write_bytes(SAYS_ITS_WORDS.replace(b"3", b"4"))
    assert archive(contents(package, ROOT / "LICENSE")) != before


def test_caches_stay_out(tmp_path: Path) -> None:
    assert not [name for name in contents(small_package(tmp_path), ROOT / "LICENSE") if "cache" in name]


def test_the_file_runs_alone_with_its_words_and_its_status(tmp_path: Path) -> None:
    made = tmp_path / "alone.pyz"
    made.write_bytes(archive(contents(small_package(tmp_path), ROOT / "LICENSE")))
    command = [sys.executable, "-I", "-S", str(made), "package", "--json"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr, done.returncode) == ("package --json\n", "", 3)


def test_the_checker_in_its_file_answers_a_package_that_is_not_there_in_words(tmp_path: Path) -> None:
    made = tmp_path / "tallycheck.pyz"
    made.write_bytes(archive(contents(PACKAGE, ROOT / "LICENSE")))
    command = [sys.executable, "-I", "-S", str(made), "no-such-package"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode in (1, 2)
    assert "no-such-package" in done.stdout + done.stderr
    assert "Traceback" not in done.stderr
