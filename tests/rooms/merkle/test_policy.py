"""Policies: who is counted, and what no policy may say."""

import itertools

import pytest

from tallybook.merkle.errors import EvidenceError
from tallybook.merkle.notes import COSIGNATURE, ED25519, VerifierKey, format_vkey
from tallybook.merkle.policy import parse_policy, quorum_met, witness_names


def key(name, kind=COSIGNATURE, seed=None):
    """A key whose public part is 32 bytes that no check minds; nothing here is signed."""
    return format_vkey(VerifierKey(name, kind, (seed or name).encode().ljust(32, b"\x07")))


LOG = f"log {key('log.example', ED25519)}\n"
XS = "".join(f"witness X{n} {key(f'x{n}.example')}\n" for n in (1, 2, 3))
YS = "".join(f"witness Y{n} {key(f'y{n}.example')}\n" for n in (1, 2, 3))
EXAMPLE = (
    LOG + "\n" + XS + "group X-witnesses 2 X1 X2 X3\n\n" + YS + "group Y-witnesses any Y1 Y2 Y3\n\n"
    "group X-and-Y all X-witnesses Y-witnesses\nquorum X-and-Y\n"
)
"""The example policy of C2SP tlog-policy, with keys."""


def test_the_example_of_the_specification_asks_two_of_x_and_one_of_y():
    policy = parse_policy(EXAMPLE)
    names = ["X1", "X2", "X3", "Y1", "Y2", "Y3"]
    for count in range(7):
        for signers in itertools.combinations(names, count):
            xs = sum(name[0] == "X" for name in signers)
            assert quorum_met(policy, signers) == (xs >= 2 and len(signers) > xs)


def test_every_m_of_n_is_met_by_m_and_not_by_fewer():
    for least in (1, 2, 3):
        policy = parse_policy(f"{XS}group board {least} X1 X2 X3\nquorum board\n")
        for count in range(4):
            assert quorum_met(policy, ["X1", "X2", "X3"][:count]) == (count >= least)


def test_one_witness_may_be_the_quorum_and_none_asks_nobody():
    assert quorum_met(parse_policy(XS + "quorum X2\n"), ["X2"])
    assert not quorum_met(parse_policy(XS + "quorum X2\n"), ["X1", "X3"])
    assert quorum_met(parse_policy("quorum none\n"), [])


def test_a_group_is_not_counted_by_claiming_its_name():
    policy = parse_policy(XS + "group board all X1 X2 X3\nquorum board\n")
    assert not quorum_met(policy, ["board", "X1"])


def test_comments_blanks_tabs_and_addresses_are_read():
    text = f"# ours\n \t\n\t{LOG.strip()}\thttps://log.example \n  witness w {key('w.example')} https://w.example\nquorum\tw\n"
    policy = parse_policy(text)
    assert [*policy.urls.values()] == ["https://log.example", "https://w.example"]
    assert policy.logs[0].name == "log.example"


def test_keys_are_found_by_their_names_in_the_policy():
    policy = parse_policy(EXAMPLE)
    assert witness_names(policy, [policy.witnesses["X2"], policy.logs[0]]) == {"X2"}


def test_officials_may_sign_with_note_keys_under_the_same_grammar():
    text = f"witness judge {key('judge', ED25519)}\nquorum judge\n"
    assert parse_policy(text, witness_kind=ED25519).witnesses["judge"].kind == ED25519
    with pytest.raises(EvidenceError, match="found a key of type 01"):
        parse_policy(text)


W = f"witness w {key('w.example')}\n"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "no quorum"),
        (W, "no quorum"),
        ("quorum none", "ended by line feeds"),
        ("quorum none\r\n", "control characters"),
        ("quorum none\x7f\n", "control characters"),
        ("quorum none\nquorum none\n", "one quorum line"),
        ("quorum\n", "one quorum line"),
        ("quorum a b\n", "one quorum line"),
        ("Quorum none\n", "one quorum line"),
        ("witness w\n", "one quorum line"),
        ("log\n", "one quorum line"),
        ("group g any\n", "one quorum line"),
        (f"{W.strip()} url more\nquorum none\n", "one quorum line"),
        ("quorum w\n" + W, "earlier line"),
        ("group g any w\n" + W + "quorum g\n", "earlier line"),
        ("group g any g\nquorum g\n", "earlier line"),
        (W + "group g any none\nquorum g\n", "earlier line"),
        (W + W.replace("witness w", "witness v") + "quorum none\n", "stands in the policy already"),
        (W + f"witness w {key('v.example')}\nquorum w\n", "not yet taken"),
        (W + "group w any w\nquorum w\n", "not yet taken"),
        (f"witness none {key('v.example')}\nquorum none\n", "not yet taken"),
        (W + "group g any w w\nquorum g\n", "member twice"),
        (W + "group g any w\ngroup h any w\nquorum g\n", "member twice"),
        (W + "group g 0 w\nquorum g\n", "threshold 0"),
        (W + "group g 2 w\nquorum g\n", "from 0 to 1"),
        (W + "group g 01 w\nquorum g\n", "from 0 to 1"),
        (W + "group g ١ w\nquorum g\n", "from 0 to 1"),
        (W + "group g most w\nquorum g\n", "from 0 to 1"),
        (f"log {key('l.example')}\nquorum none\n", "type 04; expected type 01"),
        (f"log {key('l', ED25519, 's')}\nwitness w {key('w', seed='s')}\nquorum w\n", "stands in the policy"),
        ("log nonsense\nquorum none\n", "policy, line 1: vkey"),
    ],
)
def test_a_policy_that_breaks_a_rule_is_refused(text, words):
    with pytest.raises(EvidenceError, match=words):
        parse_policy(text)
