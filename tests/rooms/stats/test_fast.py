"""The compiled loops give what the plain ones give: run plain here, and compiled where numba is."""

import hashlib
import importlib.util
import random

import numpy as np
import pytest

from tallybook.stats import draws, fast
from tallybook.stats.errors import NumberError

PREFIX = draws.ticket_prefix("31415926535897932384")
NO_NUMBA = importlib.util.find_spec("numba") is None  # looked for, not loaded: loading takes a second


def kernels():
    """The plain function, and the compiled one; without numba that is skipped. Compiling is slow."""
    missing = pytest.mark.skipif(NO_NUMBA, reason="the fast extra (numba) is not installed")
    return [
        pytest.param(False, id="plain"),
        pytest.param(True, id="compiled", marks=[missing, pytest.mark.slow]),
    ]


def kernel(function, is_compiled):
    return fast.compiled(function) if is_compiled else function


def leading(names, is_compiled):
    """The first 64 bits of every ticket, by the loops under test. Words of 32 bits run over, as they must."""
    with np.errstate(over="ignore"):
        return fast.leading_by([kernel(loop, is_compiled) for loop in fast.LOOPS], PREFIX, names)


def test_the_constants_are_those_of_fips_180_4():
    # Sections 4.2.2 and 5.3.3 of the standard.
    assert [int(v) for v in fast.START] == [
        0x6A09E667, 0xBB67AE85, 0x3C6EF372, 0xA54FF53A, 0x510E527F, 0x9B05688C, 0x1F83D9AB, 0x5BE0CD19,
    ]  # fmt: skip
    assert [int(fast.ROUND[k]) for k in (0, 1, 31, 62, 63)] == [
        0x428A2F98, 0x71374491, 0x14292967, 0xBEF9A3F7, 0xC67178F2,
    ]  # fmt: skip


@pytest.mark.parametrize("is_compiled", kernels())
def test_every_length_of_name_is_hashed_as_hashlib_does(is_compiled):
    rng = random.Random(5)
    sizes = [*range(1, 140), 500, 4095, 4096] if is_compiled else [1, 9, 73]
    names = ["".join(rng.choice("aZ0 é\U0001f5f3") for _ in range(size)) for size in sizes if size < 1000]
    names += ["x" * size for size in sizes] + ["place\nbox\n7"]
    found = leading(names, is_compiled)
    wanted = [int.from_bytes(hashlib.sha256(PREFIX + name.encode()).digest()[:8], "big") for name in names]
    assert found.tolist() == wanted


@pytest.mark.parametrize("is_compiled", kernels())
@pytest.mark.parametrize(
    "bad", ["", "a\x01", "a\x7f", "a\0b", "\n", "a\n", "\nb", "a\n\nb", "x" * 4097, "\ud800"]
)
def test_a_bad_name_is_left_to_the_plain_way(is_compiled, bad):
    assert leading([bad], is_compiled) is None


def test_few_names_are_not_worth_a_compiler():
    assert fast.leading_words(PREFIX, ["one", "two"]) is None


def pretend_fast(monkeypatch):
    """The fast way with hashlib in the kernel's place, so that it is tested also without numba."""
    monkeypatch.setattr(
        draws,
        "leading_words",
        lambda prefix, names: np.array(
            [int.from_bytes(hashlib.sha256(prefix + n.encode()).digest()[:8], "big") for n in names],
            dtype=np.uint64,
        ),
    )


def test_the_fast_way_draws_what_the_plain_way_draws(monkeypatch):
    names = [f"box {k // 50}\n{k % 50 + 1}" for k in range(700)]
    seed = "31415926535897932384"
    sizes = (0, 1, 2, 37, 699, 700)
    plain = [draws.draw_without_replacement(seed, names, n) for n in sizes], draws.ticket_order(seed, names)
    pretend_fast(monkeypatch)
    assert [draws.draw_without_replacement(seed, names, n) for n in sizes] == plain[0]
    assert draws.ticket_order(seed, names).tolist() == plain[1].tolist()


def test_the_fast_way_refuses_a_repeated_name(monkeypatch):
    pretend_fast(monkeypatch)
    for draw in (lambda names: draws.draw_without_replacement("3" * 20, names, 1),
                 lambda names: draws.ticket_order("3" * 20, names)):  # fmt: skip
        with pytest.raises(NumberError) as problem:
            draw(["one", "two", "one"])
        assert (problem.value.argument, problem.value.found) == ("items", "one")


@pytest.mark.skipif(NO_NUMBA, reason="the fast extra (numba) is not installed")
@pytest.mark.slow
def test_a_large_list_is_drawn_alike_with_and_without_the_compiler(monkeypatch):
    names = [f"Batch {k // 200}\n{k % 200 + 1}" for k in range(fast.WORTHWHILE)]
    found = draws.draw_without_replacement("31415926535897932384", names, 500)
    order = draws.ticket_order("31415926535897932384", names)
    monkeypatch.setattr(draws, "leading_words", lambda *_: None)
    assert found == draws.draw_without_replacement("31415926535897932384", names, 500)
    assert order.tolist() == draws.ticket_order("31415926535897932384", names).tolist()
