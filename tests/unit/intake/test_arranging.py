"""Pages under random steps: none is lost or doubled, and every step can be taken back.

The sequences are drawn from seeds, so that a failure comes again under its number.
"""

import random
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from intake.domain import (
    adjusting,
    arranging,
    page_steps,
    paper_files,
    paper_steps,
    pictures,
    stepping,
    undoing,
)
from intake.domain.arranging import History, PageId, page_id
from intake.domain.desk_pages import excerpts
from intake.domain.fee import FeeRule
from intake.domain.files import Part, StoredFile
from intake.domain.page_steps import Where
from intake.domain.paper_steps import Merge, Split
from intake.domain.people import Actor
from intake.domain.records import Case, CaseDocument, Conflict, Paper, Requester
from intake.domain.scan import PageFacts
from intake.domain.states import NotAllowed, State
from intake.domain.stepping import CaseOnDesk, Hand
from support import build

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
CODE = "H99.42.05.13-261123-0001"
HA = Actor(user="ha", name="Lò Thị Minh Hạ", agency="H99.42.05.13")
RULE = FeeRule(
    rule_set="x",
    valid_from=date(2020, 1, 1),
    first_pages=2,
    first_rate=1000,
    further_rate=1000,
    ceiling=200_000,
)
SEEDS = range(8)
STEPS = 15


def stored(name, document, position, pages=1, state="good"):
    facts = PageFacts(0, 1, (build.digest(),), 2480, 3508, 300, "lifted")
    leaves = tuple(
        build.page(width=595.2 + position, height=841.92 + n) for n in range(pages)
    )
    names = tuple(f"t/{name}/{n}" for n in range(pages))
    part = Part(build.ref(name.encode()), leaves, (facts,) * pages, names, names)
    return StoredFile(
        id=name,
        document=document,
        position=position,
        name=f"{name}.pdf",
        raw=build.ref(name.encode()),
        uploaded_by=HA.name,
        uploaded_at=NOW,
        state=state,
        part=part if state == "good" else None,
    )


def paper(ordinal, *files):
    return CaseDocument(
        id=f"{CODE}-{ordinal}",
        case=CODE,
        agency=HA.agency,
        ordinal=ordinal,
        paper=Paper(f"Giấy {ordinal}", "diploma", "ĐH Minh Họa", 3),
        fee=3000,
        received_by="ha",
        state=State.RECEIVED,
        version=1,
        changed_by="Cao Xuân Mẫn",
        changed_at=NOW,
        brought_by=(f"bringer-{ordinal}",),
        files=files,
    )


def on_desk(*papers):
    case = Case(
        code=CODE,
        agency=HA.agency,
        requester=Requester("person", "x", "cccd", "1", None, "1", ""),
        channel="counter",
        privacy_at=NOW,
        received_by="ha",
        received_by_name=HA.name,
        received_at=NOW,
        complete_at=NOW,
        due_at=NOW,
        rule_set="x",
        version=1,
        changed_by=HA.name,
        changed_at=NOW,
    )
    return together(CaseOnDesk(case, papers), papers[0].history)


def together(case, history):
    """As the adapter reads it: each paper with all steps and the others' files."""
    return replace(
        case,
        documents=tuple(
            replace(
                each,
                history=history,
                others=tuple(
                    f for d in case.documents if d.id != each.id for f in d.files
                ),
            )
            for each in case.documents
        ),
    )


def two_papers():
    """Four pages in two files, and two in one."""
    first, second = f"{CODE}-1", f"{CODE}-2"
    return on_desk(
        paper(1, stored("a", first, 1, 3), stored("b", first, 2)),
        paper(2, stored("c", second, 1, 2)),
    )


def hand(case, document=f"{CODE}-1"):
    return Hand(document, {d.id: d.version for d in case.documents}, HA, NOW)


def after(case, changed):
    """The case as the next step finds it."""
    new = {d.id: d for d in (*changed.documents, *changed.added)}
    documents = tuple(new.pop(d.id, d) for d in case.documents)
    history = case.history.with_steps(*changed.steps)
    case = replace(case, documents=(*documents, *new.values()))
    return together(case, history)


def lying(case):
    """What every paper shows: page and turn in order, and what is aside. A page that
    was made and is not shown is nothing.
    """
    return {
        d.id: (
            [(p.id, p.rotation) for p in d.pages],
            [p.id for p in d.dropped_pages if p.adjustment is None],
        )
        for d in case.documents
    }


