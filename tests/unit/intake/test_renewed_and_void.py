"""A number that stands still comes to its end: asked for again, renewed by the machine,
ordered again or declared void by a person. Each act in each state, written out by hand.
"""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from ecopy.events import (
    CertificationClosed,
    CertificationHalted,
    CertificationOrdered,
    CertificationVoided,
    Clause,
    CopyArchived,
    CopySealed,
    SignatureSummary,
)
from ecopy.refusals import Hindrance, Reason
from intake.domain import ending, expecting, following, ordering, voiding
from intake.domain.certifications import Certification, Standstill, Voiding
from intake.domain.expecting import USUAL, Patience
from intake.domain.ordering import Mended
from intake.domain.people import Actor
from intake.domain.records import CaseDocument, Conflict, Paper
from intake.domain.register import RegisterNote
from intake.domain.states import NotAllowed, State
from support import build
from support.intake import AGENCY, house_rules

NOW = datetime(2026, 11, 23, 8, 40, tzinfo=UTC)
ENTRY = f"{AGENCY}/E/2026/1180"
RULES = house_rules()
HOA_BAN = RULES.agency(AGENCY)
VINH = Actor("vinh", "Phạm Quốc Vĩnh", AGENCY, officer="pham-quoc-vinh")
LOC = Actor("loc", "Trần Hữu Lộc", AGENCY, officer="pham-quoc-vinh")
IDENTITIES = RULES.identities(VINH, NOW)
FIRST, SECOND, THIRD = (build.digest(text) for text in (b"1", b"2", b"3"))
VOID_WORD = Voiding("vinh", VINH.name, NOW, "hỏng khóa ký", 2)


def minutes(n):
    return timedelta(minutes=n)


ONE, TEN = NOW + minutes(1), NOW + minutes(10)


def order(**changes):
    plain = {
        "at": NOW,
        "entry": ENTRY,
        "approved_at": NOW,
        "original": build.ref(),
        "manifest": (build.page(),),
        "document": {"kind": "diploma", "kind_name": "x", "title": "x", "pages": 1},
        "clause": Clause(
            template="clause/2",
            statement="Chứng thực",
            number="1180/2026",
            book="02/2026",
            date=date(2026, 11, 23),
        ),
        "officer": IDENTITIES.officer,
        "agency": IDENTITIES.agency,
        "code": "7K2F9MQX4TBD",
        "public_host": "https://hoaban.example",
        "link_token_sha256": FIRST,
    }
    return CertificationOrdered(**plain | changes)


def paper(state=State.REGISTERED, **changes):
    certified = None
    early = {State.DRAFT, State.RECEIVED, State.SUPPLEMENT}
    if state not in early | {State.AWAITING, State.RETURNED}:
        plain = {
            "entry": ENTRY,
            "approved_by": "vinh",
            "approved_by_name": VINH.name,
            "order": order(),
            "announce_at": NOW + minutes(2),
        }
        certified = Certification(**plain | changes)
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
        changed_by="Cao Xuân Mẫn",
        changed_at=NOW,
        certification=certified,
    )


def refused(digest=FIRST, revision=1, **changes):
    plain = {
        "at": NOW + minutes(1),
        "entry": ENTRY,
        "stage": "storage",
        "revision": revision,
        "reason": Reason.COPY_REFUSED,
        "detail": "copy-missing",
        "copy_sha256": digest,
    }
    return CertificationHalted(**plain | changes)


def sealed(content=b"1", revision=1):
    one = SignatureSummary(
        role="officer",
        subject_name="x",
        issuer_name="y",
        serial="1",
        certificate_sha256=FIRST,
        signed_at=NOW,
        tsa_name="t",
        level="B-LT",
    )
    return CopySealed(
        at=NOW,
        entry=ENTRY,
        revision=revision,
        copy_ref=build.ref(content, "copies"),
        signatures=(one, one),
    )


def archived(content=b"1", pages=2):
    return CopyArchived(
        at=NOW, entry=ENTRY, copy_ref=build.ref(content, "archive"), pages=pages
    )


def hear(document, fact, now=ONE):
    match fact:
        case CopySealed():
            return following.sealed(document, fact, USUAL)
        case CopyArchived():
            return ending.archived(document, fact)
        case CertificationHalted():
            return following.halted(document, fact, now, USUAL)
        case CertificationClosed():
            return ending.closed(document, fact)
        case _:
            return following.delayed(document, fact, USUAL)


def heard(document, *facts):
    for fact in facts:
        document = hear(document, fact).document
    return document


