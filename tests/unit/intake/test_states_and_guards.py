"""Every state, every move, every guard: what the law does not name cannot happen."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import product

import pytest

from ecopy.events import (
    CertificationHalted,
    CertificationOrdered,
    CopyArchived,
    CopySealed,
    PageImage,
    SignatureSummary,
)
from ecopy.refusals import Hindrance, Reason
from intake.domain import (
    certifying,
    desk,
    ending,
    following,
    ordering,
    paper_files,
    pictures,
    refusing,
    states,
)
from intake.domain.agencies import Layout
from intake.domain.certifying import Approval
from intake.domain.expecting import USUAL
from intake.domain.files import Part, StoredFile
from intake.domain.numbers import RegisterBook
from intake.domain.ordering import Mended
from intake.domain.people import Actor
from intake.domain.records import (
    Case,
    CaseDocument,
    Conflict,
    Original,
    Paper,
    Requester,
)
from intake.domain.refusing import HELD, Ground
from intake.domain.scan import PageFacts
from intake.domain.states import MOVES, Move, NotAllowed, State
from support import build
from support.intake import AGENCY, house_rules

NOW = datetime(2026, 11, 23, 8, 40, tzinfo=UTC)
CLERK = Actor("ha", "Lò Thị Minh Hạ", AGENCY)
OTHER = Actor("loc", "Trần Hữu Lộc", AGENCY, officer="pham-quoc-vinh")
CERTIFIER = Actor("vinh", "Phạm Quốc Vĩnh", AGENCY, officer="pham-quoc-vinh")
RULES = house_rules()
HOA_BAN = RULES.agency(AGENCY)
LATER = NOW + timedelta(hours=1)


def part(pages=1):
    facts = PageFacts(0, 1, (build.digest(),), 2480, 3508, 300, "lifted")
    return Part(
        ref=build.ref(),
        manifest=tuple(build.page() for _ in range(pages)),
        pages=(facts,) * pages,
        thumbs=tuple(f"thumbs/x/{n}.jpg" for n in range(pages)),
        previews=tuple(f"previews/x/{n}.jpg" for n in range(pages)),
    )


def file(name="a", state="good", pages=1):
    return StoredFile(
        id=name,
        document=f"{AGENCY}-261123-0001-1",
        position=1,
        name=f"{name}.pdf",
        raw=build.ref(),
        uploaded_by=CLERK.name,
        uploaded_at=NOW,
        state=state,
        part=part(pages) if state == "good" else None,
    )


def paper(state=State.RECEIVED, **changes):
    document = CaseDocument(
        id=f"{AGENCY}-261123-0001-1",
        case=f"{AGENCY}-261123-0001",
        agency=AGENCY,
        ordinal=1,
        paper=Paper("Bằng tốt nghiệp", "diploma", "ĐH Minh Họa", 1),
        fee=2000,
        received_by="ha",
        state=state,
        version=7,
        changed_by="Cao Xuân Mẫn",
        changed_at=NOW,
        files=(file(),),
    )
    return replace(document, **changes)


def compared():
    return paper(compared_by="ha", compared_pages=paper().page_digests)


def awaiting(**changes):
    usual = {
        "compared_by": "ha",
        "compared_by_name": CLERK.name,
        "compared_at": NOW,
        "original": Original(build.ref(), (build.page(), build.page(width=600.0))),
    }
    return paper(State.AWAITING, **usual | changes)


CASE = Case(
    code=f"{AGENCY}-261123-0001",
    agency=AGENCY,
    requester=Requester("person", "Đào", "cccd", "1", None, "0900000417", ""),
    channel="counter",
    privacy_at=NOW,
    received_by="ha",
    received_by_name=CLERK.name,
    received_at=NOW,
    complete_at=NOW,
    due_at=NOW,
    rule_set="TT226/2016",
    version=1,
    changed_by=CLERK.name,
    changed_at=NOW,
)


def laid_out(*templates):
    """Layouts of the clause page, one after the other: of the approval's day, the
    next day and so on.
    """
    day = NOW.date()
    return tuple(
        Layout(name, day + timedelta(days=n)) for n, name in enumerate(templates)
    )


def approve(
    document,
    *,
    by=CERTIFIER,
    version=7,
    seen=None,
    served=None,
    ordinal=1180,
    agency=HOA_BAN,
    at=NOW,
):
    pages = pictures.digests(document.original.manifest)
    return certifying.approve(
        document,
        CASE,
        agency=agency,
        kind_name="Văn bằng",
        approval=Approval(
            by=by,
            at=at,
            version=version,
            seen=pages if seen is None else seen,
            served=frozenset(pages if served is None else served),
            identities=RULES.identities(by, NOW),
            code="7K2F9MQX4TBD",
            link_key=RULES.link_key,
            public_host=RULES.public_host,
            demo=True,
        ),
        ordinal=ordinal,
    )


def registered(**changes):
    return approve(awaiting(), **changes).document


@pytest.mark.parametrize(
    ("change", "key", "values"),
    [
        ({"clause": "Chứng thực " * 90}, "error.words-long", {"entry": "clause"}),
        ({"clause": "Chứng thực 漢"}, "error.words-letter", {"entry": "clause"}),
        ({"clause": " "}, "error.words-empty", {"entry": "clause"}),
        (
            {"book": RegisterBook(2, number_format="{number}/{year}" * 9)},
            "error.words-long",
            {"entry": "number_format"},
        ),
        (
            {"layouts": (Layout("clause/99", NOW.date()),)},
            "error.words-layout",
            {"entry": "template", "text": "clause/99"},
        ),
    ],
    ids=str,
)
def test_words_that_cannot_be_composed_take_no_number(change, key, values):
    """Nothing is entered or ordered, and the entry of the agency's file is named."""
    with pytest.raises(NotAllowed) as refused:
        approve(awaiting(), agency=replace(HOA_BAN, **change))
    assert refused.value.key == key
    assert refused.value.values.items() >= values.items()


