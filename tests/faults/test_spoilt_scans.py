"""Two hundred spoilt files of every kind: a page, or a refusal with its reason."""

from corpus.mutated import SEEDS
from support.fuzzing import tallied

EACH = 7
"""Spoilt files of each seed; other numbers than in the unit tests and the bench."""


async def test_no_spoilt_file_ends_a_worker():
    tally = await tallied(range(2_000_000, 2_000_000 + EACH * len(SEEDS)))
    assert tally.failures == []
    assert sum(tally.outcomes.values()) == EACH * len(SEEDS)
