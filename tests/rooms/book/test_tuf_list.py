"""The list of the TUF conformance suite's named cases, and the test that is the counterpart of each."""

# ruff: noqa: E501 - the list stands on one line each

from importlib import import_module

import pytest

from tests.rooms.book.test_tuf_cases import GRAPHS, ROTATIONS, SIGNINGS

HERE, OFFICERS = "tests.rooms.book.test_tuf_cases", "tests.rooms.book.test_officers"
PACKAGES, SIGNATURES = "tests.tallycheck.test_package_vectors", "tests.tallycheck.test_signatures"
VECTORS = "tests.doors.test_vectors"

COUNTERPARTS = {
    # The first trust, and an ordinary act after it.
    "test_basic_init_and_refresh": (OFFICERS, "test_an_act_of_a_post_with_keys_is_entered_when_the_post_has_signed_it"),
    "test_implicit_refresh": (PACKAGES, "test_the_example_passes_checks_1_to_3_as_folder_and_as_zip"),
    "test_invalid_initial_root": (OFFICERS, "test_a_weak_key_is_a_problem"),
    "test_unsigned_initial_root": (OFFICERS, "test_a_key_that_its_holder_did_not_prove_is_a_problem"),
    # The same version with another content: the same idempotency key.
    "test_timestamp_content_changes": (OFFICERS, "test_a_repeated_act_is_the_same_only_with_the_same_signatures"),
    "test_timestamp_eq_versions_check": (OFFICERS, "test_a_repeated_act_is_the_same_only_with_the_same_signatures"),
    # What is named by hash or number and is another: a changed exhibit, another size.
    "test_new_targets_hash_mismatch": (PACKAGES, "test_a_changed_example_fails_the_check_that_the_page_names"),
    "test_new_targets_version_mismatch": (PACKAGES, "test_a_changed_example_fails_the_check_that_the_page_names"),
    # Stricter: unknown fields are refused, not carried along.
    "test_custom_fields": (OFFICERS, "test_a_person_of_another_form_is_a_problem"),
    "test_wrong_hashing_algorithm": (OFFICERS, "test_a_person_of_another_form_is_a_problem"),
    "test_root_has_keys_but_not_snapshot": (HERE, "test_keys_of_the_keeper_do_not_count_for_a_post"),
    "test_snapshot_threshold": (HERE, "test_a_threshold_that_the_keys_cannot_meet_is_a_problem_when_it_is_set"),
    "test_duplicate_keys_root": (HERE, "test_one_key_under_many_names_counts_once"),
    # Keys do not expire, for an election outlasts no calendar; terms of seats do.
    "test_root_expired": (HERE, "test_a_term_that_has_ended_is_renewed_by_a_new_roster"),
    "test_snapshot_expired": (HERE, "test_a_term_that_has_ended_gives_no_vote"),
    "test_targets_expired": (HERE, "test_a_term_that_has_ended_gives_no_vote"),
    "test_expired_metadata": (HERE, "test_a_term_that_has_ended_is_renewed_by_a_new_roster"),
    "test_timestamp_expired": (HERE, "test_an_act_from_before_the_books_latest_moment_is_a_problem"),
    "test_delegated_targets_expired": (HERE, "test_a_term_that_was_over_when_it_was_entered_gives_no_vote"),
    "test_expired_local_delegated_targets": (HERE, "test_an_alternates_own_term_ends_for_itself"),
    "test_expired_local_delegated_targets_updates": (HERE, "test_a_term_that_has_ended_is_renewed_by_a_new_roster"),
    # Rollback: a book only grows, and whoever kept a checkpoint sees it.
    "test_simple_snapshot_rollback": (HERE, "test_an_old_set_of_keys_sent_again_is_answered_with_its_entry_and_changes_nothing"),
    "test_new_timestamp_version_rollback": (HERE, "test_an_act_from_before_the_books_latest_moment_is_a_problem"),
    "test_snapshot_rollback[basic]": (SIGNATURES, "test_an_old_checkpoint_of_another_history_is_refused"),
    "test_snapshot_rollback[with hashes]": (SIGNATURES, "test_a_package_has_grown_from_every_older_checkpoint_of_its_log"),
    "test_new_snapshot_version_mismatch": (PACKAGES, "test_a_changed_example_fails_the_check_that_the_page_names"),
    "test_targets_rollback[basic]": (SIGNATURES, "test_a_log_that_rewrites_an_entry_alone_lacks_its_witnesses"),
    "test_targets_rollback[with hashes]": (SIGNATURES, "test_a_log_that_rewrites_an_entry_alone_lacks_its_witnesses"),
    "test_new_targets_fast_forward_recovery": (HERE, "test_after_a_thief_has_gone_far_ahead_the_quorum_takes_the_post_back"),
    "test_new_snapshot_fast_forward_recovery": (HERE, "test_after_a_thief_has_gone_far_ahead_the_quorum_takes_the_post_back"),
    "test_new_timestamp_fast_forward_recovery": (HERE, "test_one_stolen_key_of_two_takes_nothing"),
    # Exhibits are named by their fingerprint.
    "test_client_downloads_expected_file": (PACKAGES, "test_the_example_passes_checks_1_to_3_as_folder_and_as_zip"),
    "test_client_downloads_expected_file_in_sub_dir": (PACKAGES, "test_the_example_passes_checks_1_to_3_as_folder_and_as_zip"),
    "test_repository_substitutes_target_file": (PACKAGES, "test_a_changed_example_fails_the_check_that_the_page_names"),
    "test_multiple_changes_to_target": (PACKAGES, "test_sampled_bit_flips_fail_the_lowest_check_whose_input_holds_them"),
    "test_static_repo[sigstore-root-signing]": (VECTORS, "test_the_checker_rejects_by_the_named_check_and_believes_the_good"),
    "test_static_repo[tuf-on-ci-0.11]": (VECTORS, "test_the_checker_rejects_by_the_named_check_and_believes_the_good"),
    **{f"test_unusual_role_name[{one}]": (HERE, "test_an_unusual_name_is_no_person_no_seat_no_post_and_no_key")
       for one in ("?", "#", "/delegatedrole", "../delegatedrole")},
    **{f"test_root_rotation[{one}]": (HERE, "test_a_post_changes_its_own_keys_under_the_old_and_the_new_threshold")
       for one in ROTATIONS if "," not in one},
    **{f"test_non_root_rotations[{one}]": (HERE, "test_a_post_acts_by_the_threshold_of_the_keys_that_the_keeper_has_set")
       for one in SIGNINGS if "," not in one},
    **{f"test_graph_traversal[{one}]": (HERE, "test_the_nearest_post_decides_and_no_other_speaks_for_it")
       for one in list(GRAPHS)[:10]},
    "test_graph_traversal[cyclic-graph]": (HERE, "test_power_does_not_go_in_a_circle"),
    "test_graph_traversal[two-roles-delegating-to-a-third]": (HERE, "test_of_two_ways_to_the_same_post_the_latest_set_counts"),
    **{f"test_targetfile_search[{one}]": (HERE, "test_the_nearest_post_decides_and_no_other_speaks_for_it")
       for one in list(GRAPHS)[10:]},
    "test_targetfile_search[targetpath is not delegated by all roles in the chain]": (
        HERE, "test_a_place_that_no_post_covers_does_nothing_where_the_law_asks_for_keys"),
}  # fmt: skip
"""Case of the suite (as read on 2026-11-21) -> the module and test that is its counterpart."""


@pytest.mark.parametrize(("module", "test"), sorted(set(COUNTERPARTS.values())))
def test_a_counterpart_that_the_list_names_is_there(module: str, test: str) -> None:
    assert callable(getattr(import_module(module), test))


def test_the_list_holds_every_case_of_the_suite() -> None:
    rotations = [one for one in COUNTERPARTS if one.startswith("test_root_rotation[")]
    signings = [one for one in COUNTERPARTS if one.startswith("test_non_root_rotations[")]
    graphs = [one for one in COUNTERPARTS if one.startswith("test_graph_traversal[")]
    searches = [one for one in COUNTERPARTS if one.startswith("test_targetfile_search[")]
    assert (len(rotations), len(signings), len(graphs), len(searches)) == (15, 10, 12, 5)
    # test_basic 9, test_keys 4, both expirations 8, test_rollback 10, downloads 4, names 4, static 2
    assert len(COUNTERPARTS) == 15 + 10 + 12 + 5 + 9 + 4 + 8 + 10 + 4 + 4 + 2