@pytest.mark.parametrize("side", ["width", "height"])
def test_a_page_that_no_copy_can_hold_takes_no_number(side):
    """PDF/A has pages of 14,400 points at most, and the margin is one of them."""
    pages = (build.page(), build.page(**{side: 14_400.0}))
    with pytest.raises(NotAllowed) as refused:
        approve(awaiting(original=Original(build.ref(), pages)))
    assert refused.value.key == "error.page-out-of-bounds"
    assert refused.value.values == {"page": 2}


def test_more_images_than_a_message_carries_take_no_number():
    """The bus has messages of a megabyte: the order would never arrive."""
    page = build.page(images=build.page().images * 2000)
    with pytest.raises(NotAllowed) as refused:
        approve(awaiting(original=Original(build.ref(), (page, page))))
    assert refused.value.key == "error.too-many-images"
    assert refused.value.values == {"n": 4000}


@pytest.mark.parametrize(("state", "move"), list(product(State, Move)))
def test_only_the_named_moves_exist(state, move):
    """All pairs of state and move: those in the table move, the rest are refused."""
    if (state, move) in MOVES:
        assert states.moved(state, move) is MOVES[state, move]
        return
    with pytest.raises(NotAllowed):
        states.moved(state, move)


def test_no_move_leaves_an_end():
    """Issued, refused, held and void are ends of this flow."""
    ends = {State.ISSUED, State.REFUSED, State.HELD, State.VOID}
    ends |= {State.NOT_ACCEPTED, State.TAKEN_BACK}
    assert not [pair for pair in MOVES if pair[0] in ends]


def test_case_is_where_its_paper_that_needs_a_person_most_is():
    """A returned paper first, an issued one last; no paper is a draft."""
    assert states.case_state([State.ISSUED, State.RETURNED]) is State.RETURNED
    assert states.case_state([State.ISSUED, State.REGISTERED]) is State.REGISTERED
    assert states.case_state([State.REFUSED, State.ISSUED]) is State.ISSUED
    assert states.case_state([]) is State.DRAFT


