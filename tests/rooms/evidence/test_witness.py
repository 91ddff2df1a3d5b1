"""A witness over HTTP or by file: every reply of C2SP tlog-witness, and a memory that never goes back."""

import threading

import pytest

from tallybook.evidence import disk, witness
from tallybook.evidence.signing import (
    cosign_text,
    log_key,
    merge_cosignatures,
    sign_checkpoint,
    verify_ed25519,
    witness_key,
)
from tallybook.merkle import tree
from tallybook.merkle.checkpoints import Checkpoint, parse_checkpoint, verify_cosignature
from tallybook.merkle.errors import EvidenceError
from tallybook.merkle.notes import format_signature_line
from tallybook.merkle.policy import parse_policy
from tallybook.merkle.witnessing import Request, Seen, format_request, parse_reply, parse_request
from tests.rooms.evidence.books import LOG, NOW, ORIGIN, POLICY, WITNESSES, book

ANN = WITNESSES[0]
BOOK = book(600)
LEAVES = [tree.leaf_hash(entry) for entry in BOOK]
NODE = tree.node_reader(LEAVES)


def signed(size, leaves=LEAVES, origin=ORIGIN, key=LOG):
    return sign_checkpoint(Checkpoint(origin, size, tree.root(leaves[:size])), key)


def ask(memory, body, path="/add-checkpoint", method="POST", time=NOW):
    logs = {ORIGIN: [LOG.verifier]}
    return witness.serve(method, path, body, memory=memory, logs=logs, key=ANN, time=time)


def grow(old, new):
    return witness.request_for(signed(new), old, NODE)


def test_a_witness_cosigns_a_book_that_grows(tmp_path):
    for old, new in [(0, 1), (1, 7), (7, 7), (7, 256), (256, 600)]:
        reply = ask(tmp_path / "memory", grow(old, new))
        assert (reply.status, reply.content_type) == (200, "text/plain; charset=utf-8")
        (line,) = parse_reply(reply.body)
        text = parse_checkpoint(signed(new))[1].text
        assert verify_cosignature(text, line, ANN.verifier, verify_ed25519).time == NOW
        assert witness.recall(tmp_path / "memory", ORIGIN) == Seen(new, tree.root(LEAVES[:new]))


def test_a_book_of_nothing_may_be_cosigned_only_with_the_empty_root(tmp_path):
    assert ask(tmp_path, grow(0, 0)).status == 200
    wrong = sign_checkpoint(Checkpoint(ORIGIN, 0, b"\1" * 32), LOG)
    assert ask(tmp_path, format_request(Request(0, (), wrong))).status in (409, 422)


def forked(size):
    other = [*LEAVES[:5], tree.leaf_hash(b"invented"), *LEAVES[6:]]
    return other, signed(size, other)


def request(old, proof, checkpoint):
    return format_request(Request(old, tuple(proof), checkpoint))


def replies():
    other, fork = forked(20)
    proof = tree.consistency_proof(NODE, 10, 20)
    stranger = sign_checkpoint(Checkpoint("other.example", 20, tree.root(LEAVES[:20])), log("other.example"))
    false_key = sign_checkpoint(Checkpoint(ORIGIN, 20, tree.root(LEAVES[:20])), log(ORIGIN))
    return {
        "an unknown origin": (request(10, proof, stranger), 404, ""),
        "not signed by the log": (request(10, proof, false_key), 403, ""),
        "old size above the new": (request(11, [], signed(10)), 400, ""),
        "old size not the stored one": (grow(9, 20), 409, "10\n"),
        "old size 0 again": (grow(0, 20), 409, "10\n"),
        "no proof": (request(10, [], signed(20)), 422, ""),
        "a wrong proof": (request(10, proof[::-1], signed(20)), 422, ""),
        "a fork": (request(10, tree.consistency_proof(tree.node_reader(other), 10, 20), fork), 422, ""),
        "another root at the same size": (request(10, [], forked(10)[1]), 409, "two different roots"),
        "no checkpoint": (b"old 10\n\n", 400, ""),
        "an old size with a zero before": (b"old 010\n\n" + signed(20), 400, ""),
        "not UTF-8": (b"old 10\n\n\xff\n", 400, ""),
        "nothing": (b"", 400, ""),
    }


