"""The gate: good copies pass, each single defect is refused for its own reason."""

from hashlib import sha256

import pytest

from storage.domain.gate import Refused, compile_trust, gate
from support.forgeries import FORGERIES


def judged(case):
    trust = compile_trust(case.trust)
    try:
        gate(case.data, case.order, trust, sha256(case.data).hexdigest())
    except Refused as refused:
        return refused.reason
    return "passed"


@pytest.mark.parametrize("forgery", FORGERIES, ids=str)
def test_a_forgery_is_refused_for_its_own_reason(forgery):
    """One defect, one reason; the digest given is the forged file's own."""
    assert judged(forgery.make()) == forgery.reason
