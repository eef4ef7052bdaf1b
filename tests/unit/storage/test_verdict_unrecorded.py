"""A copy that holds by itself, though no row has its digest: *unrecorded*, and every
forgery that must never become one."""

import random
import time
from datetime import timedelta
from hashlib import sha256

import pytest

from storage.domain.findings import Finding
from storage.domain.gate import compile_trust
from storage.domain.records import Records, Stored, settle
from storage.domain.verdict import VerdictCode, prefixes
from support.forgeries import FORGERIES
from support.forgeries.outsiders import OUTSIDERS
from support.forging.case import ends, flip, sound
from support.forging.copy import PINS, SIGNED_AT, good
from support.forging.order import ENTRY
from support.forging.pki import Stamping, ours, strangers, trust_document
from support.kept_copies import kept_copies
from support.settings import share
from support.verdicts import verdict_on

UNRECORDED, CHANGED = VerdictCode.UNRECORDED, VerdictCode.CHANGED
NOTHING = Records()


def judged(
    data,
    records=NOTHING,
    document=None,
):
    """The verdict when no row has a digest of this file."""
    trust = compile_trust(document or trust_document(ours(), PINS))
    found = prefixes(data)
    first = verdict_on(data, trust=trust)
    return settle(data, first, whole=found.whole, records=records, trust=trust)


def in_archive(archived, asked):
    """What the archive says of its object when it is asked for the file *asked*."""
    end = ends(asked)[2]
    begun = sha256(archived[:end]).hexdigest() if len(archived) >= end else ""
    return Stored(sha256(archived).hexdigest(), begun)


def test_a_true_copy_without_a_row_is_unrecorded():
    """Neither changed nor genuine: signed by us, whole, and not in our records."""
    verdict = judged(sound())
    assert (verdict.code, verdict.finding) == (UNRECORDED, Finding.NO_RECORD)
    assert verdict.entry == ENTRY
    assert verdict.alone is not None
    assert verdict.alone.number == "1180/2026"
    assert verdict.alone.passed.pages == 5
    assert verdict.alone.passed.seal_at == SIGNED_AT + timedelta(seconds=1)


@pytest.mark.parametrize("kept", kept_copies(), ids=str)
def test_each_kind_of_copy_holds_by_itself(kept):
    """Every level, layout and kind of image that was ever sealed: without its order it
    is unrecorded, with its order as well, and one bit of an image makes it changed."""
    alone = judged(kept.content, document=kept.trust)
    ordered = judged(kept.content, Records(order=kept.order), kept.trust)
    assert (alone.code, ordered.code) == (UNRECORDED, UNRECORDED)
    assert alone.entry == kept.order.entry
    stream = kept.content.index(b"stream\n") + 40
    assert judged(flip(kept.content, stream), document=kept.trust).code is CHANGED


def test_a_copy_that_was_ordered_and_never_archived_is_unrecorded():
    """Between the sealing and the archive, or halted there."""
    verdict = judged(sound(), Records(order=good().order))
    assert (verdict.code, verdict.finding) == (UNRECORDED, Finding.NO_RECORD)


def test_the_archive_has_these_bytes_and_the_row_is_lost():
    """It is not genuine: with its row the word of a withdrawal is lost, too."""
    records = Records(stored=in_archive(sound(), sound()))
    verdict = judged(sound(), records)
    assert (verdict.code, verdict.finding) == (UNRECORDED, Finding.ROW_MISSING)


def test_a_second_copy_of_one_number_says_so():
    """After a restore a number was given again: both are signed by us."""
    first = sound()
    again = good(approved_at=SIGNED_AT + timedelta(days=9)).order
    second = made(at=SIGNED_AT + timedelta(minutes=3))
    assert first != second
    records = Records(order=again, listed=True, stored=in_archive(second, first))
    verdict = judged(first, records)
    assert (verdict.code, verdict.finding) == (UNRECORDED, Finding.OTHER_COPY)
    unlisted = judged(first, Records(stored=in_archive(second, first)))
    assert unlisted.finding is Finding.OTHER_COPY