@pytest.mark.parametrize(
    ("document", "why"),
    [
        (paper(files=()), ("no-file", "not-compared")),
        (paper(), ("not-compared",)),
        (paper(files=(file(), file("b"))), ("page-count", "not-compared")),
        (paper(files=(file(), file("b", "busy"))), ("file-busy", "not-compared")),
        (paper(files=(file(), file("b", "refused"))), ("not-compared",)),
        (paper(compared_by="ha"), ("not-compared",)),
        (compared(), ()),
    ],
)
def test_what_keeps_a_paper_from_approval(document, why):
    """Each missing thing is named; a refused file keeps nobody."""
    assert desk.blockers(document) == why


def test_no_submission_without_comparison():
    """Nothing goes to the certifier that a named person has not compared."""
    with pytest.raises(NotAllowed) as refused:
        desk.submit(paper(), Original(build.ref(), ()), 7, CLERK, NOW)
    assert refused.value.key == "error.not-compared"


def test_a_new_file_undoes_the_comparison():
    """What was compared was another set of pages."""
    arrived = replace(file("b", "busy"), position=0)
    outcome = paper_files.add_file(compared(), arrived, CLERK, NOW, most=400)
    assert outcome.document.compared_by is None
    assert outcome.document.files[-1].position == 2


def test_removing_a_file_undoes_the_comparison_and_keeps_the_file():
    """Out of the pages, still among the evidence; asked twice it is the same."""
    document = compared()
    outcome = paper_files.remove_file(document, "a", 7, CLERK, NOW)
    assert outcome.document.compared_by is None
    assert [f.state for f in outcome.document.files] == ["removed"]
    again = paper_files.remove_file(outcome.document, "a", 7, CLERK, NOW)
    assert again.document == outcome.document


def test_a_rebuild_answers_once():
    """A second answer, or one for a removed file, changes nothing."""
    document = paper(files=(file("a", "busy"),))
    done = paper_files.settle_file(document, file("a"), NOW).document
    assert done.files[0].state == "good"
    refused = replace(file("a", "refused"), fault="damaged")
    assert paper_files.settle_file(done, refused, NOW).document is done


@pytest.mark.parametrize("state", sorted(set(State) - states.EDITABLE))
def test_files_are_taken_only_before_submission(state):
    """The original is frozen once it awaits approval."""
    with pytest.raises(NotAllowed):
        paper_files.add_file(
            paper(state), replace(file("b"), position=0), CLERK, NOW, most=400
        )


def test_stale_form_says_who_and_when():
    """An older version changes nothing and names the person who was first."""
    with pytest.raises(Conflict) as conflict:
        desk.compare(paper(), 6, paper().page_digests, CLERK, NOW)
    assert (conflict.value.who, conflict.value.when) == ("Cao Xuân Mẫn", NOW)


def test_approval_takes_number_line_order_and_audit_together():
    """One outcome holds all four, and they agree."""
    outcome = approve(awaiting())
    order, line = outcome.event, outcome.entry
    assert order.entry == line.entry == f"{AGENCY}/E/2026/1180"
    assert (line.number, line.book) == ("1180/2026", "02/2026-SCTĐT/BS")
    assert line.officer_title == "KT. CHỦ TỊCH / PHÓ CHỦ TỊCH"
    assert order.manifest == awaiting().original.manifest
    assert order.clause.date.isoformat() == "2026-11-23"
    assert outcome.document.state is State.REGISTERED
    assert [note.action for note in outcome.notes] == ["approved"]
    seen = pictures.digests(order.manifest)
    assert outcome.notes[0].values["seen"] == pictures.together(seen)
    assert "Đào" not in order.model_dump_json()


