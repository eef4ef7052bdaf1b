"""Pages that go back to the clerk, marked with their reasons until they are mended."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from intake.domain import desk, objecting, page_steps, paper_steps, refusing
from intake.domain.arranging import PageId
from intake.domain.files import Part, StoredFile
from intake.domain.intake_form import Mistaken
from intake.domain.objecting import TypedObjection
from intake.domain.people import Actor
from intake.domain.records import Case, CaseDocument, Original, Paper, Requester
from intake.domain.scan import PageFacts
from intake.domain.states import NotAllowed, State
from intake.domain.stepping import CaseOnDesk, Hand
from support import build

NOW = datetime(2026, 11, 23, 8, 40, tzinfo=UTC)
CODE = "H99.42.05.13-261123-0001"
HA = Actor("ha", "Lò Thị Minh Hạ", "H99.42.05.13")
VINH = Actor("vinh", "Phạm Quốc Vĩnh", "H99.42.05.13")
FIRST, SECOND = PageId("a", 1), PageId("a", 2)


def file(name, document, pages):
    leaves = tuple(build.page(width=500.0 + n, height=800.0) for n in range(pages))
    facts = PageFacts(0, 1, (build.digest(),), 2480, 3508, 300, "lifted")
    keys = tuple(f"{name}/{n}" for n in range(pages))
    part = Part(build.ref(name.encode()), leaves, (facts,) * pages, keys, keys)
    return StoredFile(
        id=name, document=document, position=1, name=f"{name}.pdf", raw=build.ref(),
        uploaded_by=HA.name, uploaded_at=NOW, state="good", part=part,
    )  # fmt: skip


def paper(ordinal=1, state=State.AWAITING, pages=3):
    name = f"{CODE}-{ordinal}"
    return CaseDocument(
        id=name, case=CODE, agency=HA.agency, ordinal=ordinal,
        paper=Paper("Bằng", "diploma", "", pages), fee=0, received_by="ha",
        state=state, version=4, changed_by=HA.name, changed_at=NOW, compared_by="ha",
        files=(file("ab"[ordinal - 1], name, pages),),
    )  # fmt: skip


def sent_back(*typed, text=""):
    chosen = [TypedObjection(*each) for each in typed]
    return refusing.send_back(paper(), text, 4, VINH, NOW, objections=chosen)


def returned():
    """Page 1 is blurred, page 2 upside down."""
    outcome = sent_back(("a.2", "turned", ""), ("a.1", "blurred", "góc phải"))
    return outcome.document


def on_desk(*papers):
    case = Case(
        code=CODE, agency=HA.agency,
        requester=Requester("person", "x", "cccd", "1", None, "1", ""),
        channel="counter", privacy_at=NOW, received_by="ha", received_by_name=HA.name,
        received_at=NOW, complete_at=NOW, due_at=NOW, rule_set="x", version=1,
        changed_by=HA.name, changed_at=NOW,
    )  # fmt: skip
    return joined(CaseOnDesk(case, papers), papers[0].history)


def joined(case, history):
    files = {d.id: d.files for d in case.documents}
    documents = tuple(
        replace(
            each,
            history=history,
            others=tuple(f for n, fs in files.items() if n != each.id for f in fs),
        )
        for each in case.documents
    )
    return replace(case, documents=documents)


def stepped(case, step, *args):
    hand = Hand(
        case.documents[0].id, {d.id: d.version for d in case.documents}, HA, NOW
    )
    changed = step(case, hand, *args)
    new = {d.id: d for d in changed.documents}
    after = replace(case, documents=tuple(new.get(d.id, d) for d in case.documents))
    return joined(after, case.history.with_steps(*changed.steps))


def marks(case, ordinal=1):
    document = case.documents[ordinal - 1]
    return [
        (each.page, each.now, each.paper, each.mended)
        for each in objecting.shown(document, case.documents)
    ]


def test_each_page_has_its_own_reason_in_the_order_of_the_pages():
    """And the audit says which and why, without anybody's words."""
    outcome = sent_back(("a.3", "cut", ""), ("a.1", "other", " vết  ố "), text="")
    assert outcome.document.state is State.RETURNED
    assert [
        (o.number, o.wrong, o.words) for o in outcome.document.refused.objections
    ] == [(1, "other", "vết ố"), (3, "cut", "")]
    (note,) = outcome.notes
    assert note.values == {"objections": "1:other 3:cut"}


@pytest.mark.parametrize(
    ("typed", "error"),
    [
        (("a.2", "", ""), ("reason-a.2", "error.objection-reason", {"page": 2})),
        (("a.2", "x", ""), ("reason-a.2", "error.objection-reason", {"page": 2})),
        (("a.2", "other", " "), ("reason-a.2", "error.objection-words", {"page": 2})),
        (
            ("a.2", "cut", "x" * 201),
            ("reason-a.2", "error.objection-long", {"page": 2}),
        ),
    ],
)
def test_a_page_without_a_reason_is_a_mistake_beside_its_field(typed, error):
    with pytest.raises(Mistaken) as raised:
        sent_back(typed, ("a.1", "cut", ""))
    assert [(e.field, e.key, e.values) for e in raised.value.errors] == [error]


def test_a_paper_goes_back_for_a_page_or_for_words():
    """Neither is a mistake; words alone are enough; so are pages alone."""
    with pytest.raises(Mistaken):
        sent_back(text="  ")
    assert sent_back(text="thiếu trang").document.refused.objections == ()
    assert sent_back(("a.1", "cut", "")).document.refused.text == ""


def test_a_page_that_is_none_of_the_papers_is_refused():
    with pytest.raises(NotAllowed) as raised:
        sent_back(("b.1", "cut", ""))
    assert raised.value.key == "error.pages-changed"


def test_a_mark_goes_where_its_page_goes():
    case = on_desk(returned())
    assert marks(case) == [("a.1", 1, None, False), ("a.2", 2, None, False)]
    case = stepped(case, page_steps.move, (FIRST,), "last")
    assert marks(case) == [("a.1", 3, None, False), ("a.2", 1, None, False)]


def test_a_page_that_is_gone_is_mended_and_its_number_marks_no_other():
    case = on_desk(returned())
    case = stepped(case, page_steps.drop, (FIRST,))
    assert marks(case) == [("a.1", None, None, True), ("a.2", 1, None, False)]
    case = stepped(case, page_steps.restore, (FIRST,))
    assert marks(case)[0] == ("a.1", 1, None, False)


def test_a_turn_mends_what_was_turned_and_nothing_else():
    case = on_desk(returned())
    case = stepped(case, page_steps.turn, (FIRST, SECOND), 180)
    assert marks(case) == [("a.1", 1, None, False), ("a.2", 2, None, True)]


def test_a_page_in_another_paper_is_marked_there():
    case = on_desk(returned(), paper(2, State.RECEIVED, 1))
    case = stepped(case, paper_steps.send, (FIRST,), case.documents[1].id)
    assert marks(case)[0] == ("a.1", None, 2, False)
    assert marks(case, 2) == [("a.1", 2, None, False)]


def test_the_marks_end_when_the_paper_is_submitted_anew():
    document = returned()
    manifest = tuple(page.manifest for page in document.pages)
    compared = replace(document, compared_by="ha", compared_pages=document.page_digests)
    outcome = desk.submit(compared, Original(build.ref(), manifest), 5, HA, NOW)
    assert objecting.shown(outcome.document, (outcome.document,)) == ()
    assert outcome.document.refused.by == VINH.name
