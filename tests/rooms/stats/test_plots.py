"""The plots of the reference pages are those that the room draws today; each page tells what it shows."""

import re

import pytest

from tests.house.ground import ROOT
from tools.plots import PLOTS, svg

FOLDER = ROOT / "docs" / "reference" / "stats"
NUMBER = re.compile(r"-?\d+(?:\.\d+)?")


LONGEST = {"confidence", "bounds", "comparison", "strata", "bets"}


@pytest.mark.parametrize(
    "name", [pytest.param(n, marks=pytest.mark.slow) if n in LONGEST else n for n in PLOTS]
)
def test_a_plot_is_what_the_room_computes(name):
    kept = (FOLDER / f"{name}.svg").read_text(encoding="utf-8")
    made = svg(PLOTS[name]())
    assert NUMBER.sub("0", made) == NUMBER.sub("0", kept), "run: python3 tools/plots.py"
    # Another library's last bit may move a point by a tenth of a pixel.
    places = [list(map(float, NUMBER.findall(text))) for text in (made, kept)]
    assert places[0] == pytest.approx(places[1], abs=0.21)


def test_every_page_shows_a_plot_and_tells_in_words_what_it_shows():
    shown = []
    for page in sorted(FOLDER.glob("*.md")):
        plots = re.findall(r"!\[([^\]]*)\]\(([a-z-]+)\.svg\)", page.read_text(encoding="utf-8"))
        assert plots or page.name == "README.md", page.name
        assert all(len(words.split()) > 15 for words, _ in plots), page.name
        shown += [name for _, name in plots]
    assert sorted(shown) == sorted(PLOTS)


def test_the_list_names_every_page():
    listed = re.findall(r"\(([a-z-]+\.md)\)", (FOLDER / "README.md").read_text(encoding="utf-8"))
    assert sorted(listed) == sorted(file.name for file in FOLDER.glob("*.md") if file.name != "README.md")