def told(case):
    """All that a person sees of the papers, but for versions."""
    words = [(d.id, d.paper, d.fee, d.state) for d in case.documents]
    return lying(case), words


def some_step(chance, case):
    """A step that a hand may make, at the desk of some paper that is open."""
    here = chance.choice([d for d in case.documents if d.state is State.RECEIVED])
    mine = hand(case, here.id)
    shown = [p.id for p in here.pages]
    aside = [p.id for p in here.dropped_pages]
    elsewhere = [p.id for d in case.documents if d is not here for p in d.pages]
    some = tuple(chance.sample(shown, chance.randint(1, len(shown)))) if shown else ()
    anchor = chance.choice([None, *(p for p in shown if p not in some)])
    steps = [
        lambda: page_steps.turn(case, mine, some, chance.choice([90, 180, 270])),
        lambda: page_steps.move(case, mine, some, chance.choice(Where.__args__)),
        lambda: page_steps.place(case, mine, some, anchor),
        lambda: page_steps.drop(case, mine, some),
        lambda: page_steps.restore(case, mine, tuple(aside)),
        lambda: page_steps.replace_page(
            case, mine, chance.choice(shown), (chance.choice(elsewhere),)
        ),
        lambda: paper_steps.insert(case, mine, tuple(aside + elsewhere[:1]), anchor),
        lambda: paper_steps.send(case, mine, some, chance.choice(case.documents).id),
        lambda: paper_steps.split(case, mine, halves(shown), RULE),
        lambda: paper_steps.merge(
            case, mine, Merge(chance.choice(case.documents).id, "Một", True), RULE
        ),
        lambda: adjusting.laid(case, mine, *made_of(case, here, shown[0]), most=99),
        lambda: adjusting.as_scanned(case, mine, chance.choice(shown)),
        lambda: undoing.undo(case, mine),
        lambda: undoing.redo(case, mine),
    ]
    try:
        return chance.choice(steps)()
    except (NotAllowed, IndexError):
        return stepping.Rearranged()


def made_of(case, here, page, degrees="2,5", trim=("", "", "", "")):
    """A page of the paper, and the file that a worker makes of it."""
    wanted = adjusting.remake(here, page, adjusting.wish(degrees, trim))
    name = f"made{sum(len(d.files) for d in case.documents)}"
    part = stored(name, here.id, 0).part
    return page, adjusting.file_of(
        wanted, part, name=name, document=here.id, by=HA, at=NOW
    )


