"""The agency's seal, released or withheld by its keeper: each act in each state."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from ecopy.events import CertificationOrdered, Clause, CopyArchived
from intake.domain import ending, expecting, ordering, releasing
from intake.domain.certifications import Certification
from intake.domain.expecting import USUAL
from intake.domain.ordering import Mended
from intake.domain.people import Actor
from intake.domain.records import CaseDocument, Conflict, Paper
from intake.domain.states import NotAllowed, State
from support import build
from support.intake import AGENCY, house_rules

NOW = datetime(2026, 11, 23, 8, 40, tzinfo=UTC)
ENTRY = f"{AGENCY}/E/2026/1180"
RULES = house_rules()
VINH = Actor("vinh", "Phạm Quốc Vĩnh", AGENCY, officer="pham-quoc-vinh")
NGAN = Actor("ngan", "Đỗ Thu Ngân", AGENCY)
IDENTITIES = RULES.identities(VINH, NOW)
ACT = {"version": 7, "by": NGAN, "at": NOW + timedelta(minutes=5)}


def order(**changes):
    plain = {
        "at": NOW,
        "entry": ENTRY,
        "approved_at": NOW,
        "original": build.ref(),
        "manifest": (build.page(),),
        "document": {"kind": "diploma", "kind_name": "x", "title": "x", "pages": 1},
        "clause": Clause(
            template="clause/3",
            statement="Chứng thực",
            number="1180/2026",
            book="02/2026",
            date=date(2026, 11, 23),
        ),
        "officer": IDENTITIES.officer,
        "agency": IDENTITIES.agency,
        "code": "7K2F9MQX4TBD",
        "public_host": "https://hoaban.example",
        "link_token_sha256": build.digest(),
        "release": "manual",
    }
    return CertificationOrdered(**plain | changes)


def paper(state=State.TO_SEAL, **changes):
    return CaseDocument(
        id=f"{AGENCY}-261123-0001-1",
        case=f"{AGENCY}-261123-0001",
        agency=AGENCY,
        ordinal=1,
        paper=Paper("Bằng tốt nghiệp", "diploma", "x", 1),
        fee=2000,
        received_by="ha",
        state=state,
        version=7,
        changed_by="Phạm Quốc Vĩnh",
        changed_at=NOW,
        certification=Certification(ENTRY, "vinh", VINH.name, order(**changes)),
    )


def released(document=None, **changes):
    act = ACT | {"patience": USUAL} | changes
    return releasing.release(document or paper(), **act)


def withheld(document=None, text="chữ ký mờ", **changes):
    return releasing.withhold(document or paper(), text, **ACT | changes)


def test_a_release_orders_the_same_copy_under_the_next_revision():
    """Nothing of the words changes; keys may be used from then on, and news is due."""
    before = order()
    outcome = released()
    event = outcome.event
    assert (event.held, event.revision, event.released_at) == (False, 2, ACT["at"])
    same = {"id", "at", "revision", "released_at"}
    assert event.model_dump(exclude=same) == before.model_dump(exclude=same)
    after = outcome.document
    assert (after.state, after.version) == (State.REGISTERED, 8)
    assert after.certification.announce_at > ACT["at"]
    assert [n.action for n in outcome.notes] == ["seal-released"]


def test_what_is_withheld_is_its_certifiers_again():
    """Under the same number, without an event: no service has begun. They order it
    again, and it waits for the seal once more; or they declare it void.
    """
    outcome = withheld()
    assert outcome.event is None
    stuck = outcome.document
    setback = stuck.certification.setback
    assert (stuck.state, setback.reason, setback.detail) == (
        State.REGISTERED,
        "seal-withheld",
        "chữ ký mờ",
    )
    mended = Mended(RULES.agency(AGENCY), IDENTITIES, RULES.public_host)
    again = ordering.order_again(
        stuck, mended, version=8, by=VINH, at=NOW + timedelta(hours=1), patience=USUAL
    )
    assert (again.document.state, again.event.revision) == (State.TO_SEAL, 2)
    assert again.event.held
    assert again.event.approved_at == NOW + timedelta(hours=1)


@pytest.mark.parametrize("state", sorted(set(State) - {State.TO_SEAL}))
def test_nothing_else_is_released_or_withheld(state):
    """An act on a paper that does not wait for its seal changes nothing."""
    for act in (released, withheld):
        with pytest.raises(NotAllowed):
            act(paper(state))


def test_who_is_second_is_told_who_was_first():
    for act in (released, withheld):
        with pytest.raises(Conflict) as first:
            act(version=6)
        assert first.value.who == VINH.name


def test_withholding_needs_words():
    with pytest.raises(NotAllowed, match="withhold-text"):
        withheld(text=" ")


def test_an_approval_that_is_nearly_too_old_is_not_released():
    """Signing would halt it a moment later, after the keeper has gone."""
    last = NOW + releasing.APPROVAL_LASTS - releasing.ROOM
    assert released(at=last).event is not None
    with pytest.raises(NotAllowed, match="release-late"):
        released(at=last + timedelta(seconds=1))


def test_what_waits_for_its_seal_is_asked_of_nobody():
    """No service has it in hand, so none is late with news, however long it waits; and
    no certifier takes it from the keeper meanwhile.
    """
    waiting = releasing.waits_for_seal(paper(State.REGISTERED))
    assert waiting.state is State.TO_SEAL
    assert waiting.certification.announce_at is None
    assert not expecting.due(waiting.certification, NOW + timedelta(hours=9))
    assert ordering.stands_open_from(waiting, USUAL) is None
    plain = replace(
        paper(State.REGISTERED),
        certification=Certification(
            ENTRY, "vinh", VINH.name, order(release="automatic")
        ),
    )
    assert releasing.waits_for_seal(plain) is plain


def test_a_register_from_before_the_release_hears_of_the_copy():
    """It was put back from a backup: the archive's word counts."""
    archived = CopyArchived(at=NOW, entry=ENTRY, copy_ref=build.ref(), pages=2)
    assert ending.archived(paper(), archived).document.state is State.ISSUED
