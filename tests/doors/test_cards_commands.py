"""`tallybook cards`, `count` and `convert`, as a person types them: what they say, what they refuse."""

import csv
import dataclasses
import json
import sys
import zipfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

import pytest

from tallybook.doors import jurisdictions
from tallybook.doors.cli import main
from tests.generators import clear_ballot, dominion, ess, hart, world

pytestmark = pytest.mark.slow

Run = Callable[..., tuple[int, str, str]]
CITY = world.make(300)
COUNTY = world.make(200, seed=7)
RULES = "name = 'Test'\nmethod = 'ranked_choice'\n[count]\nuntil = 'two_remain'\n[ties]\nbreak_by = ['lot']\n"


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Type words in a folder with exports of every vendor; get exit code, output and errors."""
    monkeypatch.chdir(tmp_path)
    put(tmp_path / "dominion", dominion.json_export(CITY))
    put(tmp_path / "hart", hart.archives(CITY))
    exports = {"dominion.csv": dominion.csv_export(COUNTY), "ess.csv": ess.csv_export(CITY)}
    put(tmp_path, {**exports, "clear.csv": clear_ballot.csv_export(CITY), "rules.toml": RULES.encode()})

    def typed(*words: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["tallybook", *words])
        code = 0
        try:
            main()
        except SystemExit as ended:
            code = int(ended.code or 0)
        told = capsys.readouterr()
        assert "Traceback" not in told.out + told.err
        return code, told.out, told.err

    return typed


def put(folder: Path, files: dict[str, bytes]) -> None:
    for name, data in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)


def truth(of: world.World, race: str, hide_overvotes: bool = False) -> dict[str, int]:
    """The votes of a race without ranks, counted card by card from what the world put on them."""
    found: Counter[str] = Counter()
    (wanted,) = (one for one in of.races if one.name == race)
    for reading, cards in of.truth(hide_overvotes)[race].items():
        if not wanted.is_overvote(reading):
            for name, _ in reading:
                found[name] += cards
    return dict(found)


def votes(told: str) -> dict[str, int]:
    """The votes of a count in JSON, undeclared write-ins called as the world calls them."""
    tally = json.loads(told)["tally"]["votes"]
    return {world.WRITE_IN if name == "write_in" else name: number for name, number in tally if number}


@pytest.mark.parametrize("export", ["dominion", "ess.csv", "hart", "clear.csv"])
def test_every_vendors_export_is_counted_alike_from_the_store_and_directly(run: Run, export: str) -> None:
    code, out, err = run("cards", export, "--out", "kept")
    assert (code, err) == (0, ""), out
    assert "300 cards" in out
    stored = run("count", "kept", "--contest", "Measure 1", "--json")[1]
    assert votes(stored) == truth(CITY, "Measure 1")
    assert json.loads(run("count", export, "--contest", "measure  1", "--json")[1]) == json.loads(stored)


def test_one_export_may_be_named_too(run: Run) -> None:
    assert run("cards", "City=dominion", "--out", "kept")[0] == 0
    assert votes(run("count", "kept", "--contest", "Measure 1", "--json")[1]) == truth(CITY, "Measure 1")


def test_jurisdictions_add_up_and_are_told_apart(run: Run) -> None:
    assert run("cards", "City=dominion", "County=dominion.csv", "--out", "state")[0] == 0
    whole = run("count", "state", "--contest", "Sheriff", "--rules", "rules.toml", "--seed", "1", "--json")[1]
    assert json.loads(whole)["result"]["ballots"] == sum(
        int((of.codes["Sheriff"] > 0).sum()) for of in (CITY, COUNTY)
    )
    both = run("count", "state", "--contest", "Measure 2", "--by", "jurisdiction", "--json")[1]
    by = {name: {c: n for c, n in tally["votes"] if n} for name, tally in json.loads(both)["by"].items()}
    assert by == {"City": truth(CITY, "Measure 2"), "County": truth(COUNTY, "Measure 2")}
    assert votes(both) == dict(Counter(by["City"]) + Counter(by["County"]))


def test_precincts_add_up_in_every_round(run: Run) -> None:
    run("cards", "dominion", "--out", "kept")
    told = run("count", "kept", "--contest", "Sheriff", "--rules", "rules.toml", "--seed", "1",
               "--by", "precinct", "--json")[1]  # fmt: skip
    result = json.loads(told)
    assert len(result["by"]) > 1
    for place, one in enumerate(result["result"]["rounds"]):
        added: Counter[str] = Counter()
        for rounds in result["by"].values():
            added.update(dict(rounds[place]["votes"]))
        assert dict(added) == dict(one["votes"])


@pytest.mark.parametrize("place", ["dominion", "kept"])
def test_two_tabulators_batches_of_one_number_have_subtotals_of_their_own(run: Run, place: str) -> None:
    """A batch's number is its tabulator's only; fused, no batch of a manifest could be compared."""
    if place == "kept":
        run("cards", "dominion", "--out", "kept")
    told = run("count", place, "--contest", "Measure 1", "--by", "batch", "--json")[1]
    found = {name: {c: n for c, n in tally["votes"] if n} for name, tally in json.loads(told)["by"].items()}
    expected: dict[str, Counter[str]] = {}
    (race,) = (one for one in CITY.races if one.name == "Measure 1")
    for tabulator, batch, code in zip(CITY.tabulator, CITY.batch, CITY.codes["Measure 1"], strict=True):
        if code:
            of = expected.setdefault(f"{tabulator}-{batch}", Counter())
            reading = race.readings[code - 1]
            of.update([] if race.is_overvote(reading) else [name for name, _ in reading])
    assert found == {name: dict(of) for name, of in expected.items()}
    assert len({name.split("-")[0] for name in found}) > 1


def test_the_way_of_voting_is_called_mode_or_group(run: Run) -> None:
    by = [run("count", "dominion", "--contest", "Measure 1", "--by", word)[1] for word in ("mode", "group")]
    assert by[0] == by[1] and "Vote by Mail" in by[0]


def test_a_count_explains_itself_round_by_round_and_draws_itself(run: Run, tmp_path: Path) -> None:
    run("cards", "dominion", "--out", "kept")
    words = (
        "count",
        "kept",
        "--contest",
        "Sheriff",
        "--rules",
        "rules.toml",
        "--seed",
        "1",
        "--svg",
        "a.svg",
    )
    code, out, _ = run(*words)
    assert code == 0
    assert "Round 1" in out and "Round 2" in out and "Elected: " in out
    picture = ElementTree.parse(tmp_path / "a.svg")
    texts = "".join(picture.getroot().itertext())
    result = json.loads(run(*words[:-2], "--json")[1])["result"]
    for one in result["rounds"]:
        for name, number in one["votes"]:
            assert name in out and f"{number:,}" in out
            assert name in texts and f"{number:,}" in texts


def test_without_a_contest_the_contests_are_named(run: Run) -> None:
    run("cards", "dominion", "--out", "kept")
    assert [one["name"] for one in json.loads(run("count", "kept", "--json")[1])] == [
        r.name for r in CITY.races
    ]
    code, _, err = run("count", "kept", "--contest", "Mayer")
    assert code == 2
    assert "There is no contest 'Mayer' here. There are: Mayor;" in err


def test_problems_are_written_as_a_table_and_as_json(run: Run, tmp_path: Path) -> None:
    lines = (tmp_path / "dominion.csv").read_bytes().splitlines(keepends=True)
    (tmp_path / "twice.csv").write_bytes(b"".join([*lines, lines[-1]]))
    code, out, _ = run("cards", "twice.csv", "--out", "kept", "--problems", "found.csv")
    assert code == 0
    assert "200 cards" in out
    with (tmp_path / "found.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert any("more than once, read alike" in row["found"] and row["consequence"] == "COUNT" for row in rows)
    run("cards", "twice.csv", "--out", "again", "--problems", "found.json")
    told = json.loads((tmp_path / "found.json").read_text(encoding="utf-8"))
    assert [one["found"] for one in told] == [row["found"] for row in rows]


# One clear answer to bad input ---------------------------------------------------------------


def bad_inputs(folder: Path) -> None:
    put(folder / "junk", {"letter.txt": b"Dear clerk,\n"})
    (folder / "empty").mkdir()
    put(folder / "copy", dominion.json_export(CITY))
    with zipfile.ZipFile(folder / "whole.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in dominion.json_export(CITY).items():
            archive.writestr(name, data)
    whole = (folder / "whole.zip").read_bytes()
    (folder / "cut.zip").write_bytes(whole[: len(whole) // 2])
    renamed = tuple(dataclasses.replace(race, name=f"Other {race.name}") for race in COUNTY.races)
    codes = {f"Other {name}": column for name, column in COUNTY.codes.items()}
    other = dataclasses.replace(COUNTY, races=renamed, codes=codes)
    (folder / "other.csv").write_bytes(dominion.csv_export(other))


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["cut.zip"], "whole ZIP archive"),
        (["junk"], "no export of cast vote records"),
        (["empty"], "no export of cast vote records"),
        (["nowhere"], "There is no file or folder nowhere"),
        (["dominion", "dominion"], "dominion is named twice"),
        (["dominion", "copy"], "handed in the same cards"),
        (["dominion", "whole.zip"], "handed in the same cards"),
        (["City=dominion", "city=ess.csv"], "Two exports would both be called city"),
        (["dominion", "other.csv"], "shares no contest with the others"),
        ([".x=dominion"], "cannot be a jurisdiction's name"),
        (["dominion", "--problems", "found.txt"], "ends in .csv or .json"),
        (["dominion", "--cluster", "tcp://127.0.0.1:1"], "cluster"),
    ],
)
def test_bad_input_has_one_clear_answer_and_changes_nothing(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: list[str], told: str
) -> None:
    monkeypatch.setattr(jurisdictions, "PATIENCE", "200ms")
    bad_inputs(tmp_path)
    before = sorted(one.name for one in tmp_path.iterdir())
    code, out, err = run("cards", *words, "--out", "kept")
    assert code == 2
    assert told in " ".join((out + err).split())
    assert sorted(one.name for one in tmp_path.iterdir()) == before


def test_a_folder_that_exists_is_never_written_over(run: Run) -> None:
    assert run("cards", "dominion", "--out", "kept")[0] == 0
    code, _, err = run("cards", "dominion", "--out", "kept")
    assert code == 2
    assert "kept exists already. Nothing was changed" in err


def test_a_jurisdiction_that_is_missing_stops_the_count(run: Run, tmp_path: Path) -> None:
    run("cards", "City=dominion", "County=dominion.csv", "--out", "state")
    (tmp_path / "state" / "County" / "cards.json").rename(tmp_path / "away")
    code, _, err = run("count", "state", "--contest", "Mayor")
    assert code == 2
    assert "the cards of County are missing. Nothing is counted without them" in err


def test_a_ranked_contest_asks_for_its_rules(run: Run) -> None:
    code, _, err = run("count", "dominion", "--contest", "Sheriff")
    assert code == 2
    assert "--rules RULES.toml" in err


def test_rules_with_mistakes_are_told_and_nothing_is_counted(run: Run, tmp_path: Path) -> None:
    (tmp_path / "bad.toml").write_text("name = 'x'\nmethod = 'coin'\ncolour = 1\n", encoding="utf-8")
    code, out, err = run("count", "dominion", "--contest", "Sheriff", "--rules", "bad.toml")
    assert (code, out) == (2, "")
    assert "coin" in err and "colour" in err


def test_a_tie_waits_for_people_and_takes_their_decision(run: Run, tmp_path: Path) -> None:
    rows = ["1", "Contest,1,3,1,2,3,winner,1", "1,a,1,2", "1,b,2,1", "1,c,3"]
    (tmp_path / "tie.raire").write_text("\n".join(rows) + "\n", encoding="utf-8")
    (tmp_path / "people.toml").write_text("name = 'x'\nmethod = 'ranked_choice'\n", encoding="utf-8")
    words = ("count", "tie.raire", "--contest", "1", "--rules", "people.toml")
    out = run(*words)[1]
    assert "people must settle the tie of 1, 2, 3 in round 1" in out
    out = run(*words, "--decided", "1=3", "--decided", "2=2", "--record", "minutes of 12 November")[1]
    assert "Elected: 1." in out
    assert "minutes of 12 November" in out
    assert "no tie waits in round 9" in run(*words, "--decided", "9=3")[2]
    assert "expected ROUND=CHOICE" in run(*words, "--decided", "first=3")[2]


# Conversion ----------------------------------------------------------------------------------


@pytest.mark.parametrize("to", ["cdf-json", "cdf-xml", "rctab", "store"])
def test_records_survive_conversion(run: Run, to: str) -> None:
    made = ("--generated", "2026-11-21T12:00:00Z")
    assert run("convert", "dominion", "out", "--to", to, *made)[0] == 0
    contest = "Sheriff"
    words = ("--contest", contest, "--rules", "rules.toml", "--seed", "1", "--json")
    before, after = (json.loads(run("count", place, *words)[1])["result"] for place in ("dominion", "out"))
    assert after["elected"] == before["elected"]
    assert [dict(one["votes"]) for one in after["rounds"]] == [dict(one["votes"]) for one in before["rounds"]]


def test_ballots_with_faults_are_written_as_their_rules_read_them(run: Run, tmp_path: Path) -> None:
    """RAIRE's form has no overvote and no skipped rank; the count of what was written is the same."""
    words = ("convert", "dominion", "city.raire", "--contest", "Sheriff")
    code, _, err = run(*words)
    assert code == 2 and "Pattern" not in err
    assert "a ballot of" in err and "Apply the contest's rules to the ballots first" in err
    (tmp_path / "plain.toml").write_text("name = 'x'\nmethod = 'ranked_choice'\n", encoding="utf-8")
    assert run(*words, "--rules", "plain.toml")[0] == 0
    (known,) = json.loads(run("count", "city.raire", "--json")[1])
    last = []
    for place, contest in (("dominion", "Sheriff"), ("city.raire", known["id"])):
        out = run("count", place, "--contest", contest, "--rules", "plain.toml", "--json")[1]
        rounds = json.loads(out)["result"]["rounds"]
        last.append(sorted(n for name, n in rounds[-1]["votes"] if name != "write_in"))
    assert last[0] == last[1]
    waits = "name = 'x'\nmethod = 'ranked_choice'\n[ballot]\novervote = 'exhaust_if_any_continuing'\n"
    (tmp_path / "waits.toml").write_text(waits, encoding="utf-8")
    told = run("convert", "dominion", "no.raire", "--contest", "Sheriff", "--rules", "waits.toml")
    assert told[0] == 2 and "decides overvotes in the round" in told[2]


