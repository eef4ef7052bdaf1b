"""Who acts next, in every state and for every reader: the same person, by name."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from intake.domain import boards, waiting
from intake.domain.board_filters import OPEN_STATES, WAITERS, BoardFilter
from intake.domain.boards import BoardCounts, BoardPage
from intake.domain.certifications import Standstill
from intake.domain.people import Actor, Role
from intake.domain.records import Case, Requester
from intake.domain.states import State
from intake.domain.summaries import Summary
from intake.web import create_renderer
from support.intake import AGENCY

NOW = datetime(2026, 11, 23, 8, 40, tzinfo=UTC)
HA, VINH = "Lò Thị Minh Hạ", "Phạm Quốc Vĩnh"
READERS = {
    "receiver": Actor("ha", HA, AGENCY, frozenset({Role.CLERK})),
    "other clerk": Actor("man", "Cao Xuân Mẫn", AGENCY, frozenset({Role.CLERK})),
    "certifier": Actor("vinh", VINH, AGENCY, frozenset({Role.CERTIFIER})),
    "other certifier": Actor("loc", "Hữu Lộc", AGENCY, frozenset({Role.CERTIFIER})),
    "administrator": Actor("long", "Bảo Long", AGENCY, frozenset({Role.ADMINISTRATOR})),
}
CASE = Case(
    code=f"{AGENCY}-261123-0001",
    agency=AGENCY,
    requester=Requester("person", "Đào", "cccd", "1", None, "0900000417", ""),
    channel="counter",
    privacy_at=NOW,
    received_by="ha",
    received_by_name=HA,
    received_at=NOW,
    complete_at=NOW,
    due_at=NOW + timedelta(hours=2),
    rule_set="TT226/2016",
    version=1,
    changed_by=HA,
    changed_at=NOW,
)
HALTED = Standstill("certificate-expired", "signing", NOW)
DELAYED = replace(HALTED, reason="tsa-unavailable", next_try_at=NOW)
WORDS = create_renderer().pages.words


def paper(state, **changes):
    plain = Summary(
        id=f"{CASE.code}-1",
        case=CASE.code,
        ordinal=1,
        title="Bằng tốt nghiệp",
        kind="diploma",
        state=state,
        declared_pages=2,
        pages=2,
        refused_files=0,
        flags=(),
        changed_at=NOW,
        received_by="ha",
        compared_by=None,
        brought_by=(),
        approved_by=None,
        approved_by_name=None,
        number=None,
        setback=None,
        issued_at=None,
    )
    return replace(plain, **changes)


def approved(state, setback=None):
    by = {"compared_by": "ha", "approved_by": "vinh", "approved_by_name": VINH}
    return paper(state, setback=setback, number="2/2026", **by)


CLERKS_TURN = {
    "scan": paper(State.RECEIVED, pages=0),
    "compare": paper(State.RECEIVED),
    "submit": paper(State.RECEIVED, compared_by="man"),
    "rescan": paper(State.RETURNED),
}
NOBODYS = {
    "release": approved(State.TO_SEAL),
    "machine": approved(State.REGISTERED),
    "machine, delayed": approved(State.REGISTERED, DELAYED),
    "machine, signed": approved(State.SIGNED),
    "none": paper(State.REFUSED),
    "none, held": paper(State.HELD),
    "none, not accepted": paper(State.NOT_ACCEPTED),
    "none, taken back": paper(State.TAKEN_BACK),
}


BOTH = waiting.Certifiers((READERS["certifier"], READERS["other certifier"]))
ONE = waiting.Certifiers((READERS["certifier"],))


def row_for(reader, *papers, certifiers=BOTH):
    return board_of(reader, *papers, certifiers=certifiers).groups[0].rows[0]


def board_of(reader, *papers, certifiers=BOTH):
    page, counts = BoardPage(((CASE, papers),)), BoardCounts({}, {}, 0, 0, 0, 0, None)
    asked = {"certifiers": certifiers, "asked": BoardFilter()}
    return boards.board(page, counts, READERS[reader], NOW, **asked)


def sentence(reader, *papers, lang="vi"):
    waits = row_for(reader, *papers).waits
    return WORDS[lang](f"waits.{waits.key}", who=waits.who)


@pytest.mark.parametrize("act", CLERKS_TURN)
@pytest.mark.parametrize("reader", READERS)
def test_a_clerks_turn_names_the_clerk_who_received(act, reader):
    """ "I" stands there for that one person; a colleague may act in her place."""
    waits = row_for(reader, CLERKS_TURN[act]).waits

    assert (waits.act, waits.who) == (act, HA)
    assert waits.mine is (reader == "receiver")
    assert waits.may is ("clerk" in reader or reader == "receiver")
    text = sentence(reader, CLERKS_TURN[act])
    assert text.startswith("Tôi" if reader == "receiver" else HA)
    english = sentence(reader, CLERKS_TURN[act], lang="en")
    assert english.startswith("Me:" if reader == "receiver" else HA)


@pytest.mark.parametrize("reader", READERS)
def test_an_approval_waits_for_the_role_where_several_may(reader):
    """No one certifier is known, so nobody reads "I"; each of them may."""
    waits = row_for(reader, paper(State.AWAITING, compared_by="ha")).waits

    assert waits.key == "certify-any"
    assert (waits.mine, waits.may) == (False, "certifier" in reader)


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize(
    ("hands", "certifiers"),
    [
        ({"compared_by": "ha"}, ONE),
        ({"compared_by": "loc"}, BOTH),
        ({"compared_by": "ha", "brought_by": ("loc",)}, BOTH),
    ],
    ids=["one", "own comparison", "own scan"],
)
def test_an_approval_names_the_only_one_who_may(reader, hands, certifiers):
    """The agency has one, or the other one compared the paper: she is expected."""
    awaiting = paper(State.AWAITING, **hands)
    waits = row_for(reader, awaiting, certifiers=certifiers).waits

    assert (waits.act, waits.who) == ("certify", VINH)
    assert waits.mine is waits.may is (reader == "certifier")
    text = WORDS["vi"](f"waits.{waits.key}", who=waits.who)
    assert text == ("Tôi duyệt" if reader == "certifier" else f"{VINH} duyệt")


def test_an_agency_may_let_the_comparer_certify():
    """The switch of the agency counts on the board as it does at the approval."""
    awaiting = paper(State.AWAITING, compared_by="loc")
    alone = replace(BOTH, alone=True)

    assert not row_for("other certifier", awaiting).waits.may
    assert row_for("other certifier", awaiting, certifiers=alone).waits.may


@pytest.mark.parametrize("reader", READERS)
def test_a_halted_copy_names_the_certifier_who_approved(reader):
    """Any certifier may order it again; the one who approved reads "I"."""
    waits = row_for(reader, approved(State.REGISTERED, HALTED)).waits

    assert (waits.act, waits.who) == ("mend", VINH)
    assert waits.mine is (reader == "certifier")
    assert waits.may is ("certifier" in reader)


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("what", NOBODYS)
def test_the_machines_turn_and_an_end_name_nobody(what, reader):
    """No button, no name, no "I"."""
    waits = row_for(reader, NOBODYS[what]).waits

    assert (waits.who, waits.mine, waits.may) == ("", False, False)
    assert waits.act == what.partition(",")[0]
    assert "ôi" not in sentence(reader, NOBODYS[what])


@pytest.mark.parametrize("reader", READERS)
def test_an_issued_copy_has_its_link_ready(reader):
    """Handing over is not recorded, so no act is waited for and none is offered."""
    waits = row_for(reader, approved(State.ISSUED)).waits

    assert (waits.act, waits.may) == ("link", False)
    assert (HA in sentence(reader, approved(State.ISSUED))) is (reader != "receiver")


@pytest.mark.parametrize("reader", READERS)
def test_only_who_may_open_a_case_gets_a_link_to_it(reader):
    """The administrator's board leads to no page that answers 403."""
    view = board_of(reader, paper(State.RECEIVED))

    assert view.may_open is (reader != "administrator")


