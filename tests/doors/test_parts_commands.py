"""A county's part carried on a stick, and two packages compared, as a person types them."""

import json
import sys
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import pytest

from tallybook.doors.cli import main

pytestmark = pytest.mark.slow

Run = Callable[..., tuple[int, str, str]]
LEE = ("--office", "county_superintendent", "--contest", "mayor", "--place", "lee")


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Type words; get exit code, output and errors, in an empty folder."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("TALLYBOOK_DATABASE", raising=False)
    monkeypatch.setenv("TALLYBOOK_HOME", "county")

    def typed(*words: str, home: str = "county") -> tuple[int, str, str]:
        monkeypatch.setenv("TALLYBOOK_HOME", home)
        monkeypatch.setattr(sys, "argv", ["tallybook", *words])
        with pytest.raises(SystemExit) as ended:
            main()
        told = capsys.readouterr()
        assert "Traceback" not in told.out + told.err
        return int(ended.value.code or 0), told.out, told.err

    return typed


@pytest.fixture
def two_books(run: Run) -> Run:
    """A county's book and the state's, of one election with two counties; the state's has an entry more."""
    ray = '\n[[places]]\nid = "ray"\nname = "Ray County"\nkind = "county"\n'
    election = run("book", "example")[1].replace("2026-11-03", "2020-11-03") + ray
    Path("election.toml").write_text(election, encoding="utf-8")
    Path("lee.csv").write_text("choice,votes\nash,60\nbirch,50\n", encoding="utf-8")
    for home in ("county", "state"):
        run("keys", "new", f"{home}.example/lee", home=home)
        assert run("book", "new", "election.toml", "--origin", f"{home}.example/lee", home=home)[0] == 0
    words = (
        "report_finding",
        "--office",
        "county_superintendent",
        "--place",
        "ray",
        "--set",
        "text=Elsewhere.",
    )
    assert run("book", "act", *words, home="state")[0] == 0
    return run


@pytest.fixture
def part(two_books: Run) -> Run:
    """The county's book has returns, a finding with a public and a sealed exhibit, its end, and a refusal."""
    run = two_books
    Path("log.txt").write_text("the scanner's log\n", encoding="utf-8")
    Path("names.txt").write_text("whom to ask\n", encoding="utf-8")
    run("book", "act", "report_unofficial_returns", *LEE, "--returns", "lee.csv", "--key", "r-1")
    at_lee = (*LEE[:2], "--place", "lee")
    filed = ("--exhibit", "log.txt", "--sealed", "names.txt")
    run("book", "act", "report_finding", *at_lee, "--set", "text=A card was late.", "--key", "f-1", *filed)
    ended = ("--set", "finding=2", "--set", "text=It is in.", "--key", "f-2")
    run("book", "act", "close_finding", *at_lee, *ended)
    assert run("book", "act", "order_recount", *LEE, "--key", "n-1")[0] != 0
    code, out, err = run("book", "export-part", "--place", "lee", "--out", "lee.part")
    assert code == 0, err
    assert "lee.part: 3 acts of Lee County" in out
    return run


def log_key(run: Run) -> str:
    return run("keys", "show", "--log")[1].strip()


def test_a_part_is_taken_in_whole_with_its_exhibits_and_its_numbers_turned(part: Run) -> None:
    code, out, _ = part("book", "import-part", "lee.part", "--log", log_key(part), home="state")
    assert (code, "signed by its log" in out, "3 entered." in out) == (0, True, True)
    entries = [json.loads(part("book", "show", "--entry", str(n), home="state")[1]) for n in (2, 3, 4)]
    assert [one["key"] for one in entries] == ["r-1", "f-1", "f-2"]
    assert entries[2]["detail"]["finding"] == 3  # 2 in the county's book
    assert entries[0]["detail"]["note"].startswith("Entry 1 of county.example/lee, received there at 20")
    assert entries[0]["detail"]["returns"] == {"votes": {"ash": 60, "birch": 50}}
    fingerprint = sha256(b"the scanner's log\n").hexdigest()
    assert entries[1]["exhibits"][0]["sha256"] == fingerprint
    assert (
        Path(f"state/exhibits/public/{fingerprint[:2]}/{fingerprint}").read_bytes() == b"the scanner's log\n"
    )


@pytest.mark.slow
def test_a_sealed_exhibit_can_be_opened_where_it_was_carried_to(part: Run) -> None:
    from tallybook.doors.home import home_at, opened
    from tallybook.keep.exhibits import read_sealed

    part("book", "import-part", "lee.part", home="state")
    entry = json.loads(part("book", "show", "--entry", "3", home="state")[1])
    committed = entry["exhibits"][1]["commitment"]
    _, data = read_sealed(opened(home_at(Path("state"))), b"another secret of the state's own 32", committed)
    assert data == b"whom to ask\n"


def test_twice_is_once(part: Run) -> None:
    part("book", "import-part", "lee.part", home="state")
    code, out, _ = part("book", "import-part", "lee.part", "--json", home="state")
    assert (code, [one["came"] for one in json.loads(out)["acts"]]) == (0, ["known"] * 3)
    assert json.loads(part("book", "list", "--json", home="state")[1]) == {"lee_2026": 5}
    code, out, _ = part("book", "import-part", "lee.part")
    assert (code, "3 entered before." in out) == (0, True)


