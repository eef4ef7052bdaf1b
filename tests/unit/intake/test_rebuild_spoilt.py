"""Spoilt files of every kind: each a page, or a refusal with its reason.

``tests/faults`` has more of them, and ``make bench ONLY=desk`` two thousand.
"""

import pytest

from corpus.mutated import SEEDS, mutated, seed
from support.fuzzing import tallied
from support.rebuilding import rebuilt
from support.settings import share

EACH = share(4)
"""Spoilt files of each seed."""


@pytest.mark.drawn
async def test_a_spoilt_file_is_taken_or_refused_with_its_reason():
    """No worker dies, and nothing is an exception of ours."""
    tally = await tallied(range(1_000_000, 1_000_000 + EACH * len(SEEDS)))
    assert tally.failures == []
    assert sum(tally.outcomes.values()) == EACH * len(SEEDS)


def test_a_number_is_always_the_same_file():
    """A failure that is told by its number can be looked at again."""
    assert [mutated(n) for n in (7, 5, 7)][::2] == [mutated(7)] * 2


@pytest.mark.parametrize("name", ["soft-mask.pdf", "jbig2.pdf", "mpo.jpg", "every.tif"])
def test_the_seeds_are_good_files(name, tmp_path):
    """What is spoilt was whole before."""
    assert rebuilt(seed(name), tmp_path).pages