def order_again(document, at=TEN, version=7, **changes):
    agency = replace(HOA_BAN, **changes)
    return ordering.order_again(
        document,
        Mended(agency, IDENTITIES, "https://khac.example"),
        version=version,
        by=VINH,
        at=at,
        patience=USUAL,
    )


def void(document, at=TEN, reason="hỏng khóa ký", by=VINH, version=7):
    return voiding.void(document, reason, version=version, by=by, at=at, patience=USUAL)


def closed(revision=2):
    return CertificationClosed(at=NOW + minutes(11), entry=ENTRY, revision=revision)


TABLE = """
state       archived  closed  refused-copy  halted  order-again  void
draft       -         -       -             -       no           no
received    -         -       -             -       no           no
supplement  -         -       -             -       no           no
awaiting    -         -       -             -       no           no
returned    -         -       -             -       no           no
toseal      issued    -       -             -       no           no
registered  issued    -       registered    halted  registered   voiding
signed      issued    -       registered    halted  registered   voiding
voiding     issued    void    -             -       no           no
issued      -         -       -             -       no           no
void        -         -       -             -       no           no
refused     -         -       -             -       no           no
held        -         -       -             -       no           no
notaccepted -         -       -             -       no           no
leftback    -         -       -             -       no           no
merged      -         -       -             -       no           no
"""
"""``-``: nothing changes; ``no``: not allowed; ``halted``: the state stays, and a
person must act."""
ACTS = {
    "archived": lambda document: hear(document, archived(b"issued")),
    "closed": lambda document: hear(document, closed()),
    "refused-copy": lambda document: hear(document, refused()),
    "halted": lambda document: hear(document, refused(None)),
    "order-again": order_again,
    "void": lambda document: void(document, reason="khác"),
}
ROWS = [line.split() for line in TABLE.strip().splitlines()]


def standing(state):
    """A paper of that state as it comes about."""
    changes = {}
    if state in {State.VOIDING, State.VOID}:
        changes["voiding"] = VOID_WORD
    if state is State.ISSUED:
        digest = build.ref(b"issued", "archive").sha256
        changes |= {"copy_sha256": digest, "issued_at": NOW}
    if state is State.VOID:
        changes["other_sha256"] = build.ref(b"issued", "archive").sha256
    document = paper(state, **changes)
    without = {State.REFUSED, State.HELD, State.MERGED}
    ended_before = state in without | {State.NOT_ACCEPTED, State.TAKEN_BACK}
    return replace(document, certification=None) if ended_before else document


def test_the_table_has_every_state():
    """Whoever adds a state says here what becomes of it."""
    assert sorted(row[0] for row in ROWS[1:]) == sorted(State)
    assert set(ROWS[0][1:]) == set(ACTS)


@pytest.mark.parametrize("row", ROWS[1:], ids=lambda row: row[0])
def test_each_act_in_each_state(row):
    """As written in the table, and nothing else."""
    document = standing(State(row[0]))
    for act, expected in zip(ROWS[0][1:], row[1:], strict=True):
        if expected == "no":
            with pytest.raises(NotAllowed):
                ACTS[act](document)
            continue
        after = ACTS[act](document).document
        if expected == "-":
            assert after is document, act
        elif expected == "halted":
            assert after.state is document.state, act
            assert after.certification.setback.reason == Reason.COPY_REFUSED
        else:
            assert after.state == expected, act


# --- renewed by the machine ----------------------------------------------------------


def test_a_refused_copy_is_ordered_anew_by_the_machine():
    """The same words under the next revision, in place of that copy; nobody acts."""
    document = heard(paper(), sealed())
    outcome = hear(document, refused(), now=NOW + minutes(3))
    before, after = document.certification.order, outcome.event
    moved = {"id", "at", "revision", "replaces"}
    assert after.model_dump(exclude=moved) == before.model_dump(exclude=moved)
    assert (after.revision, after.replaces) == (2, FIRST)
    assert after.at == NOW + minutes(3)
    assert after.id != before.id
    certified = outcome.document.certification
    assert outcome.document.state is State.REGISTERED
    assert (certified.order, certified.setback) == (after, None)
    assert (certified.sealed_at, certified.sealed_sha256) == (None, None)
    (line,) = outcome.notes
    assert (line.action, line.actor) == ("renewed", "")
    assert line.values["sha256"] == FIRST


