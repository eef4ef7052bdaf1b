"""What a clerk may do with the pages of one paper: guarded, each a step.

How a step is recorded and taken back is in ``stepping``; where the pages lie then is
derived (``arranging``). The steps between papers are in ``paper_steps``. Start at
``turn``.
"""

from collections.abc import Iterable
from typing import Final, Literal

from ecopy.paper import LEAST_PAGE_POINTS
from intake.domain import arranging
from intake.domain.arranging import Effect, LaidPage, PageId
from intake.domain.desk_pages import DeskPage, turned
from intake.domain.states import NotAllowed
from intake.domain.stepping import CaseOnDesk, Hand, Rearranged, recorded

Where = Literal["earlier", "later", "first", "last"]
TURNS: Final = frozenset({90, 180, 270})


def turn(
    case: CaseOnDesk, hand: Hand, pages: tuple[PageId, ...], degrees: int
) -> Rearranged:
    """Turn pages clockwise. Nothing in a page changes but how it is shown."""
    if degrees not in TURNS:
        raise NotAllowed("error.pages-changed")
    shown = _shown(case, hand, pages)
    for number, page in shown.items():
        check_wide_enough(page, degrees, number=number)
    return recorded(case, hand, "turn", Effect(pages, turn=degrees))


def move(
    case: CaseOnDesk, hand: Hand, pages: tuple[PageId, ...], where: Where
) -> Rearranged:
    """Pages one place on, or to an end; several stay together, in their order."""
    _shown(case, hand, pages)
    laid = case.document(hand.document).laid
    ordered = tuple(page.id for page in laid if page.id in pages)
    rest = [page for page in laid if page.id not in pages]
    return _laid_behind(case, hand, ordered, _anchor(laid, rest, ordered, where))


def place(
    case: CaseOnDesk, hand: Hand, pages: tuple[PageId, ...], after: PageId | None
) -> Rearranged:
    """Pages behind another of the same paper; first of all without one."""
    _shown(case, hand, pages)
    laid = case.document(hand.document).laid
    if after is not None and (after in pages or all(page.id != after for page in laid)):
        raise NotAllowed("error.pages-changed")
    ordered = tuple(page.id for page in laid if page.id in pages)
    return _laid_behind(case, hand, ordered, after)


def drop(case: CaseOnDesk, hand: Hand, pages: tuple[PageId, ...]) -> Rearranged:
    """Put pages aside. They keep their place, and nothing is deleted."""
    _shown(case, hand, pages)
    return recorded(case, hand, "drop", Effect(drop=pages))


def restore(case: CaseOnDesk, hand: Hand, pages: tuple[PageId, ...]) -> Rearranged:
    """Bring back what was put aside."""
    aside = {page.id for page in case.document(hand.document).dropped_pages}
    if not pages or not aside.issuperset(pages):
        raise NotAllowed("error.pages-changed")
    return recorded(case, hand, "restore", Effect(restore=pages))


def replace_page(
    case: CaseOnDesk, hand: Hand, old: PageId, new: tuple[PageId, ...]
) -> Rearranged:
    """Put *new* where *old* is, and *old* aside: a page that was scanned again."""
    _shown(case, hand, (old,))
    if not new or old in new or any(case.holder(page) is None for page in new):
        raise NotAllowed("error.pages-changed")
    effect = Effect(new, to=hand.document, after=old, drop=(old,), restore=new)
    return recorded(case, hand, "replace", effect)


def check_wide_enough(page: DeskPage, degrees: int, *, number: int) -> None:
    """A page narrower than a copy's footer was laid on a larger one, as it stood then;
    turned, it would be too narrow again. Raises NotAllowed.
    """
    after = turned(page.manifest, degrees)
    lying = after.rotation in {90, 270}
    sides = (after.height, after.width) if lying else (after.width, after.height)
    if any(side < least for side, least in zip(sides, LEAST_PAGE_POINTS, strict=True)):
        raise NotAllowed("error.page-too-narrow", page=number)


def _shown(
    case: CaseOnDesk, hand: Hand, pages: tuple[PageId, ...]
) -> dict[int, DeskPage]:
    """Number → each of the pages. NotAllowed unless all of them are in the paper."""
    if not pages:
        raise NotAllowed("error.no-page-chosen")
    numbered = enumerate(case.document(hand.document).pages, start=1)
    found = {number: page for number, page in numbered if page.id in pages}
    if len(found) != len(set(pages)) or len(pages) != len(set(pages)):
        raise NotAllowed("error.pages-changed")
    return found


def _laid_behind(
    case: CaseOnDesk, hand: Hand, pages: tuple[PageId, ...], after: PageId | None
) -> Rearranged:
    effect = Effect(pages, to=hand.document, after=after)
    laid = case.document(hand.document).laid
    moved = arranging.applied({hand.document: laid}, effect)[hand.document]
    if _seen(moved) == _seen(laid):
        return Rearranged()  # it lies there already: no step, so nothing to undo
    return recorded(case, hand, "move", effect)


def _seen(laid: Iterable[LaidPage]) -> tuple[PageId, ...]:
    return tuple(page.id for page in laid if not page.dropped)


def _anchor(
    laid: tuple[LaidPage, ...],
    rest: list[LaidPage],
    pages: tuple[PageId, ...],
    where: Where,
) -> PageId | None:
    """The page behind which the chosen ones come to lie. Dropped ones are passed by."""
    if where == "first":
        return None
    if where == "last":
        return rest[-1].id if rest else None
    edge = pages[0] if where == "earlier" else pages[-1]
    before = next(n for n, page in enumerate(laid) if page.id == edge)
    passed = [p for p in laid[:before] if p in rest]
    follow = [p for p in laid[before:] if p in rest]
    if where == "later":
        while follow:
            passed.append(follow.pop(0))
            if not passed[-1].dropped:
                break
    else:
        while passed and passed.pop().dropped:
            pass
    return passed[-1].id if passed else None