def test_clause_has_the_day_at_the_desk():
    """18:30 UTC is already tomorrow in Hà Nội; new year starts the count anew."""
    late = datetime(2026, 12, 31, 18, 30, tzinfo=UTC)
    document = awaiting()
    approval = Approval(
        by=CERTIFIER,
        at=late,
        version=7,
        seen=pictures.digests(document.original.manifest),
        served=frozenset(pictures.digests(document.original.manifest)),
        identities=RULES.identities(CERTIFIER, NOW),
        code="7K2F9MQX4TBD",
        link_key=RULES.link_key,
        public_host=RULES.public_host,
        demo=True,
    )
    outcome = certifying.approve(
        document,
        CASE,
        agency=HOA_BAN,
        kind_name="Văn bằng",
        approval=approval,
        ordinal=1,
    )
    assert outcome.entry.entry == f"{AGENCY}/E/2027/1"


@pytest.mark.parametrize(("days", "template"), [(0, "clause/2"), (1, "clause/3")])
def test_an_order_freezes_level_and_layout_of_its_day(days, template):
    """The event that signing reads carries both, as the agency's file says that day."""
    agency = replace(HOA_BAN, layouts=laid_out("clause/2", "clause/3"), level="B-LTA")
    order = registered(agency=agency, at=NOW + timedelta(days=days)).certification.order
    sent = CertificationOrdered.decode(order.encode("intake"))
    assert (sent.clause.template, sent.level) == (template, "B-LTA")


def test_a_new_agency_file_leaves_what_was_ordered():
    """Approved, then the file changes: asked again, halted by the archive or followed,
    the order stays word for word.
    """
    before = replace(HOA_BAN, layouts=laid_out("clause/2"), level="B-LTA")
    after = replace(HOA_BAN, layouts=laid_out("clause/3"), level="B-T", clause="Khác")
    document = registered(agency=before)
    order = document.certification.order
    again = approve(document, agency=after)
    assert again.event is None
    assert again.document.certification.order == order
    halted = hear_halt(document, halt(stage="storage")).document
    renewed = order_again(halted, agency=after).event
    assert (renewed.clause, renewed.level) == (order.clause, "B-LTA")
    assert (order.clause.template, order.level) == ("clause/2", "B-LTA")


def test_approving_twice_is_harmless():
    """The same person asking again gets the same certification, no second number."""
    first = approve(awaiting())
    again = approve(first.document, version=7, ordinal=1181)
    assert again.document is first.document
    assert again.event is None


def test_another_certifier_was_first():
    """The second certifier hears who approved and when."""
    with pytest.raises(Conflict) as conflict:
        approve(registered(), by=OTHER)
    assert conflict.value.who == CERTIFIER.name


@pytest.mark.parametrize(
    ("user", "key"),
    [("ha", "error.own-case"), ("comparer", "error.own-comparison")],
)
def test_nobody_approves_what_they_received_or_compared(user, key):
    """Certifier and receiving clerk are two people, and each is told which it was."""
    me = Actor(user, "x", AGENCY, officer="pham-quoc-vinh")
    with pytest.raises(NotAllowed) as refused:
        approve(awaiting(compared_by="comparer"), by=me)
    assert refused.value.key == key


def test_who_put_the_scan_in_or_submitted_it_does_not_approve_it():
    """Whoever chose what is seen is a receiving hand, whoever received the paper."""
    for hand in ("uploader", "submitter"):
        me = Actor(hand, "x", AGENCY, officer="pham-quoc-vinh")
        with pytest.raises(NotAllowed) as refused:
            approve(awaiting(brought_by=("submitter", "uploader")), by=me)
        assert refused.value.key == "error.own-scan"


def test_an_agency_may_let_one_person_do_both():
    """Thông tư 01/2020 art. 11: a switch per agency."""
    me = Actor("ha", "x", AGENCY, officer="pham-quoc-vinh")
    agency = replace(HOA_BAN, same_person_may_certify=True)
    certifying.check_may_certify(awaiting(), agency, me)


PAGES = pictures.digests(awaiting().original.manifest)


@pytest.mark.parametrize(
    ("ticked", "unseen"), [((), "1, 2"), ((1,), "2"), ((2,), "1")], ids=str
)
def test_nothing_is_approved_unseen(ticked, unseen):
    """Every page must have been seen; the sentence names the missing ones."""
    with pytest.raises(NotAllowed) as refused:
        approve(awaiting(), seen=tuple(PAGES[n - 1] for n in ticked))
    assert refused.value.key == "error.unseen"
    assert refused.value.values["pages"] == unseen


