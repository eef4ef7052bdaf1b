"""Nothing in /ID is left to choose from dialect 3 on (docs/dialect.md 11)."""

import re
from datetime import timedelta
from hashlib import sha256

import pytest

from signing.adapters.composer import compose
from signing.domain.copies import OrderedOriginal
from signing.domain.rope import MemoryOctets
from storage.domain.gate import Refused, compile_trust, gate, hold_alone
from support.authority import authority
from support.sealed import sealed_copy

PAIR = re.compile(rb"/ID ?\[<([0-9a-f]{32})><([0-9a-f]{32})>\]")


@pytest.fixture(scope="module")
def pki(tmp_path_factory):
    with authority(tmp_path_factory.mktemp("authority")) as served:
        yield served


@pytest.fixture(scope="module", params=["B-T", "B-LT", "B-LTA"])
def made(request, pki):
    return sealed_copy(pki, level=request.param)


def _refused(made, content, **order):
    """The reason, with the order and without it."""
    trust, digest = compile_trust(made.trust), sha256(content).hexdigest()
    with pytest.raises(Refused) as refused:
        gate(content, made.order.model_copy(update=order), trust, digest)
    return refused.value.reason


def _with(content, start, half):
    return content[:start] + half + content[start + len(half) :]


def test_each_second_half_is_known(made):
    """Those under a signature too: the shape is judged before any signature is."""
    pairs = list(PAIR.finditer(made.content))
    assert len({pair[1] for pair in pairs}) == 1
    assert len({pair[2] for pair in pairs}) == len(pairs)
    for pair in pairs:
        for chosen in (b"0" * 32, pairs[0][2], pairs[-1][2]):
            if chosen != pair[2]:
                bent = _with(made.content, pair.start(2), chosen)
                assert _refused(made, bent) == "trailer"


def test_the_first_half_is_known(made):
    """Changed in every trailer alike, with second halves that follow from it."""
    bent = made.content
    first = b"ab" * 16
    for pair in PAIR.finditer(made.content):
        before = re.compile(rb"/Prev (\d+)").search(
            made.content, pair.start() - 20, pair.start()
        )
        second = first
        if before is not None:
            named = bytes.fromhex(first.decode()) + b" " + before[1]
            second = sha256(named).hexdigest()[:32].encode()
        bent = _with(_with(bent, pair.start(1), first), pair.start(2), second)
    assert _refused(made, bent) == "trailer"


def test_a_copy_without_its_order_is_held_to_it_too(made):
    """The store's revision is under no signature: anybody could write there."""
    last = list(PAIR.finditer(made.content))[-1]
    bent = _with(made.content, last.start(2), b"0" * 32)
    trust = compile_trust(made.trust)
    with pytest.raises(Refused) as refused:
        hold_alone(bent, trust, sha256(bent).hexdigest())
    signed = made.order.level == "B-T"
    assert refused.value.reason == ("message-digest" if signed else "trailer")


def test_a_copy_that_was_composed_later_has_another_name(made):
    """The one that replaces it under the same number is another file."""
    original = OrderedOriginal(MemoryOctets(made.original), made.order.original.sha256)
    at = made.order.approved_at
    moments = (at, at, at + timedelta(seconds=1))
    drafts = [bytes(compose(original, made.order, now).content) for now in moments]
    first, same, later = (PAIR.search(draft)[1] for draft in drafts)
    assert first == same != later