def test_an_act_that_cannot_be_entered_is_told_and_stops_no_other(two_books: Run) -> None:
    run = two_books
    run("book", "act", "report_finding", *LEE[:2], "--set", "text=Of no place.", "--key", "f-0")
    ended = ("--set", "finding=1", "--set", "text=Done.", "--key", "f-9")
    run("book", "act", "close_finding", *LEE[:2], "--place", "lee", *ended)
    run("book", "act", "report_unofficial_returns", *LEE, "--returns", "lee.csv", "--key", "r-1")
    run("book", "export-part", "--place", "lee", "--out", "lee.part")
    code, out, _ = run("book", "import-part", "lee.part", home="state")
    assert (code, "1 entered." in out, "1 not entered." in out) == (2, True, True)
    assert "its finding names entry 1 of county.example/lee, which is not in this book" in " ".join(
        out.split()
    )


def test_a_changed_byte_another_key_and_another_election_are_refused(part: Run) -> None:
    data = bytearray(Path("lee.part").read_bytes())
    at = data.find(b"the scanner's log")
    data[at] ^= 1
    Path("odd.part").write_bytes(bytes(data))
    code, _, err = part("book", "import-part", "odd.part", home="state")
    assert (code, "Nothing was entered." in err) == (2, True)
    other = part("keys", "show", "--log", home="state")[1].strip()
    assert part("book", "import-part", "lee.part", "--log", other, home="state")[0] == 2
    election = Path("election.toml").read_text(encoding="utf-8").replace('id = "lee_2026"', 'id = "lee_2027"')
    Path("other.toml").write_text(election, encoding="utf-8")
    part("keys", "new", "third.example/lee", home="third")
    part("book", "new", "other.toml", "--origin", "third.example/lee", home="third")
    assert "of the election lee_2026" in part("book", "import-part", "lee.part", home="third")[2]


@pytest.mark.slow
def test_every_byte_of_a_part_is_checked(part: Run) -> None:
    """Every fifth byte of the file changed in one bit: none is taken for a part."""
    from tallybook.evidence.parts import read_part
    from tallybook.evidence.sources import open_zip
    from tallybook.merkle.errors import EvidenceError
    from tallybook.merkle.notes import parse_vkey

    key = parse_vkey(log_key(part))
    data = Path("lee.part").read_bytes()
    read_part(open_zip(data), key)
    for at in range(0, len(data), 5):
        odd = data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]
        with pytest.raises(EvidenceError):
            read_part(open_zip(odd), key)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--place", "nowhere", "--out", "x.part"), 'no place "nowhere"'),
        (("--place", "lee", "--out", "lee.part"), "is there already"),
    ],
)
def test_a_mistake_is_told(part: Run, words: tuple[str, ...], told: str) -> None:
    code, _, err = part("book", "export-part", *words)
    assert (code, told in err) == (2, True)


# Comparing ----------------------------------------------------------------------------------------


def test_a_later_package_of_the_same_book_continues_the_earlier(part: Run) -> None:
    part("package", "one.zip")
    assert part("compare", "one.zip", "one.zip")[:2] == (
        0,
        "The two packages hold the same book, entry by entry.\n",
    )
    part(
        "book", "act", "report_finding", *LEE[:2], "--place", "lee", "--set", "text=One more.", "--key", "f-3"
    )
    part("package", "two.zip")
    code, out, _ = part("compare", "one.zip", "two.zip")
    assert code == 1
    said = " ".join(out.split())
    assert "two.zip continues one.zip: the first" in said
    assert "open only in two.zip: One more." in said


def test_two_books_are_compared_act_by_act_and_vote_by_vote(part: Run) -> None:
    part("book", "import-part", "lee.part", home="state")
    Path("ray.csv").write_text("choice,votes\nash,30\nbirch,41\n", encoding="utf-8")
    ray = ("--office", "county_superintendent", "--contest", "mayor", "--place", "ray")
    part(
        "book", "act", "report_unofficial_returns", *ray, "--returns", "ray.csv", "--key", "r-2", home="state"
    )
    part("package", "county.zip")
    part("package", "state.zip", home="state")
    found = json.loads(part("compare", "county.zip", "state.zip", "--json")[1])
    said = [(one["about"], one["subject"]) for one in found]
    assert said[0] == ("history", "")
    assert ("statement", "mayor, unofficial, ray") in said
    assert not any(subject == "mayor, unofficial, lee" for _, subject in said)
    assert ("act", "r-2") in said
    (ray_votes,) = (one["says"] for one in found if one["about"] == "statement")
    assert ray_votes == "only in state.zip: birch 41, ash 30."


@pytest.mark.slow
def test_two_histories_of_one_origin_are_called_so(two_books: Run) -> None:
    import shutil

    run = two_books
    shutil.copytree("county", "fork")
    run("book", "act", "report_unofficial_returns", *LEE, "--returns", "lee.csv", "--key", "r-1")
    Path("lee.csv").write_text("choice,votes\nash,50\nbirch,60\n", encoding="utf-8")
    run("book", "act", "report_unofficial_returns", *LEE, "--returns", "lee.csv", "--key", "r-1", home="fork")
    run("package", "a.zip")
    run("package", "b.zip", home="fork")
    said = " ".join(run("compare", "a.zip", "b.zip")[1].split())
    assert "one origin, two histories: they part at entry 1." in said
    assert "another received, detail" in said or "another detail" in said
    assert "a.zip ash 60, birch 50; b.zip birch 60, ash 50 (ash -10, birch +10)." in said


def test_what_is_no_package_is_told(run: Run) -> None:
    Path("a.zip").write_bytes(b"no zip")
    code, _, err = run("compare", "a.zip", "a.zip")
    assert (code, "Nothing was compared." in err) == (2, True)
