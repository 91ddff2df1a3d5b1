"""Officers on the command line: a key, a proof, signatures, and an act that the book accepts or not."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

ORIGIN = "elections.example/lee"
KEEPER = ("--office", "record_keeper", "--on", "2020-11-04")


@pytest.fixture
def run(run: Callable[..., tuple[int, str, str]]) -> Callable[..., str]:
    """Type words; what was said, with the exit code that is expected."""

    def typed(*words: str, code: int = 0) -> str:
        ended, out, err = run(*words)
        assert ended == code, out + err
        return out + err

    return typed


def keys_of(public: str) -> str:
    return "keys=" + json.dumps([{"person": "p1", "public_key": public}])


def test_a_key_is_made_once_and_its_public_half_is_shown(run, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    first = json.loads(run("officer", "key", "ann.key", "--json"))
    assert len(first["public_key"]) == 64
    assert json.loads(run("officer", "key", "ann.key", "--json")) == first
    assert (tmp_path / "ann.key").stat().st_mode & 0o077 == 0
    assert first["public_key"] not in (tmp_path / "ann.key").read_text()


def test_a_proof_is_only_of_a_key_that_the_set_lists(run) -> None:  # type: ignore[no-untyped-def]
    run("officer", "key", "ann.key")
    keys = keys_of("00" * 32)
    run(
        "officer",
        "draft",
        "rotate_keys",
        *KEEPER,
        "--set",
        "threshold=1",
        "--set",
        keys,
        "--out",
        "keys.json",
    )
    told = run(
        "officer", "prove", "keys.json", "--person", "p1", "--key", "ann.key", "--origin", ORIGIN, code=2
    )
    assert "does not list p1 with the key" in told


def test_an_office_with_keys_is_heard_by_its_signatures_only(run, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    public = json.loads(run("officer", "key", "ann.key", "--json"))["public_key"]
    election = run("book", "example").replace("2026-11-03", "2020-11-03")
    (tmp_path / "election.toml").write_text(election.replace('state = "model"', 'state = "model_officers"'))
    run("keys", "new", ORIGIN)
    run("book", "new", "election.toml", "--origin", ORIGIN)
    keys = keys_of(public)
    run(
        "officer",
        "draft",
        "rotate_keys",
        *KEEPER,
        "--set",
        "threshold=1",
        "--set",
        keys,
        "--out",
        "keys.json",
    )
    assert "the new key's signature of the whole set" in run("book", "act", "keys.json", code=2)
    run("officer", "prove", "keys.json", "--person", "p1", "--key", "ann.key", "--origin", ORIGIN)
    run("book", "act", "keys.json")
    run("officer", "draft", "file_exhibit", *KEEPER, "--set", "text=A note.", "--out", "note.json")
    assert "expected 1 of 1 persons" in run("book", "act", "note.json", code=2)
    run("officer", "sign", "note.json", "--person", "p1", "--key", "ann.key", "--origin", "another.example/x")
    assert "a valid signature of this act by this key" in run("book", "act", "note.json", code=2)
    run("officer", "sign", "note.json", "--person", "p1", "--key", "ann.key", "--origin", ORIGIN)
    assert "filed an exhibit" in run("book", "act", "note.json")
    (row,) = json.loads(run("officer", "posts", "--json"))["keys"]
    assert (row["office"], row["must_sign"], row["persons"]) == ("record_keeper", "1 of 1", "p1")


def test_a_claim_is_listed_with_what_the_record_says(run, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    election = run("book", "example").replace("2026-11-03", "2020-11-03")
    (tmp_path / "election.toml").write_text(election.replace('state = "model"', 'state = "model_officers"'))
    run("keys", "new", ORIGIN)
    run("book", "new", "election.toml", "--origin", ORIGIN)
    said = ("--set", "text=A card was not counted.", "--set", "source=A letter", "--set", "dated=2020-11-04")
    run("book", "act", "enter_claim", "--office", "candidate", *said)
    assert json.loads(run("book", "claims", "--json"))[0]["answer"] == "not answered yet"
    answer = ("--set", "claim=1", "--set", "answer=record_shows", "--set", "text=See the opening.")
    assert "must name what in the record bears" in run(
        "book", "act", "answer_claim", "--office", "record_keeper", *answer, code=1
    )
    run("book", "act", "answer_claim", "--office", "record_keeper", *answer, "--set", "entries=[0]")
    (row,) = json.loads(run("book", "claims", "--json"))
    assert (row["answer"], row["rests_on"]) == ("record shows: See the opening.", "entry 0")
    assert "See the opening." in run("book", "claims")