def test_the_second_copy_is_not_measured_by_the_order_of_the_first():
    """The register was restored, the archive was not: it knows the first order, and
    the second copy was sealed soon after."""
    archived = good().order.manifest[:1]
    first = good(manifest=archived)
    second = made(at=SIGNED_AT + timedelta(hours=2))
    records = Records(first.order, listed=True, stored=in_archive(b"first", second))
    verdict = judged(second, records)
    assert (verdict.code, verdict.finding) == (UNRECORDED, Finding.OTHER_COPY)


def made(**changes):
    """A good copy, signed at another hour."""
    copy = good()
    for signing in (copy.officer, copy.seal):
        for name, value in changes.items():
            setattr(signing, name, value)
        assert signing.stamping is not None
        signing.stamping = Stamping(copy.pki.tsa, signing.at + timedelta(seconds=1))
    return copy.write()


def without_store():
    return sound()[: ends(sound())[2]]


def other_ending():
    """One digit of the last trailer's second /ID: the gate lets it be any."""
    at = sound().rindex(b"/ID[<")
    at = sound().index(b"><", at) + 2
    other = b"0" if sound()[at : at + 1] != b"0" else b"1"
    return sound()[:at] + other + sound()[at + 1 :]


@pytest.mark.parametrize("change", [without_store, other_ending])
def test_an_unsigned_ending_that_was_changed_is_changed(
    change,
):
    """No signature covers the store: the archived copy shows that it was another."""
    data = change()
    records = Records(listed=True, stored=in_archive(sound(), data))
    assert judged(data, records).code is CHANGED


def test_a_lost_store_is_seen_by_the_order():
    """Without an order such a file looks like a lawful B-T copy: nothing that is
    signed was altered, so it is not called changed.
    """
    assert judged(without_store(), Records(order=good().order)).code is CHANGED
    assert judged(without_store()).code is UNRECORDED
    plain = good(level="B-T")
    plain.storing = None
    records = Records(order=plain.order)
    assert judged(plain.write(), records).code is UNRECORDED


def test_a_copy_of_a_forgotten_key_is_foreign():
    """What is no longer pinned proves nothing to us."""
    document = trust_document(ours(), PINS)
    only_officer = document.model_copy(update={"identities": document.identities[:1]})
    nobody = document.model_copy(update={"identities": ()})
    assert judged(sound(), document=nobody).code is VerdictCode.FOREIGN
    assert judged(sound(), document=only_officer).code is CHANGED
    stranger = good(strangers()).write()
    assert judged(stranger).code is VerdictCode.FOREIGN


HOLDS_BY_ITSELF = {"before the approval", "approved later"}
"""True copies of an order that we do not know: they were sealed outside its hours."""


DRAWN = random.Random(20261129).sample(FORGERIES, share(len(FORGERIES)))


@pytest.mark.parametrize("forgery", DRAWN, ids=str)
@pytest.mark.drawn
def test_no_forgery_is_genuine_or_unrecorded(forgery):
    """Nobody's file, with or without our keys, when the number was ordered. What the
    gate says of each one is in ``test_gate_forgeries``.
    """
    case = forgery.make()
    verdict = judged(case.data, Records(order=case.order), case.trust)
    expected = forgery.name in HOLDS_BY_ITSELF
    assert (verdict.code is UNRECORDED) == expected
    assert verdict.code is not VerdictCode.GENUINE


CUT_BACK = "store cut off"
"""Looks like a B-T copy: see ``test_a_lost_store_is_seen_by_the_order``."""


@pytest.mark.parametrize("forgery", OUTSIDERS, ids=str)
def test_what_is_altered_without_our_keys_never_holds(forgery):
    """Also when nothing is recorded: neither order, nor row, nor object."""
    case = forgery.make()
    verdict = judged(case.data, document=case.trust)
    assert (verdict.code is UNRECORDED) == (forgery.name == CUT_BACK)


def numerous():
    """The dialect's first bytes and table, and far too many objects."""
    body = b"%PDF-1.7\n%\xbf\xf7\xa2\xfe\n"
    return body + b"1 0 obj\nnull\nendobj\n" * 600_000 + b"startxref\n15\n%%EOF\n"


def test_a_hostile_file_in_our_dress_costs_little():
    """Objects are counted before one is read."""
    data = numerous()
    start = time.process_time()
    verdict = judged(data)
    spent = time.process_time() - start
    print(f"{len(data) >> 20} MiB, {spent:.2f} s")
    assert verdict.code is VerdictCode.FOREIGN
    assert spent < 5