@pytest.mark.parametrize(
    "seen",
    [
        ("1", "2"),
        PAGES[::-1],
        (PAGES[0], "0" * 64),
        (PAGES[0].upper(), PAGES[1]),
        (*PAGES, PAGES[1]),
        ("0" * 64, *PAGES),
    ],
    ids=["numbers", "swapped", "other", "spelling", "one-more", "one-before"],
)
def test_nothing_is_approved_that_was_not_what_was_seen(seen):
    """Page numbers, another order, another page or one page more: no number."""
    with pytest.raises(NotAllowed) as refused:
        approve(awaiting(), seen=seen)
    assert refused.value.key == "error.pages-changed"


def test_no_page_is_approved_whose_picture_was_never_asked_for():
    """Digests can be read from the page's source; a look is what the server gave."""
    with pytest.raises(NotAllowed) as refused:
        approve(awaiting(), served=PAGES[:1])
    assert (refused.value.key, refused.value.values) == (
        "error.not-shown",
        {"pages": "2"},
    )


def test_equal_pages_are_two_pages():
    """A paper may hold the same sheet twice: both are named, one picture serves."""
    twice = awaiting(original=Original(build.ref(), (build.page(), build.page())))
    seen = pictures.digests(twice.original.manifest)
    assert seen[0] == seen[1]
    assert approve(twice, seen=seen).event is not None
    with pytest.raises(NotAllowed):
        approve(twice, seen=seen[:1])


@pytest.mark.parametrize(
    "change",
    [
        {"rotation": 180},
        {"width": 594.0},
        {"height": 841.0},
        {"images": ()},
    ],
    ids=str,
)
def test_a_page_digest_covers_whatever_changes_the_look(change):
    """Box, rotation, and each member of each image."""
    page = build.page()
    assert pictures.digest(page.model_copy(update=change)) != pictures.digest(page)


def test_a_page_digest_covers_every_member_of_an_image():
    """Stream, decoding and placement; a member that comes later must be added here."""
    changes = {
        "sha256": "0" * 64,
        "size": 2,
        "filter": "FlateDecode",
        "width": 2481,
        "height": 3509,
        "bits": 4,
        "colour_space": "DeviceGray",
        "palette": "000000",
        "decode_parms": {"K": -1},
        "inverted": True,
        "placement": (595.2, 0.0, 0.0, 841.92, 0.5, 0.0),
    }
    assert set(changes) == set(PageImage.model_fields)
    page = build.page()
    (image,) = page.images
    for name, value in changes.items():
        other = image.model_copy(update={name: value})
        changed = page.model_copy(update={"images": (other,)})
        assert pictures.digest(changed) != pictures.digest(page), name


def test_a_comparison_names_the_pages_that_it_compared():
    """Another page, another order or a page less on the clerk's screen: nothing."""
    document = paper(files=(file(), file("b")), paper=replace(paper().paper, pages=2))
    pages = document.page_digests
    for named in ((), pages[:1], ("0" * 64, pages[1]), (*pages, pages[0])):
        with pytest.raises(NotAllowed) as refused:
            desk.compare(document, 7, named, CLERK, NOW)
        assert refused.value.key == "error.pages-changed"
    done = desk.compare(document, 7, pages, CLERK, NOW).document
    assert done.compared_pages == pages
    assert desk.compare(done, 7, pages, CLERK, NOW).document is done


def test_what_is_submitted_is_what_was_compared():
    """A joined original with other pages than the compared ones goes nowhere."""
    document = compared()
    turned = build.page().model_copy(update={"rotation": 180})
    with pytest.raises(NotAllowed) as refused:
        desk.submit(document, Original(build.ref(), (turned,)), 7, CLERK, NOW)
    assert refused.value.key == "error.pages-changed"


