"""Links of one copy as the desk gives and closes them, and what it hears of them."""

import itertools
import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from ecopy.events import LinkGranted, LinkReported, LinkRevoked, LinkVisits
from ecopy.link_events import factor_hmac
from intake.domain import handing, linking, numbers
from intake.domain.certifications import Way
from intake.domain.link_records import ClosingGround, RenewalGround
from intake.domain.people import Actor, Role
from intake.domain.records import Conflict, Requester
from intake.domain.states import NotAllowed, State
from support.issued import issued_paper

HA = Actor("ha", "Lò Thị Minh Hạ", "H99.42.05.13", frozenset({Role.CLERK}))
KEY = b"k" * 32
NOW = datetime(2026, 11, 23, 8, 40, tzinfo=UTC)
PAPER = issued_paper()
REQUESTER = Requester(
    "person", "Đào", "cccd", "000203 004417", None, "0900 00 04 17", ""
)
ENTRY = PAPER.certification.entry


def renewed(document, *, days=30, version=None):
    return linking.renew(
        document,
        RenewalGround.LOST,
        days,
        version=document.version if version is None else version,
        by=HA,
        at=NOW,
        link_key=KEY,
    )


def closed(document, version=None):
    return linking.close(
        document,
        ClosingGround.LEAKED,
        version=document.version if version is None else version,
        by=HA,
        at=NOW,
    )


def report(generation=1, opened=0, fetched=0, **changes):
    facts = {"at": NOW, "entry": ENTRY, "generation": generation, "expires_at": NOW}
    for what, count in (("opened", opened), ("fetched", fetched)):
        if count:
            last = NOW + timedelta(minutes=count)
            facts[what] = LinkVisits(count=count, first_at=NOW, last_at=last)
    return LinkReported(**facts | changes)


def heard(document, *facts):
    for fact in facts:
        document = linking.reported(document, fact).document
    return document


def test_a_renewal_is_the_next_generation_with_its_digest():
    """To the end of the last day, with who and why; of the token only its digest."""
    outcome = renewed(PAPER, days=7)
    token = numbers.link_token(KEY, ENTRY, 2)
    assert outcome.event == LinkGranted(
        id=outcome.event.id,
        at=NOW,
        entry=ENTRY,
        generation=2,
        link_token_sha256=numbers.token_sha256(token),
        expires_at=datetime(2026, 11, 30, 17, tzinfo=UTC),
    )
    (note,) = outcome.notes
    assert (note.action, note.values) == ("link-renewed", {"nth": 2, "ground": "lost"})
    certified = outcome.document.certification
    assert (certified.link_generation, certified.link_pending) == (2, True)
    assert token not in repr(outcome)


def test_a_renewed_link_is_handed_over_anew():
    """The board waits for it, though the one of before was given."""
    (given,) = handing.hand_over(
        [PAPER], [Way.SCREEN], versions={PAPER.id: 7}, by=HA, at=NOW
    )
    assert not renewed(given.document).document.link_given


def test_a_closed_link_is_not_handed_over_and_can_be_renewed():
    """Closed twice it is closed once; the original may still be given back."""
    outcome = closed(PAPER)
    assert isinstance(outcome.event, LinkRevoked)
    assert outcome.event.generation == 1
    document = outcome.document
    assert closed(document, version=0).document is document
    versions = {document.id: document.version}
    with pytest.raises(NotAllowed, match="link-is-closed"):
        handing.hand_over([document], [Way.SLIP], versions=versions, by=HA, at=NOW)
    handing.hand_over([document], [Way.ORIGINAL], versions=versions, by=HA, at=NOW)
    assert renewed(document).document.certification.link_closed is None


@pytest.mark.parametrize("act", [renewed, closed])
def test_links_are_of_issued_copies_and_of_the_newest_form(act):
    """A stale form is told who was first."""
    with pytest.raises(Conflict):
        act(PAPER, version=PAPER.version - 1)
    for state in set(State) - {State.ISSUED}:
        with pytest.raises(NotAllowed):
            act(replace(PAPER, state=state))


def test_links_are_given_for_some_days_and_some_times():
    """No day beyond what the archive keeps, and no endless row of links."""
    with pytest.raises(NotAllowed, match="link-days"):
        renewed(PAPER, days=365)
    many = issued_paper(link_generation=linking.MOST)
    with pytest.raises(NotAllowed, match="link-most"):
        renewed(many)


def test_reports_in_any_order_and_any_number_of_times_are_one_report():
    """The largest counts, the first and the last moments; the first opening and the
    first fetch are lines of the audit, once.
    """
    facts = [
        report(opened=1),
        report(opened=4, fetched=1),
        report(opened=9, fetched=2, revoked_at=NOW),
        report(2, opened=3),
    ]
    expected = heard(PAPER, *facts).certification
    for order in itertools.permutations(facts):
        document, notes = PAPER, []
        for fact in (*order, random.Random(repr(order)).choice(facts)):
            outcome = linking.reported(document, fact)
            document = outcome.document
            notes += [note.action for note in outcome.notes]
        assert document.certification == expected
        assert sorted(notes) == ["link-fetched", "link-opened", "link-opened"]
    assert expected.link_generation == 2
    assert [r.opened.count for r in expected.link_reports] == [9, 3]


def test_a_report_is_no_act_of_a_person():
    """Forms that stand open at the desk stay good while a citizen opens the link."""
    after = heard(PAPER, report(opened=1))
    assert (after.version, after.changed_by) == (PAPER.version, PAPER.changed_by)


def test_a_desk_that_came_from_a_backup_gives_no_generation_twice():
    """Storage knows a third link that this desk has forgotten: the next is a fourth."""
    outcome = renewed(heard(PAPER, report(3)))
    assert outcome.event.generation == 4


def test_the_page_waits_for_the_word_of_the_public_face():
    """Until it has answered, the link of before still opens the copy."""
    after = renewed(PAPER).document
    assert heard(after, report(1, opened=1)).certification.link_pending
    after = heard(after, report(2))
    assert not after.certification.link_pending
    after = closed(after).document
    assert heard(after, report(2, opened=1)).certification.link_pending
    assert not heard(after, report(2, revoked_at=NOW)).certification.link_pending


@pytest.mark.parametrize(
    ("kind", "digits"), [("phone", "0417"), ("id", "4417")], ids=["phone", "id"]
)
def test_a_question_is_keyed_with_the_links_own_token(kind, digits):
    """The last digits of what the requester gave, and never these digits themselves."""
    asked = linking.question(REQUESTER, kind)
    assert asked.digits == digits
    outcome = linking.renew(
        PAPER,
        RenewalGround.GUARDED,
        30,
        version=PAPER.version,
        by=HA,
        at=NOW,
        link_key=KEY,
        question=asked,
    )
    token = numbers.link_token(KEY, ENTRY, 2)
    assert outcome.event.factor.answer_hmac == factor_hmac(token, kind, digits)
    assert digits not in repr((outcome.document, outcome.notes))


def test_too_few_digits_ask_nothing():
    """A passport of letters, or no telephone."""
    for kind, empty in (("phone", {"phone": ""}), ("id", {"id_number": "ABC 12"})):
        with pytest.raises(NotAllowed, match=f"link-digits-{kind}"):
            linking.question(replace(REQUESTER, **empty), kind)
