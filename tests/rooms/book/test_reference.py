"""The reference of acts and entries is what the law files say, and what entries hold."""

from tests.rooms.book.audits import cards_of, compared
from tests.rooms.book.cells import PHASES, in_phase
from tests.rooms.book.test_outcomes import joint_session
from tests.rooms.book.test_phase_act import corrections, what_follows_in_georgia, whole_audit
from tools.acts import EFFECTS, OTHERS, PAGES, acts_page, entries_page, law_files
from tools.make_officers_vectors import good_book


def test_the_pages_are_made_from_the_law_files():
    """Run `python3 tools/acts.py` after a change of a law file."""
    assert (PAGES / "acts.md").read_text("utf-8") == acts_page(law_files())
    assert (PAGES / "entries.md").read_text("utf-8") == entries_page(law_files())


def test_the_results_of_entries_have_only_the_fields_that_the_reference_names():
    stories = (
        whole_audit(),
        corrections(),
        what_follows_in_georgia(),
        *(in_phase(phase) for phase in PHASES),
    )
    session = joint_session(table={"ga": {"ash": 270}}, vice_table={"ga": {"elm": 270}})
    session.ask("swear_in_senators", "us_senate", members={"d": 51, "r": 49}, seats=100)
    seen: dict[str, set[str]] = {}
    at = compared({"mayor": cards_of((60, ["ash"]), (20, ["birch"]))})
    at.round(), at.stop("mayor")
    for book in (*stories, session, good_book(), at.book):
        for entry in (one for one in book.entries if one.act and not one.refusal):
            effect = book.standing.law.acts[entry.act].effect
            seen.setdefault(effect, set()).update(entry.result.keys() - {"board"})
    for effect, fields in seen.items():
        assert fields <= set(EFFECTS[effect][1]), effect


def test_every_effect_and_every_entry_without_an_act_is_described():
    assert {act["effect"] for file in law_files() for act in file.get("acts", ())} == set(EFFECTS)
    assert {kind for kind, _ in OTHERS} == {
        "act_refused",
        "act_without_legal_effect",
        "runoff_arose",
        "runoff_withdrawn",
        "audit_reopened",
    }