def log(origin):
    return log_key(origin, b"k" * 32)


@pytest.mark.parametrize("name", replies())
def test_a_witness_refuses_and_remembers_nothing(tmp_path, name):
    assert ask(tmp_path, grow(0, 10)).status == 200
    body, status, words = replies()[name]
    reply = ask(tmp_path, body)
    assert reply.status == status
    assert words in reply.body.decode()
    assert (reply.content_type == "text/x.tlog.size") == (words == "10\n")
    assert witness.recall(tmp_path, ORIGIN).size == 10


def test_other_paths_and_methods_and_endless_bodies_are_refused(tmp_path):
    assert ask(tmp_path, b"", path="/").status == 404
    assert ask(tmp_path, b"", method="GET").status == 405
    assert ask(tmp_path, b"x" * (witness.MOST_BODY + 1)).status == 400


def test_a_witness_whose_disk_refuses_cosigns_nothing(tmp_path, monkeypatch):
    def rename(_, __):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(disk, "rename", rename)
    reply = ask(tmp_path, grow(0, 10))
    assert reply.status == 500
    assert "Nothing was cosigned" in reply.body.decode()
    assert reply.seen is None


def test_a_witness_with_a_damaged_memory_cosigns_nothing(tmp_path):
    ask(tmp_path, grow(0, 10))
    next(tmp_path.glob("*.seen")).write_bytes(b"torn")
    assert ask(tmp_path, grow(0, 20)).status == 500


def test_the_memory_is_durable_before_the_reply(tmp_path, monkeypatch):
    order = []
    for name in ("write", "sync_file", "rename", "sync_folder"):
        real = getattr(disk, name)
        monkeypatch.setattr(disk, name, lambda *a, name=name, real=real: (order.append(name), real(*a)))
    ask(tmp_path, grow(0, 10))
    assert order == ["write", "sync_file", "rename", "sync_folder"]


def test_of_many_requests_at_once_each_is_cosigned_after_what_it_continues(tmp_path):
    statuses = []

    def work(new):
        statuses.append((ask(tmp_path, grow(0, new)).status, new))

    threads = [threading.Thread(target=work, args=(new,)) for new in range(1, 31)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    cosigned = [new for status, new in statuses if status == 200]
    assert len(cosigned) == 1
    assert witness.recall(tmp_path, ORIGIN).size == cosigned[0]
    assert {status for status, _ in statuses} == {200, 409}


def test_a_request_reads_back_as_it_was_written():
    body = grow(10, 600)
    assert format_request(parse_request(body)) == body
    assert parse_request(body).old_size == 10


def line(key, size, time=NOW):
    text = parse_checkpoint(signed(size))[1].text
    return format_signature_line(cosign_text(text, key, time)).encode()


def test_cosignatures_are_merged_in_order_and_the_later_stays():
    policy = parse_policy(POLICY)
    first = merge_cosignatures(signed(10), [line(WITNESSES[2], 10), line(ANN, 10, NOW + 5)], policy)
    again = merge_cosignatures(first, [line(ANN, 10, NOW), line(WITNESSES[1], 10)], policy)
    names = [signature.name for signature in parse_checkpoint(again)[1].signatures]
    assert names == [ORIGIN, "ann.example", "ben.example", "cal.example"]
    assert int.from_bytes(parse_checkpoint(again)[1].signatures[1].payload[:8], "big") == NOW + 5


def test_a_reply_of_a_stranger_is_left_out_and_a_false_one_refused():
    policy = parse_policy(POLICY)
    stranger = witness_key("zoe.example", b"z" * 32)
    assert merge_cosignatures(signed(10), [line(stranger, 10)], policy) == signed(10)
    with pytest.raises(EvidenceError, match=r"cosignature of 'ann\.example'"):
        merge_cosignatures(signed(10), [line(ANN, 11)], policy)
    with pytest.raises(EvidenceError, match="not signed by a log key"):
        merge_cosignatures(sign_checkpoint(Checkpoint(ORIGIN, 1, LEAVES[0]), log(ORIGIN)), [], policy)