def test_a_stopped_paper_speaks_before_the_others_of_its_case():
    """What a person must mend is not hidden behind a paper that is still scanned."""
    both = (paper(State.RECEIVED), approved(State.REGISTERED, HALTED))

    assert row_for("receiver", *both).waits.act == "mend"
    assert row_for("receiver", *both).stuck.why.next_try_at is None


@pytest.mark.parametrize(
    ("late_by", "pace"),
    [
        (timedelta(seconds=59), "usual"),
        (timedelta(seconds=61), "slow"),
        (timedelta(minutes=59), "slow"),
        (timedelta(minutes=61), "overlong"),
    ],
)
def test_a_wait_is_called_usual_only_while_it_is(late_by, pace):
    """After a minute nobody says "usually under 5 seconds"; after an hour call."""
    assert waiting.pace(NOW - late_by, NOW) == pace


def test_a_try_whose_hour_is_over_is_not_promised():
    """ "Tries again at 08:38" is no news at 08:40."""
    past = replace(DELAYED, next_try_at=NOW - timedelta(minutes=2))
    ahead = replace(DELAYED, next_try_at=NOW + timedelta(minutes=2))

    assert row_for("receiver", approved(State.REGISTERED, past)).stuck.missed
    assert not row_for("receiver", approved(State.REGISTERED, ahead)).stuck.missed


def test_every_open_case_waits_for_exactly_one():
    """A state that is in no group would be found by none of them."""
    grouped = [state for group in WAITERS.values() for state in group]
    assert sorted(grouped) == sorted(OPEN_STATES)
