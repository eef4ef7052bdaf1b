"""No route of the public face answers 500, whatever stands in a request."""

import pytest

from bench import fuzz
from support.settings import share

REQUESTS = 2_000
"""``make bench ONLY=hard`` sends five times as many."""
SEED = 81


@pytest.mark.drawn
async def test_no_hostile_value_makes_a_500_or_an_answer_without_headers():
    """Every route, each parameter, header and body; the log has no trace either: what
    came through is counted as 599.
    """
    tally = await fuzz.storage(SEED, share(REQUESTS))
    assert tally.broken == []
    assert tally.bare == []
    assert tally.traces == []
    assert {200, 303, 400, 404, 405, 422} <= set(tally.statuses)


def test_the_same_seed_makes_the_same_requests():
    """A failure can be looked at again."""
    routes = [("GET", "/k/{code}"), ("POST", "/v1/verify")]
    first, again = fuzz.Fuzzer(1, routes), fuzz.Fuzzer(1, routes)
    assert [first.next() for _ in range(200)] == [again.next() for _ in range(200)]