def test_no_approval_outside_the_days_of_office():
    """The officer's office ends with 2026."""
    with pytest.raises(LookupError):
        RULES.identities(CERTIFIER, datetime(2027, 1, 2, tzinfo=UTC))


@pytest.mark.parametrize("ground", list(Ground))
def test_each_ground_refuses_or_holds(ground):
    """Forgery and unlawful content are held for report, the rest is handed back."""
    outcome = refusing.refuse(
        awaiting(), ground, "vì sao", version=7, by=CERTIFIER, at=NOW
    )
    expected = State.HELD if ground in HELD else State.REFUSED
    assert outcome.document.state is expected
    assert outcome.document.refused.code == ground
    assert outcome.entry is None


def test_a_refusal_has_words():
    """Code alone is not enough: the notice is written."""
    with pytest.raises(NotAllowed) as refused:
        refusing.refuse(
            awaiting(), Ground.ALTERED, "  ", version=7, by=CERTIFIER, at=NOW
        )
    assert refused.value.key == "error.text"


def test_sent_back_paper_is_compared_again():
    """A rescan is another set of pages."""
    returned = refusing.send_back(awaiting(), "mờ", 7, CERTIFIER, NOW).document
    assert returned.state is State.RETURNED
    assert returned.compared_by is None
    assert returned.original is None


# --- facts that come back ------------------------------------------------------------


def sealed_fact(revision=1):
    one = SignatureSummary(
        role="officer",
        subject_name="x",
        issuer_name="y",
        serial="1",
        certificate_sha256=build.digest(),
        signed_at=NOW,
        tsa_name="t",
        level="B-LT",
    )
    return CopySealed(
        at=NOW,
        entry=f"{AGENCY}/E/2026/1180",
        revision=revision,
        copy_ref=build.ref(b"copy", "copies"),
        signatures=(one, one),
    )


def archived_fact():
    return CopyArchived(
        at=NOW,
        entry=f"{AGENCY}/E/2026/1180",
        copy_ref=build.ref(b"copy", "archive"),
        pages=3,
    )


def delay(**changes):
    later = NOW + timedelta(seconds=5)
    usual = {"entry": f"{AGENCY}/E/2026/1180", "at": later, "next_try_at": later}
    return build.delayed(**usual | changes)


def halt(**changes):
    usual = {
        "at": NOW,
        "entry": f"{AGENCY}/E/2026/1180",
        "stage": "signing",
        "revision": 1,
        "reason": Reason.KEY_LOCKED,
    }
    return CertificationHalted(**usual | changes)


def hear_sealed(document, fact):
    return following.sealed(document, fact, USUAL)


def hear_delay(document, fact):
    return following.delayed(document, fact, USUAL)


def hear_halt(document, fact):
    return following.halted(document, fact, NOW, USUAL)


def test_facts_in_order_and_out_of_order_end_issued():
    """Sealed then archived, or the other way: issued, and sealed changes no more."""
    forth = ending.archived(
        hear_sealed(registered(), sealed_fact()).document, archived_fact()
    ).document
    back = hear_sealed(
        ending.archived(registered(), archived_fact()).document, sealed_fact()
    ).document
    assert forth.state is back.state is State.ISSUED
    assert forth.certification.copy_pages == 3


def test_facts_told_twice_change_nothing():
    """Redelivery is normal."""
    once = ending.archived(registered(), archived_fact()).document
    assert ending.archived(once, archived_fact()).document is once
    sealed = hear_sealed(registered(), sealed_fact()).document
    assert hear_sealed(sealed, sealed_fact()).document is sealed


def test_delay_is_shown_until_the_copy_comes():
    """Reason, tries and next try; gone once it is signed."""
    stuck = hear_delay(registered(), delay(tries=3)).document
    setback = stuck.certification.setback
    assert (setback.reason, setback.tries) == (Hindrance.TSA, 3)
    free = hear_sealed(stuck, sealed_fact()).document
    assert free.certification.setback is None