def test_the_third_refused_copy_is_a_persons():
    """Twice by the machine; then it halts with the digest, and a person's order names
    it.
    """
    document = heard(paper(), refused(FIRST), refused(SECOND, 2))
    assert document.certification.order.revision == 3
    outcome = hear(document, refused(THIRD, 3))
    assert outcome.event is None
    stopped = outcome.document.certification
    assert (stopped.setback.copy_sha256, stopped.announce_at) == (THIRD, None)
    ordered = order_again(outcome.document, at=NOW + minutes(1)).event
    assert (ordered.revision, ordered.replaces) == (4, THIRD)


def test_the_same_refusal_again_renews_nothing():
    """Redelivered, or of an order since renewed: it is about a revision that does not
    hold.
    """
    once = heard(paper(), refused())
    assert hear(once, refused()).document is once


def test_a_clock_that_goes_ahead_dates_no_order():
    """The new order has this service's moment: one of storage's, years ahead, would
    make every later delay old news.
    """
    ahead = refused(at=NOW + timedelta(days=14))
    assert hear(paper(), ahead).event.at == NOW + minutes(1)


def test_a_halt_without_a_copy_is_a_persons():
    """Signing's own, and storage's where it refused no bytes."""
    for stage in ("signing", "storage"):
        outcome = hear(paper(), refused(None, stage=stage))
        assert outcome.event is None
        assert outcome.document.certification.setback.stage == stage


def called_old(**changes):
    fact = refused(None, stage="signing", reason=Reason.APPROVAL_TOO_OLD)
    return hear(paper(**changes), fact).document


def test_an_approval_that_a_wrong_clock_called_old_is_ordered_anew():
    """Looked at once more after the usual pause, when the clock may be right again: the
    same words, the same approval, the next revision.
    """
    outcome = expecting.repeated(called_old(), NOW + minutes(5), USUAL)
    assert outcome.event.revision == 2
    assert outcome.event.approved_at == NOW
    assert outcome.event.replaces is None
    certified = outcome.document.certification
    assert (certified.setback, certified.renewals) == (None, 1)
    assert certified.announce_at == NOW + minutes(7)
    assert [line.action for line in outcome.notes] == ["renewed"]


@pytest.mark.parametrize(
    ("after", "renewals"), [(timedelta(hours=73), 0), (minutes(5), 2)]
)
def test_an_approval_that_is_old_waits_for_a_person(after, renewals):
    """Also one that was ordered anew twice: then it is no passing mistake."""
    document = called_old(renewals=renewals)
    outcome = expecting.repeated(document, NOW + after, USUAL)
    certified = outcome.document.certification
    assert outcome.event is None
    assert certified.setback.reason == Reason.APPROVAL_TOO_OLD
    assert certified.announce_at is None


# --- ordered again by a person -------------------------------------------------------


@pytest.mark.parametrize("state", [State.REGISTERED, State.SIGNED])
def test_an_order_that_goes_on_too_long_is_ordered_again_by_age(state):
    """Ten minutes without an end, also while a service goes on trying; a second less,
    and it is left alone.
    """
    trying = Standstill(
        Hindrance.STORE, "storage", NOW, 9, next_try_at=NOW + minutes(11)
    )
    for setback in (None, trying):
        document = paper(state, setback=setback, sealed_at=NOW, sealed_sha256=FIRST)
        with pytest.raises(NotAllowed) as refusal:
            order_again(document, at=NOW + minutes(10) - timedelta(seconds=1))
        assert refusal.value.key == "error.not-halted-yet"
        assert refusal.value.values == {"n": 10}
        after = order_again(document, clause="Lời khác", level="B-LTA")
        moved = {"id", "at", "revision"}
        before = document.certification.order
        assert after.event.model_dump(exclude=moved) == before.model_dump(exclude=moved)
        assert after.event.revision == 2
        assert after.document.certification.setback is None


def test_the_age_is_a_parameter():
    """A ward may wait longer before a person acts."""
    document, patience = paper(), Patience(person=minutes(30))
    opened = ordering.stands_open_from(document, patience)
    assert opened == NOW + minutes(30)
    ordering.check_stands_still(document, patience, opened)
    with pytest.raises(NotAllowed):
        ordering.check_stands_still(document, patience, opened - minutes(1))


def test_only_signings_halt_lets_the_words_change():
    """There may be a copy with them, unless signing said that there is none."""
    signings = heard(paper(), refused(None, stage="signing"))
    assert order_again(signings, clause="Sửa").event.clause.statement == "Sửa"
    storages = heard(paper(), refused(None, stage="storage"))
    assert order_again(storages, clause="Sửa").event.clause.statement == "Chứng thực"
    delayed = heard(
        paper(), build.delayed(entry=ENTRY, at=NOW, next_try_at=NOW + minutes(1))
    )
    assert order_again(delayed, clause="Sửa").event.clause.statement == "Chứng thực"


