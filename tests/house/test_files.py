"""Rules for every committed file: no address of a registry, no path of one machine, documents that hold."""

import ast
import re
from pathlib import Path

import pytest

from tests.house.ground import ROOT, committed, name_of, with_suffix

# Built from parts, so that this file does not hold what it forbids.
HOSTS = [".".join(parts) for parts in (
    ("pypi", "org"), ("files", "pythonhosted", "org"), ("registry", "npmjs", "org"),
    ("registry", "yarnpkg", "com"), ("proxy", "golang", "org"), ("conda", "anaconda", "org"),
)]  # fmt: skip
PLACES = ["home", "root", "tmp", "work", "Users", "mnt"]
REGISTRY = re.compile("|".join(map(re.escape, HOSTS)))
MACHINE = re.compile(r"(?<![\w.~}\])*-])/(?:" + "|".join(PLACES) + r")/\w")
PYTHON = [*with_suffix(".py", "src", "tools", "bench", "tests"), ROOT / "go.py"]
PAGES = with_suffix(".md")


def text_of(file: Path) -> str:
    """A file's text; a file that is not text has none."""
    try:
        return file.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return ""


def sightings(pattern: re.Pattern[str], text: str) -> list[str]:
    lines = enumerate(text.splitlines(), start=1)
    return [f"line {number}: {line.strip()[:100]}" for number, line in lines if pattern.search(line)]


def test_no_committed_file_names_the_address_of_a_package_registry() -> None:
    found = {name_of(file): sightings(REGISTRY, text_of(file)) for file in committed()}
    assert {name: lines for name, lines in found.items() if lines} == {}


def test_no_committed_file_names_a_path_of_one_machine() -> None:
    found = {name_of(file): sightings(MACHINE, text_of(file)) for file in committed()}
    assert {name: lines for name, lines in found.items() if lines} == {}


@pytest.mark.parametrize("place", PLACES)
def test_the_search_for_machine_paths_finds_one(place: str) -> None:
    assert MACHINE.search(f'open("/{place}/someone/cards.csv")')
    assert not MACHINE.search(f"https://example.com/{place}/someone")
    assert not MACHINE.search(f"docs/{place}/page.md")


def test_the_search_for_registries_finds_one() -> None:
    assert all(REGISTRY.search(f"--index-url https://{host}/simple") for host in HOSTS)


@pytest.mark.parametrize("file", [file for file in PYTHON if file.exists()], ids=name_of)
def test_every_module_says_what_it_is_for(file: Path) -> None:
    source = file.read_text(encoding="utf-8")
    assert not source.strip() or ast.get_docstring(ast.parse(source)), "open the module with a paragraph"


# Links --------------------------------------------------------------------------------------

FENCE = re.compile(r"^(`{3,}|~{3,}).*?^\1\s*$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"!?\[[^\]]*\]\(<?([^)\s>]+)>?(?:\s+\"[^\"]*\")?\)")


def links_of(page: str) -> list[str]:
    """The targets of a page's links that stay inside the repository."""
    prose = re.sub(r"`[^`\n]*`", "", FENCE.sub("", page))
    return [target for target in LINK.findall(prose) if not re.match(r"[a-z][a-z0-9+.-]*:", target)]


def anchors_of(page: str) -> set[str]:
    """The anchors that a page's headings get, as GitHub makes them."""
    headings = re.findall(r"^#{1,6}\s+(.+?)\s*#*$", FENCE.sub("", page), re.MULTILINE)
    plain = [re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading) for heading in headings]
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in plain}


def broken_links(page: Path) -> list[str]:
    broken = []
    for target in links_of(page.read_text(encoding="utf-8")):
        path, _, anchor = target.partition("#")
        there = (page.parent / path).resolve() if path else page
        if not there.exists():
            broken.append(f"{target}: no such file")
        elif anchor and there.suffix == ".md" and anchor not in anchors_of(there.read_text(encoding="utf-8")):
            broken.append(f"{target}: no such heading")
    return broken


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_every_link_inside_the_repository_leads_somewhere(page: Path) -> None:
    assert broken_links(page) == []


def test_the_search_for_broken_links_finds_them(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    (tmp_path / "there.md").write_text("# Found it: a heading\n", encoding="utf-8")
    page.write_text(
        "[a](there.md) [b](gone.md) [c](there.md#found-it-a-heading) [d](there.md#lost)\n"
        "[e](https://example.com/x) `[f](not-a-link.md)`\n```text\n[g](not-a-link.md)\n```\n",
        encoding="utf-8",
    )
    assert broken_links(page) == ["gone.md: no such file", "there.md#lost: no such heading"]
