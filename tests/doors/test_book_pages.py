"""`tallybook book pages`: of a book as it stands, or of a package of it, and of nothing else."""

from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import pytest

Run = Callable[..., tuple[int, str, str]]
ORIGIN = "elections.example/lee"


@pytest.fixture
def book(run: Run, tmp_path: Path) -> Run:
    """A book that was just opened."""
    (tmp_path / "election.toml").write_text(run("book", "example")[1], encoding="utf-8")
    assert run("keys", "new", ORIGIN)[0] == 0
    code, out, err = run("book", "new", "election.toml", "--origin", ORIGIN)
    assert code == 0, out + err
    return run


def page(folder: Path, name: str) -> str:
    return (folder / "pages" / name).read_text("utf-8")


@pytest.mark.slow
def test_pages_of_a_package_name_its_fingerprint_and_pages_of_a_book_name_none(
    book: Run, tmp_path: Path
) -> None:
    assert book("book", "pages", "pages")[0] == 0
    assert "SHA-256 of" not in page(tmp_path, "index.html")
    assert "Root of the checkpoint" in page(tmp_path, "check.html")
    assert "Audits" not in page(tmp_path, "index.html")
    assert book("package", "lee.zip")[0] == 0
    assert book("book", "pages", "pages", "--package", "lee.zip")[0] == 0
    fingerprint = sha256((tmp_path / "lee.zip").read_bytes()).hexdigest()
    assert fingerprint in page(tmp_path, "index.html")
    assert fingerprint in page(tmp_path, "check.html")


@pytest.mark.slow
def test_a_package_that_is_not_of_the_book_as_it_stands_is_refused(book: Run, tmp_path: Path) -> None:
    code, out, err = book("book", "pages", "pages", "--package", "lee.zip")
    assert code == 2
    assert "lee.zip is no file" in out + err
    assert book("package", "lee.zip")[0] == 0
    act = ("book", "act", "order_risk_limiting_audit", "--office", "secretary_of_state")
    book(*act, "--contest", "mayor", "--set", "risk_limit=1/10")  # refused or not, an entry
    code, out, err = book("book", "pages", "pages", "--package", "lee.zip")
    assert code == 2
    assert "lee.zip has 1 entries, the book 2" in out + err
    assert not (tmp_path / "pages").exists()
    (tmp_path / "lee.zip").write_bytes(b"no package")
    code, out, err = book("book", "pages", "pages", "--package", "lee.zip")
    assert code == 2