def test_a_copy_that_is_replaced_stays_named():
    """The next order may be heard before the withdrawal that it waits for."""
    renewed = heard(paper(), refused(FIRST))
    at = NOW + minutes(11)
    assert order_again(renewed, at=at).event.replaces == FIRST


# --- void ----------------------------------------------------------------------------


def test_a_number_is_declared_void_with_a_person_and_a_reason():
    """The event carries the next revision; the line waits for storage's word."""
    outcome = void(paper())
    assert outcome.document.state is State.VOIDING
    assert outcome.document.version == 8
    assert isinstance(outcome.event, CertificationVoided)
    assert (outcome.event.entry, outcome.event.revision) == (ENTRY, 2)
    word = outcome.document.certification.voiding
    at = NOW + minutes(10)
    assert word == Voiding("vinh", VINH.name, at, "hỏng khóa ký", 2)
    assert [(n.action, n.actor) for n in outcome.notes] == [("voiding", "vinh")]
    assert outcome.remark is None


def test_it_is_void_once_storage_has_closed_it():
    """The register has the person, the reason and the moment of the word."""
    declared = void(paper()).document
    outcome = hear(declared, closed())
    assert outcome.document.state is State.VOID
    at = NOW + minutes(10)
    assert outcome.remark == RegisterNote(at, VINH.name, "hỏng khóa ký", "void")
    assert outcome.document.certification.announce_at is None
    assert [(n.action, n.actor) for n in outcome.notes] == [("void", "")]
    assert hear(outcome.document, closed()).document is outcome.document
    assert hear(declared, closed(revision=3)).document is declared


def test_a_copy_that_was_faster_is_issued_after_all():
    """Its line of audit says so; what storage says later changes nothing."""
    outcome = hear(void(paper()).document, archived())
    issued = outcome.document
    assert issued.state is State.ISSUED
    assert [n.action for n in outcome.notes] == ["issued", "issued-after-all"]
    assert outcome.remark is None
    assert hear(issued, closed()).document is issued


def test_no_number_is_void_by_itself_or_without_a_reason():
    """While the machine may bring it to its end nobody declares it void; then somebody
    has to say why.
    """
    with pytest.raises(NotAllowed) as early:
        void(paper(), at=NOW + minutes(9))
    assert early.value.key == "error.not-halted-yet"
    for words in ("", "  \n "):
        with pytest.raises(NotAllowed) as unsaid:
            void(paper(), reason=words)
        assert unsaid.value.key == "error.void-text"
    halted_now = heard(paper(), refused(None))
    assert void(halted_now, at=NOW + minutes(1)).document.state is State.VOIDING


def test_saying_it_twice_is_saying_it_once():
    """The same person with the same reason; another one hears who was first."""
    declared = void(paper()).document
    assert void(declared).document is declared
    with pytest.raises(Conflict):
        void(declared, by=LOC)


def test_what_was_on_its_way_changes_nothing_once_it_is_void():
    """A seal, a halt or a delay of the order before; only storage's own delay of the
    word is shown.
    """
    declared = void(paper()).document
    before, later = NOW + minutes(9), NOW + minutes(12)
    delay = {"entry": ENTRY, "next_try_at": later}
    for fact in (
        sealed(),
        refused(),
        build.delayed(**delay, at=before, stage="storage"),
        build.delayed(**delay, at=later, stage="signing"),
    ):
        assert hear(declared, fact).document is declared
    shown = heard(declared, build.delayed(**delay, at=later, stage="storage"))
    assert shown.certification.setback.stage == "storage"


# --- two copies of one number --------------------------------------------------------


def test_another_copy_of_an_issued_number_is_never_taken():
    """The desk keeps the first digest, and the other one for a person; the same copy
    announced again is no news.
    """
    issued = heard(paper(), sealed(), archived())
    assert issued.certification.copy_sha256 == FIRST
    assert hear(issued, archived()).document is issued
    assert not ending.contradicted(hear(issued, archived()), archived())
    outcome = hear(issued, archived(b"2"))
    assert ending.contradicted(outcome, archived(b"2"))
    kept = outcome.document.certification
    assert (kept.copy_sha256, kept.other_sha256) == (FIRST, SECOND)
    assert [n.action for n in outcome.notes] == ["other-copy"]
    assert outcome.document.state is State.ISSUED
    again = hear(outcome.document, archived(b"2"))
    assert again.document is outcome.document
    assert ending.contradicted(again, archived(b"2"))


