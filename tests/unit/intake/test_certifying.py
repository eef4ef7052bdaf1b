"""One approval, value for value: what goes into the book, the order and the audit."""

import hashlib
import hmac
from base64 import urlsafe_b64encode
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from ecopy import events
from ecopy.events import CertificationOrdered
from intake.domain import certifying, pictures
from intake.domain.agencies import AgencyEntry, AgencyVersion, Identities, Layout
from intake.domain.certifications import Certification
from intake.domain.certifying import Approval
from intake.domain.numbers import RegisterBook
from intake.domain.people import Actor
from intake.domain.records import (
    Case,
    CaseDocument,
    Conflict,
    Note,
    Original,
    Outcome,
    Paper,
    Requester,
)
from intake.domain.register import RegisterEntry
from intake.domain.states import NotAllowed, State
from support import build

CODE = "H99.42.05.13"
RECEIVED = datetime(2026, 12, 31, 2, 0, tzinfo=UTC)
NEW_YEAR = datetime(2026, 12, 31, 17, 0, tzinfo=UTC)
"""Midnight in Hà Nội: number, book and day are those of 2027."""
VINH = Actor(
    "vinh", "Phạm Quốc Vĩnh", CODE, officer="pham-quoc-vinh", address="192.0.2.7"
)
OFFICER = events.Officer(
    id="pham-quoc-vinh",
    version="3",
    name="Phạm Quốc Vĩnh",
    title_lines=("KT. CHỦ TỊCH", "PHÓ CHỦ TỊCH"),
    key="officer-pham-quoc-vinh",
    certificate_sha256=build.digest(b"officer"),
)
SEAL = events.Agency(
    code=CODE,
    version="2",
    name_lines=("UBND PHƯỜNG HOA BAN",),
    place="Hoa Ban",
    key="seal-hoa-ban",
    certificate_sha256=build.digest(b"seal"),
)
AGENCY = AgencyEntry(
    code=CODE,
    versions=(AgencyVersion("2", date(2025, 7, 1), "x", ("x",), "x", "seal-hoa-ban"),),
    officers=(),
    book=RegisterBook(2),
    clause="Chứng thực bản sao đúng với bản chính",
    level="B-LTA",
    layouts=(Layout("clause/2", date(2027, 1, 1)),),
)
PAGES = (build.page(), build.page(width=600.0))
DIGESTS = pictures.digests(PAGES)
DOCUMENT = CaseDocument(
    id=f"{CODE}-261231-0001-3",
    case=f"{CODE}-261231-0001",
    agency=CODE,
    ordinal=3,
    paper=Paper("Bằng tốt nghiệp", "diploma", "ĐH Minh Họa", 2),
    fee=4000,
    received_by="ha",
    state=State.AWAITING,
    version=7,
    changed_by="Cao Xuân Mẫn",
    changed_at=RECEIVED,
    compared_by="man",
    compared_by_name="Cao Xuân Mẫn",
    compared_at=RECEIVED,
    compared_pages=DIGESTS,
    original=Original(build.ref(), PAGES),
)
CASE = Case(
    code=f"{CODE}-261231-0001",
    agency=CODE,
    requester=Requester("person", "Đào", "cccd", "1", None, "0900000417", ""),
    channel="counter",
    privacy_at=RECEIVED,
    received_by="ha",
    received_by_name="Lò Thị Minh Hạ",
    received_at=RECEIVED,
    complete_at=RECEIVED,
    due_at=RECEIVED,
    rule_set="TT226/2016",
    version=1,
    changed_by="Lò Thị Minh Hạ",
    changed_at=RECEIVED,
)
KEY = bytes(range(32))
APPROVAL = Approval(
    by=VINH,
    at=NEW_YEAR,
    version=7,
    seen=DIGESTS,
    served=frozenset(DIGESTS),
    identities=Identities(OFFICER, SEAL),
    code="7K2F9MQX4TBD",
    link_key=KEY,
    public_host="https://hoaban.example",
    demo=True,
)
ENTRY = f"{CODE}/E/2027/11"
TOKEN = hmac.digest(KEY, ENTRY.encode() + b"\x001", "sha256")[:20]
ORDER = CertificationOrdered(
    at=NEW_YEAR,
    entry=ENTRY,
    approved_at=NEW_YEAR,
    original=build.ref(),
    manifest=PAGES,
    document=events.Document(
        kind="diploma", kind_name="Văn bằng", title="Bằng tốt nghiệp", pages=2
    ),
    clause=events.Clause(
        template="clause/2",
        statement="Chứng thực bản sao đúng với bản chính",
        number="11/2027",
        book="02/2027-SCTĐT/BS",
        date=date(2027, 1, 1),
    ),
    officer=OFFICER,
    agency=SEAL,
    code="7K2F9MQX4TBD",
    public_host="https://hoaban.example",
    link_token_sha256=hashlib.sha256(urlsafe_b64encode(TOKEN).rstrip(b"=")).hexdigest(),
    demo=True,
    level="B-LTA",
)
LINE = RegisterEntry(
    entry=ENTRY,
    agency=CODE,
    series="E",
    year=2027,
    ordinal=11,
    number="11/2027",
    book="02/2027-SCTĐT/BS",
    date=date(2027, 1, 1),
    requester="Đào",
    title="Bằng tốt nghiệp",
    officer="Phạm Quốc Vĩnh",
    officer_title="KT. CHỦ TỊCH / PHÓ CHỦ TỊCH",
    copies=1,
    fee=4000,
    document=DOCUMENT.id,
)
NOTE = Note(
    at=NEW_YEAR,
    actor="vinh",
    actor_name="Phạm Quốc Vĩnh",
    agency=CODE,
    action="approved",
    case=DOCUMENT.case,
    document=3,
    address="192.0.2.7",
    values={
        "entry": ENTRY,
        "number": "11/2027",
        "officer": "pham-quoc-vinh",
        "pages": 2,
        "seen": hashlib.sha256("\n".join(DIGESTS).encode()).hexdigest(),
        "original": build.ref().sha256,
    },
)


