"""Levels: what the order says, neither less nor more, and every bit of it."""

import random
from hashlib import sha256

import pytest

from storage.domain.gate import Refused, compile_trust, gate
from support.forgeries.archival import Archived, other
from support.forging.copy import PINS, good
from support.forging.order import order
from support.forging.pki import ours, trust_document
from support.settings import share

FLIPS = 400
HEAD_DIGITS = 40


@pytest.fixture
def trust():
    return compile_trust(trust_document(ours(), PINS))


def order_at(level):
    return order(ours(), level=level)


def test_two_stamped_signatures_pass_where_no_more_was_ordered(trust):
    """B-T: three revisions, no store."""
    made = good()
    made.storing = None
    data = made.write()
    assert gate(data, order_at("B-T"), trust, sha256(data).hexdigest()).pages == 5


@pytest.mark.parametrize("archived", [Archived(), other()], ids=["known", "other"])
def test_a_stamped_store_passes(trust, archived):
    """B-LTA: five revisions; six when another authority stamped than the tokens'."""
    data = archived.write()
    passed = gate(data, order_at("B-LTA"), trust, sha256(data).hexdigest())
    assert data.count(b"startxref") == (6 if archived.wider else 5)
    assert passed.sha256 == sha256(data).hexdigest()


@pytest.mark.drawn
def test_a_bit_flipped_in_what_was_added_is_refused(trust):
    """Each bit where the document timestamp begins, which nothing signs, and 400 places
    from the store on; only the free half of the last /ID is left out.
    """
    data, chance = other().write(), random.Random(600)
    ends = [at for at in range(len(data)) if data.startswith(b"%%EOF\n", at)]
    free = data.rindex(b"]>>\nstartxref") - 1
    head = data.rindex(b"/Contents<") + len(b"/Contents<")
    places = [(at, bit) for at in range(head, head + HEAD_DIGITS) for bit in range(8)]
    places += [
        (chance.randrange(ends[2], len(data)), chance.randrange(8))
        for _ in range(share(FLIPS))
    ]
    for at, bit in places:
        if free - 32 <= at < free:
            continue
        edited = bytearray(data)
        edited[at] ^= 1 << bit
        with pytest.raises(Refused) as refused:
            gate(bytes(edited), order_at("B-LTA"), trust, sha256(edited).hexdigest())
        assert refused.value.reason != "unexpected", refused.value.detail