def test_what_a_count_depends_on_is_told_when_converting_too(run: Run) -> None:
    code, out, err = run("convert", "ess.csv", "out", "--to", "rctab")
    assert code == 0 and "out: 300 cards" in out
    assert "They were read as one contest with 2 votes" in err


def test_every_contest_is_published_in_a_folder_of_its_own(run: Run, tmp_path: Path) -> None:
    (tmp_path / "secret").write_bytes(bytes(range(32)))
    assert run("convert", "dominion", "public", "--to", "published", "--secret", "secret")[0] == 0
    assert sorted(one.name for one in (tmp_path / "public").iterdir()) == [str(n) for n in range(1, 10)]
    for folder in (tmp_path / "public").iterdir():
        head = json.loads((folder / "contest.json").read_text(encoding="utf-8"))
        assert head["cards"] == int((CITY.codes[head["contest"]["name"]] > 0).sum())
    assert "--secret names the file" in run("convert", "dominion", "more", "--to", "published")[2]
    (tmp_path / "secret").write_bytes(b"short")
    assert (
        "expected at least 32"
        in run("convert", "dominion", "x", "--to", "published", "--secret", "secret")[2]
    )


def test_published_cards_are_counted_by_anyone_as_the_office_counted_them(run: Run, tmp_path: Path) -> None:
    (tmp_path / "secret").write_bytes(bytes(range(32)))
    run("convert", "dominion", "public", "--to", "published", "--secret", "secret")
    listed = json.loads(run("count", "public", "--json")[1])
    assert [one["name"] for one in listed] == [race.name for race in CITY.races]
    assert votes(run("count", "public", "--contest", "Measure 1", "--json")[1]) == truth(CITY, "Measure 1")
    ranked = ("--contest", "Sheriff", "--rules", "rules.toml", "--seed", "1", "--json")
    before, after = (
        json.loads(run("count", place, *ranked)[1])["result"] for place in ("dominion", "public")
    )
    assert [one["votes"] for one in before["rounds"]] == [one["votes"] for one in after["rounds"]]
    assert "leave --by out" in run("count", "public", "--contest", "Measure 1", "--by", "precinct")[2]
    assert run("convert", "public", "again.csv", "--to", "rctab", "--contest", "Sheriff")[0] == 0
    assert "one by one" in run("convert", "public", "none.csv", "--to", "rctab")[2]
    codes = next(iter(sorted((tmp_path / "public").iterdir()))) / "codes.bin"
    codes.write_bytes(codes.read_bytes()[:-1])
    code, _, err = run("count", "public", "--contest", "Measure 1")
    assert code == 2 and "codes.bin" in err