def approve(document=DOCUMENT, agency=AGENCY, **changes):
    return certifying.approve(
        document,
        CASE,
        agency=agency,
        kind_name="Văn bằng",
        approval=replace(APPROVAL, **changes),
        ordinal=11,
    )


def refusal(**changes):
    with pytest.raises(NotAllowed) as refused:
        approve(**changes)
    return refused.value.key, refused.value.values


def test_an_approval_is_exactly_this():
    """Line, order, audit and document, each member written out by hand."""
    outcome = approve()
    order = ORDER.model_copy(update={"id": outcome.event.id, "dialect": 3})
    assert outcome.event == order
    assert outcome.entry == LINE
    assert outcome.notes == (NOTE,)
    assert outcome.document == replace(
        DOCUMENT,
        state=State.REGISTERED,
        version=8,
        changed_by="Phạm Quốc Vĩnh",
        changed_at=NEW_YEAR,
        certification=Certification(
            ENTRY,
            "vinh",
            "Phạm Quốc Vĩnh",
            order,
            announce_at=NEW_YEAR + timedelta(minutes=2),
        ),
    )


def test_an_order_outside_the_demonstration_says_so():
    assert approve(demo=False).event.demo is False


def test_the_same_approval_again_brings_nothing_new():
    """Whatever the form's version; another person hears who changed it, and when."""
    document = approve().document
    assert approve(document, version=99) == Outcome(document)
    with pytest.raises(Conflict) as first:
        approve(document, by=replace(VINH, user="loc"))
    assert (first.value.who, first.value.when) == ("Phạm Quốc Vĩnh", NEW_YEAR)


@pytest.mark.parametrize("version", [6, 8])
def test_a_form_of_another_version_approves_nothing(version):
    with pytest.raises(Conflict) as stale:
        approve(version=version)
    assert (stale.value.who, stale.value.when) == ("Cao Xuân Mẫn", RECEIVED)


def test_only_what_waits_for_approval_is_approved():
    """Received, it has not been submitted; refused, it has ended."""
    for state in (State.RECEIVED, State.REFUSED):
        with pytest.raises(NotAllowed):
            approve(replace(DOCUMENT, state=state))


@pytest.mark.parametrize(
    ("change", "key"),
    [
        ({"received_by": "vinh"}, "error.own-case"),
        ({"compared_by": "vinh"}, "error.own-comparison"),
        ({"brought_by": ("ha", "vinh")}, "error.own-scan"),
    ],
)
def test_a_receiving_hand_does_not_approve(change, key):
    """Unless the agency lets one person do it all."""
    document = replace(DOCUMENT, **change)
    assert refusal(document=document) == (key, {})
    lenient = replace(AGENCY, same_person_may_certify=True)
    assert approve(document, lenient).entry == LINE


def test_pages_are_named_by_their_numbers():
    """Unseen ones, and those whose picture this desk never gave to this person."""
    assert refusal(seen=()) == ("error.unseen", {"pages": "1, 2"})
    assert refusal(served=frozenset()) == ("error.not-shown", {"pages": "1, 2"})
    assert refusal(served=frozenset(DIGESTS[1:])) == (
        "error.not-shown",
        {"pages": "1"},
    )
    assert refusal(seen=DIGESTS[::-1]) == ("error.pages-changed", {})


@pytest.mark.parametrize("lacks", [{"compared_by": None}, {"original": None}])
def test_what_was_not_compared_is_not_approved(lacks):
    assert refusal(document=replace(DOCUMENT, **lacks)) == ("error.not-compared", {})


MANY = build.page(images=build.page().images * 2000)


@pytest.mark.parametrize(
    ("change", "key", "values"),
    [
        (
            {"manifest": (PAGES[0], build.page(width=14_400.0))},
            "error.page-out-of-bounds",
            {"page": 2},
        ),
        ({"manifest": (MANY, MANY)}, "error.too-many-images", {"n": 4000}),
        (
            {"clause": ORDER.clause.model_copy(update={"template": "clause/99"})},
            "error.words-layout",
            {"entry": "template", "text": "clause/99"},
        ),
        (
            {"clause": ORDER.clause.model_copy(update={"statement": " "})},
            "error.words-empty",
            {"entry": "clause", "text": " "},
        ),
        (
            {"clause": ORDER.clause.model_copy(update={"statement": "đúng 漢"})},
            "error.words-letter",
            {"entry": "clause", "text": "đúng 漢"},
        ),
        (
            {"clause": ORDER.clause.model_copy(update={"statement": "đúng " * 180})},
            "error.words-long",
            {"entry": "clause", "text": "đúng " * 180},
        ),
    ],
    ids=["page", "images", "layout", "empty", "letter", "long"],
)
def test_each_obstacle_has_its_sentence(change, key, values):
    """With what it needs to name: the page, the count, or the entry and its text."""
    with pytest.raises(NotAllowed) as refused:
        certifying.check_composable(ORDER.model_copy(update=change))
    assert (refused.value.key, refused.value.values) == (key, values)