def test_a_copy_of_a_void_number_is_never_taken():
    """Storage has said that there is none."""
    ended = heard(void(paper()).document, closed())
    outcome = hear(ended, archived())
    assert outcome.document.state is State.VOID
    assert ending.contradicted(outcome, archived())


def test_a_copy_issued_before_digests_were_noted_is_known_by_its_size():
    """Announced again, its digest is learned; with another size it is another copy."""
    known = {"copy_size": archived().copy_ref.size, "copy_pages": 2}
    old = paper(State.ISSUED, issued_at=NOW, **known)
    assert heard(old, archived()).certification.copy_sha256 == FIRST
    other = heard(old, archived(pages=3)).certification
    assert (other.copy_sha256, other.other_sha256) == (None, FIRST)


def test_an_issued_copy_is_exactly_this():
    """What the archive has said of it, and nothing of what stood in its way."""
    hindered = Standstill(Hindrance.STORE, "storage", NOW, 3, next_try_at=TEN)
    asked = {"announcements": 3, "announced_at": NOW, "setback": hindered}
    issued = heard(paper(State.SIGNED, **asked), archived()).certification
    assert issued == replace(
        paper().certification,
        order=issued.order,
        issued_at=NOW,
        copy_pages=2,
        copy_size=archived().copy_ref.size,
        copy_sha256=FIRST,
        announced_at=NOW,
        announce_at=None,
    )


# --- asked again ---------------------------------------------------------------------


def repeated(document, at):
    return expecting.repeated(document, at, USUAL)


def test_an_order_that_nobody_answers_is_published_again_for_ever():
    """After 2, 4, 8, 10, 10 … minutes: the same content under a fresh event id."""
    document, at, ids = paper(), NOW, set()
    for pause in (2, 4, 8, 10, 10, 10):
        early = at + minutes(pause) - timedelta(seconds=1)
        assert repeated(document, early).document is document
        at += minutes(pause)
        outcome = repeated(document, at)
        content = outcome.event.model_dump(exclude={"id"})
        assert content == order().model_dump(exclude={"id"})
        ids.add(outcome.event.id)
        document = outcome.document
        assert document.certification.announced_at == at
    assert document.certification.announcements == len(ids) == 6
    assert document.version == 7


def test_a_word_that_nobody_answers_is_published_again():
    """The same revision: storage answers each with what it said before."""
    declared = void(paper()).document
    outcome = repeated(declared, NOW + minutes(12))
    assert isinstance(outcome.event, CertificationVoided)
    assert outcome.event.revision == 2
    assert outcome.event.id != void(paper()).event.id


def test_news_lets_the_pauses_begin_anew():
    """Signed: from then on the archive's answer is expected."""
    asked = repeated(paper(), NOW + minutes(2)).document
    signed = heard(asked, sealed()).certification
    assert (signed.announcements, signed.announce_at) == (0, NOW + minutes(2))


def test_nothing_is_asked_before_the_try_that_a_service_has_named():
    """It is at work; a pause after that try, and no news of it: asked."""
    later = NOW + minutes(30)
    trying = heard(paper(), build.delayed(entry=ENTRY, at=NOW, next_try_at=later))
    assert repeated(trying, later + minutes(1)).document is trying
    assert repeated(trying, later + minutes(2)).event is not None


@pytest.mark.parametrize(
    "ended",
    [
        heard(paper(), archived()),
        heard(paper(), refused(None)),
        heard(void(paper()).document, closed()),
    ],
    ids=["issued", "halted", "void"],
)
def test_what_has_ended_or_waits_for_a_person_is_not_asked_for(ended):
    """However much time has passed."""
    assert ended.certification.announce_at is None
    assert repeated(ended, NOW + timedelta(days=9)).document is ended


@pytest.mark.parametrize("state", [State.ISSUED, State.REGISTERED], ids=str)
def test_a_moment_that_stands_in_a_row_by_mistake_is_taken_out(state):
    """Rows of an earlier version: issued, or halted for a person."""
    halted = Standstill(Reason.KEY_LOCKED, "signing", NOW)
    outcome = repeated(paper(state, setback=halted), NOW + minutes(3))
    assert outcome.event is None
    assert outcome.document.certification.announce_at is None


def test_a_moment_from_a_clock_that_went_ahead_is_not_waited_for():
    """The clock has been set back since: it would be days until then."""
    ahead = paper(announce_at=NOW + timedelta(days=14))
    assert repeated(ahead, NOW).event is not None
    soon = paper(announce_at=NOW + timedelta(hours=2))
    assert repeated(soon, NOW).event is None
