"""The pages in a real browser: none is wider than a phone, and the filter of the acts filters.

A page of the test shows each page in a frame of 360 pixels and measures it; the pages themselves run nothing.
"""

import json
import re
import subprocess
from html import unescape
from pathlib import Path

import pytest

from tallybook.reports import pages
from tests.needs import needs_chromium
from tests.rooms.reports.samples import audited, georgia, hostile

FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync",
    "--disable-background-networking", "--disable-component-update", "--allow-file-access-from-files",
    "--virtual-time-budget=10000", "--window-size=1280,900", "--dump-dom",
)  # fmt: skip
MEASURE = """<!doctype html><meta charset="utf-8"><body><pre id="found"></pre><script>
addEventListener("load", () => {
  const found = {};
  for (const frame of document.querySelectorAll("iframe")) {
    const page = frame.contentDocument, root = page.documentElement;
    const acts = [...page.querySelectorAll(".acts > li")];
    const shown = () => acts.filter(act => act.getClientRects().length).length;
    const filters = {};
    for (const box of page.querySelectorAll("input[type=radio]")) { box.click(); filters[box.id] = shown(); }
    found[frame.getAttribute("src")] = {over: root.scrollWidth - root.clientWidth, filters};
  }
  document.getElementById("found").textContent = JSON.stringify(found);
});
</script>"""


def measured(folder: Path, made: dict[str, str]) -> dict[str, dict[str, object]]:
    """What the browser finds in each page, shown 360 pixels wide."""
    for name, text in made.items():
        (folder / name).write_text(text, encoding="utf-8")
    frames = "".join(
        f'<iframe src="{name}" style="width:360px;height:700px;border:0"></iframe>' for name in made
    )
    (folder / "measure.html").write_text(MEASURE + frames, encoding="utf-8")
    command = [
        needs_chromium(),
        *FLAGS,
        f"--user-data-dir={folder / 'profile'}",
        (folder / "measure.html").as_uri(),
    ]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)
    text = re.search(r'<pre id="found">(.*?)</pre>', done.stdout, re.DOTALL)
    assert text, done.stderr[-2000:]
    found: dict[str, dict[str, object]] = json.loads(unescape(text[1]))
    return found


@pytest.mark.slow
@pytest.mark.parametrize("which", ["georgia", "hostile", "audited"])
def test_no_page_is_wider_than_a_phone_and_the_filter_filters(which: str, tmp_path: Path) -> None:
    found = measured(tmp_path, pages({"georgia": georgia, "hostile": hostile, "audited": audited}[which]()))
    assert len(found) == {"georgia": 6, "hostile": 7, "audited": 7}[which]
    assert {name: page["over"] for name, page in found.items()} == dict.fromkeys(found, 0)
    # Georgia's sample: 5 groups of acts, of which 3 accepted, 1 refused, 1 without legal effect.
    expected = {"georgia": (5, 3, 1, 1), "hostile": (1, 0, 1, 0), "audited": (0, 0, 0, 0)}[which]
    names = ("show-all", "show-accepted", "show-refused", "show-no-effect")
    assert found["timeline.html"]["filters"] == dict(zip(names, expected, strict=True))
