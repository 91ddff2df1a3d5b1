"""The pure rooms stay pure, and the checker stands alone."""

import sys
from pathlib import Path

import pytest

from tests.house.ground import ROOT, name_of, with_suffix
from tests.house.purity import PURE_ROOMS, imported, offences

PURE_FILES = [file for room in PURE_ROOMS for file in with_suffix(".py", f"src/tallybook/{room}")]

BAD = {
    "import time": "imports time",
    "from os import environ": "imports os",
    "import random": "imports random",
    "import urllib.request": "imports urllib.request",
    "from urllib import request": "imports urllib",
    "from pathlib import Path": "imports pathlib for more than pure paths",
    "import pandas": "imports pandas, which no pure room admits",
    "from cryptography.hazmat import primitives": "imports cryptography.hazmat, which no pure room admits",
    "print('hello')": "uses print",
    "rows = open('manifest.csv')": "uses open",
    "say = print": "uses print",
    "import datetime\ndatetime.datetime.now()": "reads the clock: .now",
    "from datetime import date\ndate.today()": "reads the clock: .today",
    "import numpy as np\nnp.random.shuffle([1])": "rolls numpy's shared die: np.random.shuffle",
    "import numpy as np\nnp.random.default_rng()": "rolls a die without a seed: default_rng()",
    "import numpy as np\nnp.load('cards.npy')": "touches a file: np.load",
    "import sys\nsys.stderr.write('x')": "uses sys.stderr",
    "from concurrent import futures\nfutures.ThreadPoolExecutor(2)": (
        "uses ThreadPoolExecutor: an executor is an argument"
    ),
    "from concurrent.futures import ProcessPoolExecutor": (
        "imports ProcessPoolExecutor: an executor is an argument"
    ),
    "def f(p):\n    return p.read_text()": "touches a file: .read_text",
}
GOOD = [
    "import hashlib, json, csv, io, math, re, zipfile",
    "from urllib.parse import quote",
    "from pathlib import PurePosixPath",
    "from concurrent.futures import Executor",
    "import numpy as np\nnp.random.default_rng(20201103)",
    "import numpy as np\nnp.random.Generator(np.random.PCG64(7))",
    "from datetime import date\ndate.fromisoformat('2020-11-03')",
    "import msgspec, rfc8785",
    "from . import tally\nfrom tallybook.stats import draw",
    "import io\nio.BytesIO(b'').getvalue()",
    "def still_open(seats):\n    open = seats - 1\n    return open",
]


@pytest.mark.parametrize("source", BAD)
def test_the_reading_finds_what_a_pure_room_may_not_do(source: str) -> None:
    assert [told.partition(": ")[2] for told in offences(source)].count(BAD[source]) == 1


@pytest.mark.parametrize("source", GOOD)
def test_the_reading_lets_pure_things_pass(source: str) -> None:
    assert offences(source) == []


@pytest.mark.parametrize("file", PURE_FILES, ids=name_of)
def test_a_pure_room_reads_no_clock_rolls_no_die_and_opens_no_file(file: Path) -> None:
    assert offences(file.read_text(encoding="utf-8"), file.parent.name) == []


def test_a_library_admitted_to_one_room_is_admitted_to_no_other() -> None:
    assert offences("import lxml.etree", "formats") == []
    assert offences("import lxml.etree", "outcomes") == [
        "line 1: imports lxml.etree, which no pure room admits"
    ]


def test_every_room_is_either_pure_or_known_to_do_input_and_output() -> None:
    rooms = {file.parent.name for file in (ROOT / "src" / "tallybook").glob("*/__init__.py")}
    assert rooms - set(PURE_ROOMS) <= {"evidence", "keep", "doors"}


@pytest.mark.parametrize("file", with_suffix(".py", "src/tallycheck"), ids=name_of)
def test_the_checker_imports_the_standard_library_only(file: Path) -> None:
    assert imported(file.read_text(encoding="utf-8")) <= sys.stdlib_module_names | {"tallycheck"}


@pytest.mark.parametrize("file", with_suffix(".py", "src/tallybook"), ids=name_of)
def test_the_book_never_imports_its_checker(file: Path) -> None:
    assert "tallycheck" not in imported(file.read_text(encoding="utf-8"))


def test_the_reading_of_imports_sees_every_form() -> None:
    source = "import a.b, c as d\nfrom e.f import g\nfrom . import h\ndef i():\n    import j"
    assert imported(source) == {"a", "c", "e", "j"}