def halves(shown):
    new = Paper("Bảng điểm", "diploma", "", 2)
    return Split(shown[len(shown) // 2], "Bằng", 1, new)


def walked(seed):
    """A case before and after each of many random steps."""
    chance, case = random.Random(seed), two_papers()
    for _ in range(STEPS):
        changed = some_step(chance, case)
        following = after(case, changed)
        yield case, changed, following
        case = following


@pytest.mark.parametrize("seed", SEEDS)
def test_no_page_is_lost_or_doubled(seed):
    """Every page of every file lies in exactly one paper that is open, seen or put
    aside.
    """
    pages = sorted([PageId("a", 1), PageId("a", 2), PageId("a", 3), PageId("b", 1)])
    pages = sorted([*pages, PageId("c", 1), PageId("c", 2)])
    for _, _, case in walked(seed):
        there = [page.id for d in case.documents for page in d.laid]
        files = [f for d in case.documents for f in d.files]
        made = [PageId(f.id, 1) for f in files if f.made_of is not None]
        assert sorted(there) == sorted([*pages, *made])
        ended = [d for d in case.documents if d.state is State.MERGED]
        assert not any({p.id for p in d.laid} - set(made) or d.fee for d in ended)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_step_that_is_undone_has_never_been_and_redone_is_there_again(seed):
    """Papers, pages, names and fees: as before, then as after."""
    for before, changed, case in walked(seed):
        if not changed.steps or changed.steps[-1].state != "done":
            continue
        here = changed.steps[-1].document
        if case.document(here).state is State.MERGED:
            continue
        back = after(case, undoing.undo(case, hand(case, here)))
        kept = {d.id for d in before.documents}
        words = [w for w in told(back)[1] if w[0] in kept]
        assert {k: v for k, v in lying(back).items() if k in kept} == lying(before)
        assert words == told(before)[1]
        again = after(back, undoing.redo(back, hand(back, here)))
        assert told(again) == told(case)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_file_that_arrives_later_moves_nothing(seed):
    """Whenever it comes, also between two that were there: what was laid stays in its
    order, and the new pages are seen once, in the paper to which they were sent.
    """
    for _, _, case in walked(seed):
        first = case.documents[0]
        if first.state is not State.RECEIVED:
            continue
        late = stored("late", first.id, 1.5, 2)
        more = replace(first, files=(first.files[0], late, *first.files[1:]))
        grown = together(
            replace(case, documents=(more, *case.documents[1:])), case.history
        )
        for old, new in zip(case.documents, grown.documents, strict=True):
            rest = [page for page in new.laid if page.id.file != "late"]
            assert rest == list(old.laid)
        come = [p.id for p in grown.documents[0].pages if p.id.file == "late"]
        assert come == [PageId("late", 1), PageId("late", 2)]


@pytest.mark.parametrize("seed", SEEDS)
def test_each_page_has_the_digest_of_its_turn(seed):
    """What an approval names is the page turned as it is shown; what is joined is
    exactly that, and a file that lies whole and straight is joined as it is.
    """
    for _, _, case in walked(seed):
        leaves = {
            (f.id, n): leaf
            for d in case.documents
            for f in d.files
            for n, leaf in enumerate(f.part.manifest, start=1)
        }
        for document in case.documents:
            joined = excerpts(document.pages)
            manifest = tuple(page for each in joined for page in each.manifest)
            assert pictures.digests(manifest) == document.page_digests
            for page, leaf in zip(document.pages, manifest, strict=True):
                source = leaves[page.id.file, page.id.number]
                assert leaf == source.model_copy(update={"rotation": page.turn})
            for each in joined:
                numbers = range(1, 1 + len(each.numbers))
                straight = all(leaf.rotation == 0 for leaf in each.manifest)
                whole = (*numbers,) == each.numbers and straight
                assert each.whole <= whole


@pytest.mark.parametrize("seed", SEEDS)
def test_what_a_step_touches_is_to_be_compared_anew_and_nothing_else_changes(seed):
    """The others keep version, comparison and pages; and whoever brought a page's file
    is among the hands of the paper in which it lies.
    """
    for before, changed, case in walked(seed):
        touched = set(changed.steps[-1].touches) if changed.steps else set()
        for old, new in zip(before.documents, case.documents, strict=False):
            if old.id in touched:
                assert new.version == old.version + 1
                assert new.compared_by is None
            else:
                assert replace(new, history=old.history, others=old.others) == old
        for document in case.documents:
            for page in document.pages:
                of = page.adjustment.page if page.adjustment else str(page.id)
                bringer = "bringer-2" if of.startswith("c.") else "bringer-1"
                assert bringer in document.brought_by


def test_a_step_after_an_undo_ends_what_was_undone():
    """It is not deleted, and it does not come back; nor does what stood on it."""
    case = two_papers()
    one, two = f"{CODE}-1", f"{CODE}-2"
    case = after(case, paper_steps.send(case, hand(case), (PageId("a", 1),), two))
    case = after(case, page_steps.drop(case, hand(case, two), (PageId("c", 1),)))
    case = after(case, undoing.undo(case, hand(case, two)))
    case = after(case, undoing.undo(case, hand(case, two)))
    case = after(case, page_steps.drop(case, hand(case, one), (PageId("a", 2),)))
    assert [step.state for step in case.history.steps] == ["cut", "cut", "done"]
    assert case.history.steps[0].undone_by == HA.name
    with pytest.raises(NotAllowed, match="nothing-to-redo"):
        undoing.redo(case, hand(case, two))


def test_each_paper_goes_back_in_the_order_in_which_it_changed():
    """A step over two papers waits for what came after it on the other one."""
    case, two = two_papers(), f"{CODE}-2"
    case = after(case, paper_steps.send(case, hand(case), (PageId("a", 1),), two))
    case = after(case, page_steps.drop(case, hand(case, two), (PageId("c", 1),)))
    with pytest.raises(NotAllowed, match="undo-there-first") as raised:
        undoing.undo(case, hand(case))
    assert raised.value.values == {"n": 2}
    case = after(case, undoing.undo(case, hand(case, two)))
    case = after(case, undoing.undo(case, hand(case)))
    with pytest.raises(NotAllowed, match="nothing-to-undo"):
        undoing.undo(case, hand(case))
    with pytest.raises(NotAllowed, match="nothing-to-undo"):
        undoing.undo(case, hand(case, two))
    assert lying(case) == lying(two_papers())


def test_a_page_scanned_again_stands_where_the_old_one_stood():
    """Its place is kept, and the old one is put aside beside it."""
    case = two_papers()
    new = (PageId("b", 1),)
    case = after(case, page_steps.replace_page(case, hand(case), PageId("a", 2), new))
    shown = [str(p.id) for p in case.documents[0].pages]
    assert shown == ["a.1", "b.1", "a.3"]
    assert [str(p.id) for p in case.documents[0].dropped_pages] == ["a.2"]


@pytest.mark.parametrize(
    ("where", "pages", "order"),
    [
        ("earlier", "c", "acbde"),
        ("earlier", "bc", "bcade"),
        ("earlier", "ac", "acbde"),
        ("later", "b", "acbde"),
        ("later", "bd", "acebd"),
        ("later", "e", "abcde"),
        ("first", "de", "deabc"),
        ("last", "a", "bcdea"),
    ],
)
def test_moving_passes_one_page(where, pages, order):
    """Several stay together in their order; at the end of the paper nothing happens."""
    name = f"{CODE}-1"
    files = [stored(letter, name, n) for n, letter in enumerate("abcde", start=1)]
    case = on_desk(paper(1, *files))
    chosen = tuple(PageId(letter, 1) for letter in pages)
    changed = page_steps.move(case, hand(case), chosen, where)
    case = after(case, changed)
    assert "".join(page.id.file for page in case.documents[0].pages) == order
    assert bool(changed.steps) == (order != "abcde")


def test_a_move_passes_what_is_put_aside():
    """One press moves the page by one page that a person sees."""
    name = f"{CODE}-1"
    files = [stored(letter, name, n) for n, letter in enumerate("abcd", start=1)]
    case = on_desk(paper(1, *files))
    case = after(case, page_steps.drop(case, hand(case), (PageId("b", 1),)))
    case = after(case, page_steps.move(case, hand(case), (PageId("c", 1),), "earlier"))
    assert [page.id.file for page in case.documents[0].pages] == ["c", "a", "d"]
    case = after(case, page_steps.move(case, hand(case), (PageId("c", 1),), "later"))
    assert [page.id.file for page in case.documents[0].pages] == ["a", "c", "d"]


def test_one_paper_becomes_two_and_one_again():
    """Each has its words and its fee; undone, the new one is none."""
    case = two_papers()
    form = Split(PageId("a", 3), "Bằng", 2, Paper("Bảng điểm", "diploma", "ĐH", 2))
    parted = after(case, paper_steps.split(case, hand(case), form, RULE))
    first, _, third = parted.documents
    assert (first.paper.title, first.paper.pages, first.fee) == ("Bằng", 2, RULE.fee(2))
    assert (third.paper.title, third.fee, third.version) == ("Bảng điểm", 2000, 1)
    assert [str(p.id) for p in third.pages] == ["a.3", "b.1"]
    assert third.received_by == "ha"
    back = after(parted, undoing.undo(parted, hand(parted)))
    assert back.documents[2].state is State.MERGED
    assert back.documents[0].paper == case.documents[0].paper
    again = after(back, undoing.redo(back, hand(back)))
    assert again.documents[2].state is State.RECEIVED
    assert told(again) == told(parted)


def test_what_is_put_aside_stays_so_where_it_goes():
    """A split and a merge take dropped pages along, and bring none back."""
    case, gone = two_papers(), PageId("b", 1)
    case = after(case, page_steps.drop(case, hand(case), (gone,)))
    form = Split(PageId("a", 2), "Bằng", 1, Paper("Bảng điểm", "diploma", "", 2))
    case = after(case, paper_steps.split(case, hand(case), form, RULE))
    third = case.documents[2]
    assert [page.id for page in third.dropped_pages] == [gone]
    both = Merge(third.id, "Cả hai", before=False)
    case = after(case, paper_steps.merge(case, hand(case), both, RULE))
    assert [page.id for page in case.documents[0].dropped_pages] == [gone]
    assert gone not in [page.id for page in case.documents[0].pages]


def test_two_papers_become_one():
    """One number and one fee; the other ends, and comes back with an undo."""
    case = two_papers()
    form = Merge(f"{CODE}-2", "Cả hai", before=True)
    merged = after(case, paper_steps.merge(case, hand(case), form, RULE))
    first, second = merged.documents
    assert [str(p.id) for p in first.pages] == [
        "c.1",
        "c.2",
        "a.1",
        "a.2",
        "a.3",
        "b.1",
    ]
    assert (first.paper.title, first.paper.pages, first.fee) == ("Cả hai", 6, 6000)
    assert (second.state, second.fee, second.pages) == (State.MERGED, 0, ())
    back = after(merged, undoing.undo(merged, hand(merged)))
    assert told(back) == told(case)


def test_a_paper_does_not_end_under_what_lies_in_it():
    """Neither a file that is being checked nor one that was sent to it since."""
    case = two_papers()
    busy = stored("d", f"{CODE}-2", 2, state="busy")
    second = case.documents[1]
    hurried = replace(
        case,
        documents=(
            case.documents[0],
            replace(second, files=(*second.files, busy)),
        ),
    )
    form = Merge(f"{CODE}-2", "Cả hai", before=False)
    with pytest.raises(NotAllowed, match="file-busy"):
        paper_steps.merge(hurried, hand(hurried), form, RULE)
    split = Split(PageId("a", 2), "Bằng", 1, Paper("Bảng", "diploma", "", 2))
    parted = after(case, paper_steps.split(case, hand(case), split, RULE))
    third = parted.documents[2]
    own = replace(third, files=(stored("e", third.id, 1),))
    parted = together(
        replace(parted, documents=(*parted.documents[:2], own)), parted.history
    )
    with pytest.raises(NotAllowed, match="paper-not-empty"):
        undoing.undo(parted, hand(parted))


def test_a_file_stays_while_a_page_of_it_lies_in_another_paper():
    """It would go there, under the eyes of nobody."""
    case, two = two_papers(), f"{CODE}-2"
    case = after(case, paper_steps.send(case, hand(case), (PageId("a", 1),), two))
    first = case.documents[0]
    with pytest.raises(NotAllowed, match="pages-elsewhere"):
        paper_files.remove_file(first, "a", first.version, HA, NOW)
    paper_files.remove_file(first, "b", first.version, HA, NOW)


def test_others_lie_behind_a_page_whose_file_was_removed():
    """What was laid behind it stays there."""
    case = two_papers()
    chosen = (PageId("a", 1),)
    case = after(case, page_steps.place(case, hand(case), chosen, PageId("b", 1)))
    first = case.documents[0]
    gone = paper_files.remove_file(first, "b", first.version, HA, NOW).document
    assert [str(p.id) for p in gone.pages] == ["a.2", "a.3", "a.1"]


@pytest.mark.parametrize(
    ("versions", "error"),
    [({f"{CODE}-1": 1}, Conflict), ({f"{CODE}-1": 1, f"{CODE}-2": 2}, Conflict)],
)
def test_a_form_names_the_version_of_each_paper_that_it_changes(versions, error):
    """Somebody may have changed the other one meanwhile."""
    case = two_papers()
    mine = Hand(f"{CODE}-1", versions, HA, NOW)
    with pytest.raises(error):
        paper_steps.send(case, mine, (PageId("a", 1),), f"{CODE}-2")
    page_steps.drop(case, mine, (PageId("a", 1),))  # of one paper only


@pytest.mark.parametrize(
    "state", [s for s in State if s not in {"received", "returned"}]
)
def test_a_paper_that_has_left_the_desk_is_not_arranged(state):
    """Nor is one touched from the desk of another."""
    case = two_papers()
    gone = replace(case.documents[1], state=state)
    case = replace(case, documents=(case.documents[0], gone))
    with pytest.raises(NotAllowed):
        page_steps.drop(case, hand(case, gone.id), (PageId("c", 1),))
    with pytest.raises(NotAllowed):
        paper_steps.send(case, hand(case), (PageId("a", 1),), gone.id)
    with pytest.raises(NotAllowed):
        paper_steps.insert(case, hand(case), (PageId("c", 1),), None)


def test_a_narrow_page_is_not_turned_on_its_side():
    """A copy's footer would not fit: it was laid on a larger page as it stood."""
    name = f"{CODE}-1"
    strip = stored("a", name, 1)
    thin = replace(strip.part, manifest=(build.page(width=595.2, height=100.0),))
    case = on_desk(paper(1, replace(strip, part=thin)))
    with pytest.raises(NotAllowed, match="page-too-narrow"):
        page_steps.turn(case, hand(case), (PageId("a", 1),), 90)
    page_steps.turn(case, hand(case), (PageId("a", 1),), 180)


@pytest.mark.parametrize("pages", [(), ("x.1",), ("a.1", "a.1"), ("c.1",), ("a.9",)])
def test_only_pages_of_the_paper_are_chosen(pages):
    """Each once; one that lies elsewhere is not moved by a form of this paper."""
    case = two_papers()
    chosen = tuple(map(page_id, pages))
    for act in (
        lambda: page_steps.turn(case, hand(case), chosen, 90),
        lambda: page_steps.move(case, hand(case), chosen, "first"),
        lambda: page_steps.drop(case, hand(case), chosen),
        lambda: page_steps.restore(case, hand(case), chosen),
    ):
        with pytest.raises(NotAllowed):
            act()


@pytest.mark.parametrize(
    "text", ["", "a", ".1", "a.", "a.x", "a.-1", "a.1234567", "a.²"]
)
def test_what_is_no_page_is_refused(text):
    """A form is written by a browser, and by anybody else."""
    with pytest.raises(ValueError, match="no page's id"):
        page_id(text)


def test_a_page_is_named_as_it_was_read():
    """File ids may have points of their own."""
    assert str(page_id("x-1.b.2")) == "x-1.b.2"
    assert page_id("x-1.b.2") == PageId("x-1.b", 2)


def test_history_without_steps_is_the_files_in_their_order():
    """As before any step was made."""
    assert [str(p.id) for p in two_papers().documents[0].laid] == [
        *("a.1", "a.2", "a.3", "b.1")
    ]
    assert arranging.laid((), History()) == {}


def straightened(case, page, **wish):
    here = case.documents[0]
    return after(
        case,
        adjusting.laid(case, hand(case), *made_of(case, here, page, **wish), most=9),
    )


def test_a_straightened_page_stands_where_the_scanned_one_stood_and_can_go_back():
    """Turned like it; the scan is aside, is what it is made of a second time, and comes
    back by an undo or by hand, turned as the page was.
    """
    case, first = two_papers(), PageId("a", 1)
    case = after(case, page_steps.turn(case, hand(case), (first,), 90))
    case = straightened(case, first)
    once = PageId("made3", 1)
    here = case.documents[0]
    assert [p.id for p in here.pages][:2] == [once, PageId("a", 2)]
    assert [p.id for p in here.dropped_pages] == [first]
    assert here.pages[0].rotation == 90
    assert adjusting.scanned_page(here, here.pages[0]).digest != here.pages[0].digest
    case = straightened(case, once, trim=("10", "", "", ""))
    again = case.documents[0].pages[0]
    assert (again.adjustment.page, case.history.steps[-1].kind) == ("a.1", "trim")
    assert again.adjustment.trim == (0, 0, 0, 10)  # as seen on its side: from the left
    back = after(case, undoing.undo(case, hand(case)))
    assert back.documents[0].pages[0].id == once
    case = after(case, page_steps.turn(case, hand(case), (again.id,), 90))
    case = after(case, adjusting.as_scanned(case, hand(case), again.id))
    assert (case.documents[0].pages[0].id, case.documents[0].pages[0].rotation) == (
        first,
        180,
    )


def test_a_page_that_was_made_goes_with_the_file_it_was_made_of():
    case = straightened(two_papers(), PageId("b", 1))
    here = case.documents[0]
    changed = paper_files.remove_file(here, "b", here.version, HA, NOW).document
    assert [p.id for p in changed.pages] == [PageId("a", n) for n in (1, 2, 3)]
    assert [file.name for file in here.sent_files] == ["a.pdf", "b.pdf"]


@pytest.mark.parametrize("seed", range(4))
def test_edges_are_the_same_whichever_way_a_page_is_turned(seed):
    trim = tuple(random.Random(seed).sample(range(40), 4))
    assert adjusting.as_seen(adjusting.as_filed(trim, 90 * seed), 90 * seed) == trim


@pytest.mark.parametrize(
    ("degrees", "trim", "error"),
    [
        ("11", ("", "", "", ""), "error.straighten-range"),
        ("nan", ("", "", "", ""), "error.straighten-range"),
        ("1", ("-1", "", "", ""), "error.trim-range"),
        ("1", ("50", "", "31", ""), "error.trim-range"),
        ("1", ("", "1e3", "", ""), "error.trim-range"),
        ("0", ("0", "", "", ""), "error.nothing-to-adjust"),
    ],
)
def test_what_no_page_can_be_made_of_is_said(degrees, trim, error):
    case = two_papers()
    with pytest.raises(NotAllowed) as refused:
        made_of(case, case.documents[0], PageId("a", 1), degrees, trim)
    assert refused.value.key == error