def test_old_news_of_a_stage_that_is_past_changes_nothing():
    """Signing's delay after the seal, anything after the issue."""
    sealed = hear_sealed(registered(), sealed_fact()).document
    assert hear_delay(sealed, delay()).document is sealed
    issued = ending.archived(sealed, archived_fact()).document
    assert hear_delay(issued, delay(stage="storage")).document is issued
    assert hear_halt(issued, halt(stage="storage")).document is issued


def order_again(document, *, agency=HOA_BAN, at=LATER):
    identities = RULES.identities(CERTIFIER, NOW)
    return ordering.order_again(
        document,
        Mended(agency, identities, "https://doi-ten.example"),
        version=document.version,
        by=CERTIFIER,
        at=at,
        patience=USUAL,
    )


def test_ordering_again_keeps_number_and_date():
    """Same entry, revision + 1, a new event id; what may be mended is as of now."""
    halted = hear_halt(registered(), halt()).document
    mended = replace(HOA_BAN, clause="Chứng thực")
    outcome = order_again(halted, agency=mended)
    before, after = halted.certification.order, outcome.event
    assert (after.entry, after.revision) == (before.entry, 2)
    kept = before.clause.model_copy(update={"statement": "Chứng thực"})
    assert after.clause == kept
    assert after.code == before.code
    assert after.public_host == "https://doi-ten.example"
    assert after.id != before.id
    assert after.approved_at == LATER
    assert outcome.entry is None
    assert outcome.document.certification.setback is None
    late = hear_halt(outcome.document, halt(revision=1))
    assert late.document is outcome.document


def test_a_copy_sealed_for_an_order_since_renewed_is_no_news():
    """The archive leaves it: the document still waits for the copy of its own order,
    and a halt of that order is still heard.
    """
    halted = hear_halt(registered(), halt()).document
    renewed = order_again(halted).document
    assert hear_sealed(renewed, sealed_fact(revision=1)).document is renewed
    heard = hear_halt(renewed, halt(revision=2)).document
    assert heard.certification.setback.reason is Reason.KEY_LOCKED
    assert hear_sealed(renewed, sealed_fact(revision=2)).document is not renewed


def test_ordering_again_mends_layout_and_level():
    """A layout that halted signing is another one after mending: that of the clause's
    own day, not of today's.
    """
    wrong = replace(HOA_BAN, layouts=laid_out("clause/4"))
    halted = hear_halt(registered(agency=wrong), halt()).document
    assert halted.certification.order.clause.template == "clause/4"
    mended = replace(wrong, layouts=laid_out("clause/2", "clause/3"), level="B-T")
    after = order_again(halted, agency=mended, at=NOW + timedelta(days=2)).event
    kept = halted.certification.order.clause
    assert after.clause == kept.model_copy(update={"template": "clause/2"})
    assert after.level == "B-T"


def test_a_copy_that_the_archive_halted_is_judged_by_its_own_order():
    """Nothing is signed anew, whatever the agency's file says now: only the revision
    moves on.
    """
    halted = hear_halt(registered(), halt(stage="storage")).document
    changed = replace(
        HOA_BAN,
        clause="Chứng thực",
        layouts=laid_out("clause/2"),
        level="B-LTA",
    )
    outcome = order_again(halted, agency=changed)
    before, after = halted.certification.order, outcome.event
    moved = {"id", "at", "revision"}
    assert after.model_dump(exclude=moved) == before.model_dump(exclude=moved)
    assert (after.revision, after.at) == (2, LATER)


def test_nothing_is_ordered_again_that_moves():
    """A retry under way needs nobody."""
    stuck = hear_delay(registered(), delay()).document
    with pytest.raises(NotAllowed):
        order_again(stuck, at=NOW + timedelta(minutes=9))


def test_a_halt_is_not_hidden_by_an_older_delay():
    """The events come over two consumers, in any order."""
    halted = hear_halt(registered(), halt(at=NOW + timedelta(minutes=1)))
    after = hear_delay(halted.document, delay(at=NOW)).document
    assert after.certification.setback.reason == Reason.KEY_LOCKED
