"""The plain-integer generator equals the installed numpy."""

import random
from itertools import islice

import numpy as np
import pytest

from tallybook.stats.errors import NumberError
from tallybook.stats.pcg64 import seed_words, uniforms, words

SEEDS = [0, 1, 2**32 - 1, 2**32, 2**128 - 1, 2**128, 2**160, 2**256 - 1, 2**300]
SEEDS += [random.Random(k).getrandbits(bits) for k in range(150) for bits in (31, 127, 129, 256)]


def test_the_words_equal_numpys_for_many_seeds():
    for seed in SEEDS:
        expected = [int(word) for word in np.random.PCG64(seed).random_raw(5)]
        assert list(islice(words(seed), 5)) == expected


def test_the_spread_of_the_seed_equals_numpys():
    for seed in SEEDS:
        expected = [int(word) for word in np.random.SeedSequence(seed).generate_state(4, np.uint64)]
        assert list(seed_words(seed)) == expected


def test_the_doubles_equal_numpys_far_along():
    expected = np.random.default_rng(20251112).random(5000)
    assert list(islice(uniforms(20251112), 5000)) == expected.tolist()


def test_a_negative_seed_is_answered_with_what_was_found():
    with pytest.raises(NumberError) as problem:
        next(words(-1))
    assert (problem.value.argument, problem.value.found) == ("seed", -1)
