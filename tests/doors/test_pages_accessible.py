"""The demonstration's pages before axe-core, Deque's checker of accessibility: it finds nothing to object to.

Each page is shown in Chromium at its narrowest window and at the width of a desk. The pages forbid every
script by their Content-Security-Policy; the copies tested here differ from them by that line and by the
checker's own script.
"""

import json
import re
import subprocess
from functools import cache
from html import unescape
from io import BytesIO, StringIO
from pathlib import Path

import pytest
from rich.console import Console

from tallybook.doors.county.running import run as audit_county
from tallybook.doors.georgia_2020 import acting, playing, running, tables, telling
from tallybook.evidence.sources import open_files, write_zip
from tallybook.reports import pages
from tests.needs import needs_chromium, needs_npm_package
from tests.rooms.reports.test_in_a_browser import FLAGS

POLICY = re.compile(r'<meta http-equiv="Content-Security-Policy"[^>]*>')
ASK = """<script src="axe.min.js"></script><script>
addEventListener("load", async () => {
  const asked = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
  const found = await axe.run(document, {runOnly: asked});
  const told = found.violations.map(one => [one.id, one.nodes.length, one.nodes[0].html, one.help]);
  const pre = document.createElement("pre");
  pre.id = "found";
  pre.textContent = JSON.stringify({passes: found.passes.length, told});
  document.body.append(pre);
});
</script>"""


@cache
def demonstration() -> dict[str, str]:
    """The pages that the demonstration writes."""
    told = tables.table()
    book = playing.play(acting.opening(told), acting.acts(told), lambda _: None)
    files = running.package(book)
    return dict(pages(telling.report(book, files["checkpoint"], zipped(files))))


def zipped(files: dict[str, bytes]) -> bytes:
    """The package as a ZIP."""
    out = BytesIO()
    write_zip(open_files(files), out)
    return out.getvalue()


def county(folder: Path) -> dict[str, str]:
    """The pages of the made-up county's audit that the other demonstration does not have."""
    assert audit_county(folder / "county", Console(file=StringIO()), 8_000, check=False) == 0
    names = ("index.html", "audits.html", "counties.html", "timeline.html")
    return {name: (folder / "county" / name).read_text("utf-8") for name in names}


def objections(folder: Path, name: str, text: str, width: int) -> tuple[int, list[object]]:
    """How many rules the page passes, and what axe-core objects to."""
    axe = needs_npm_package("axe-core") / "axe.min.js"
    (folder / "axe.min.js").write_bytes(axe.read_bytes())
    assert POLICY.search(text)
    (folder / name).write_text(POLICY.sub("", text).replace("</head>", f"{ASK}</head>"), encoding="utf-8")
    flags = [one for one in FLAGS if not one.startswith("--window-size")]
    done = subprocess.run(
        [needs_chromium(), *flags, f"--window-size={width},900", f"--user-data-dir={folder / 'profile'}",
         (folder / name).as_uri()],
        capture_output=True, text=True, timeout=120, check=True,
    )  # fmt: skip
    said = re.search(r'<pre id="found">(.*?)</pre>', done.stdout, re.DOTALL)
    assert said, done.stderr[-2000:]
    found = json.loads(unescape(said[1]))
    return found["passes"], found["told"]


@pytest.mark.slow
@pytest.mark.parametrize("width", [500, 1280])
def test_axe_core_objects_to_no_page_of_the_demonstration(width: int, tmp_path: Path) -> None:
    needs_chromium(), needs_npm_package("axe-core")
    made = demonstration()
    assert len(made) == 6
    for name, text in made.items():
        passed, told = objections(tmp_path, name, text, width)
        assert told == [], name
        assert passed > 10, name


@pytest.mark.slow
@pytest.mark.parametrize("width", [500, 1280])
def test_axe_core_objects_to_nothing_on_the_pages_of_an_audit(width: int, tmp_path: Path) -> None:
    needs_chromium(), needs_npm_package("axe-core")
    for name, text in county(tmp_path).items():
        passed, told = objections(tmp_path, name, text, width)
        assert told == [], name
        assert passed > 10, name


@pytest.mark.slow
def test_axe_core_objects_to_a_page_with_a_fault(tmp_path: Path) -> None:
    text = demonstration()["index.html"].replace(
        "<body>", '<body><img src="x.png"><p style="color:#ccc">pale</p>'
    )
    _, told = objections(tmp_path, "index.html", text, 1280)
    assert {one[0] for one in told} >= {"image-alt", "color-contrast"}  # type: ignore[index]
