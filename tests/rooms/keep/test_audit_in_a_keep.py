"""An audit by sample through the recorder: files that acts name are fetched, files that it makes are kept."""

import json
from hashlib import sha256

import pytest

from tallybook.book import Act, Checkpoint, Shelf, Standing
from tallybook.keep import (
    Recorder,
    check_book,
    derived_bytes,
    drop_derived,
    file_public,
    read_exhibit,
    rebuild,
)
from tallybook.keep import recorder as recording
from tallybook.keep.checkpoints import root_at
from tallybook.keep.exhibits import place
from tallybook.keep.faults import DamagedError, FullError
from tallybook.keep.opening import Keep
from tallybook.keep.recorder import Receipt
from tests.fakes.small_keep import BOOK, law_bytes, opening, returns, shelve, stopped_clock, stopped_steady

CARDS, SAMPLE = 5_000, 3_000


def asked(act: str, office: str, key: str, contest: str = "mayor", **more: object) -> Act:
    """An act on the contest, on election day."""
    return Act(act, office, "2026-11-03", "", key, contest=contest, **more)  # type: ignore[arg-type]


def with_checkpoint(keep: Keep) -> recording.Shelve:
    """What a door finds out about a checkpoint: here its text is only a size."""

    def found(act: Act, standing: Standing) -> Shelf:
        if act.act != "record_checkpoint":
            return shelve(act, standing)
        size = int(act.detail["checkpoint"])
        root = (root_at(keep, BOOK, size) or b"").hex()
        return Shelf(checkpoint=Checkpoint(size, root, True, True, True, root))

    return found


def to_the_draw(keep: Keep, recorder: Recorder) -> None:
    """Count, order, commit, witness, seed."""
    manifest = {"batches": [{"cards": CARDS, "id": "Early-1"}], "format": "tallybook/manifest/v1"}
    filed = file_public(keep, "manifest.json", [json.dumps(manifest, separators=(",", ":")).encode()])
    inputs = {"manifest": filed["sha256"], "sample": SAMPLE}
    secretary = "secretary_of_state"
    for act in (
        returns("counting"),
        asked("order_risk_limiting_audit", secretary, "order"),
        asked("commit_audit_inputs", secretary, "commit", detail=inputs, exhibits=(filed,)),
        asked("record_checkpoint", "record_keeper", "witnessed", contest="", detail={"checkpoint": "4"}),
        asked("record_seed", secretary, "seed", detail={"seed": "12345678901234567890"}),
    ):
        found = recorder.submit(act)
        assert isinstance(found, Receipt) and found.entry != "act_refused", found


@pytest.fixture
def audited(keep: Keep) -> Recorder:
    """A recorder whose book is ready for the draw."""
    recorder = Recorder(
        keep, BOOK, shelve=with_checkpoint(keep), clock=stopped_clock(), steady=stopped_steady()
    )
    recorder.submit(opening(keep))
    to_the_draw(keep, recorder)
    return recorder


DRAW = asked("draw_sample", "secretary_of_state", "draw")


def test_a_sample_too_long_for_an_entry_is_an_exhibit_on_file_before_the_receipt(
    keep: Keep, audited: Recorder
) -> None:
    drawn = audited.submit(DRAW)
    assert isinstance(drawn, Receipt) and drawn.entry == "sample_drawn"
    track = audited.standing().audits[("mayor", "")]
    data = read_exhibit(
        keep, sha256(json.dumps(list(track.sample), separators=(",", ":")).encode()).hexdigest()
    )
    assert len(json.loads(data)) == len(set(json.loads(data))) == SAMPLE
    assert check_book(keep, BOOK).exhibits == 4
    again = audited.submit(DRAW)
    audited.close()
    assert isinstance(again, Receipt) and (again.seq, again.repeated) == (drawn.seq, True)


def test_a_disk_that_fills_while_the_sample_is_written_records_no_draw(
    audited: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise FullError("The disk is full.")

    with monkeypatch.context() as patch:
        patch.setattr(recording, "put_file", full)
        with pytest.raises(FullError):
            audited.submit(DRAW)
    assert audited.standing().size == 6
    drawn = audited.submit(DRAW)
    audited.close()
    assert isinstance(drawn, Receipt) and (drawn.seq, drawn.repeated) == (6, False)


def test_the_standing_of_an_audit_is_rebuilt_from_entries_and_exhibits(keep: Keep, audited: Recorder) -> None:
    audited.submit(DRAW)
    standing, before = audited.standing(), derived_bytes(keep)
    audited.close()
    drop_derived(keep)
    assert rebuild(keep, BOOK).audits == standing.audits
    assert derived_bytes(keep) == before


def test_an_adopted_law_file_is_read_from_the_exhibits_also_after_a_restart(
    keep: Keep, audited: Recorder
) -> None:
    filed = file_public(keep, "model.toml", [law_bytes("model.toml"), b"\n# Corrected.\n"])
    adopt = asked(
        "adopt_law",
        "record_keeper",
        "adopt",
        contest="",
        detail={"law_file": filed["sha256"]},
        exhibits=(filed,),
    )
    found = audited.submit(adopt)
    audited.close()
    assert isinstance(found, Receipt) and found.entry == "law_adopted"
    again = Recorder(keep, BOOK)
    names = again.standing().law_files
    again.close()
    assert names[1] == filed["sha256"] == sha256(law_bytes("model.toml") + b"\n# Corrected.\n").hexdigest()


def test_a_damaged_law_file_stops_the_start_with_a_sentence(keep: Keep, audited: Recorder) -> None:
    audited.close()
    law = place(keep.folder / "public", sha256(law_bytes("model.toml")).hexdigest())
    law.write_bytes(law.read_bytes().replace(b"duty", b"done"))
    with pytest.raises(DamagedError, match=r"was changed\. Restore it"):
        Recorder(keep, BOOK)