def test_an_rctab_configuration_becomes_a_rules_file(run: Run, tmp_path: Path) -> None:
    config = {
        "outputSettings": {},
        "cvrFileSources": [],
        "candidates": [{"name": 'Ann "A"', "excluded": False}, {"name": "Bo", "excluded": True}],
        "rules": {
            "tiebreakMode": "useCandidateOrder",
            "overvoteRule": "exhaustImmediately",
            "winnerElectionMode": "singleWinnerMajority",
            "numberOfWinners": 1,
            "maxRankingsAllowed": "max",
            "maxSkippedRanksAllowed": 1,
            "rulesDescription": "City",
        },
    }
    config["rules"].update(  # type: ignore[attr-defined]
        tiebreakMode="Use candidate order in the config file",
        overvoteRule="Exhaust immediately",
        winnerElectionMode="Single-winner majority determines winner",
    )
    (tmp_path / "city.json").write_text(json.dumps(config), encoding="utf-8")
    code, _, err = run("convert", "city.json", "city.toml")
    assert code == 0, err
    text = (tmp_path / "city.toml").read_text(encoding="utf-8")
    assert text.startswith('name = "City"\nmethod = "ranked_choice"\n')
    assert "max_skipped = 1" in text and 'excluded = ["Bo"]' in text
    assert 'order = ["Ann \\"A\\"", "Bo"]' in text
    assert "exists already" in run("convert", "city.json", "city.toml")[2]


def test_a_format_that_is_not_known_names_those_that_are(run: Run) -> None:
    code, _, err = run("convert", "dominion", "out", "--to", "pdf")
    assert code == 2
    assert "cdf-json" in err


# Without DuckDB ------------------------------------------------------------------------------


def test_without_duckdb_an_export_is_counted_and_the_store_says_what_to_install(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tallybook.keep.cards import parquet

    with monkeypatch.context() as without:
        without.setitem(sys.modules, "duckdb", None)
        parquet._database.cache_clear()
        code, _, err = run("cards", "dominion", "--out", "kept")
        assert code == 2
        assert 'pip install "tallybook[cards]"' in err
        code, out, _ = run("count", "dominion", "--contest", "Measure 1", "--json")
        assert code == 0
        assert votes(out) == truth(CITY, "Measure 1")
    parquet._database.cache_clear()
