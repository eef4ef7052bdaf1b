"""Steps of the page desk, as forms: each reads what was chosen and leads back there.

The script of the page sends the same forms. What a step may do is decided in
``intake.domain``. Start at ``step``.
"""

from starlette.responses import Response

from intake.app import receipts
from intake.app.acts import done, see_other
from intake.app.visit import Unreadable, Visit
from intake.domain import adjusting, intake_form, text
from intake.domain.arranging import PageId, page_id
from intake.domain.intake_form import Mistaken
from intake.domain.paper_steps import Merge, Split
from intake.domain.records import Paper
from intake.domain.states import NotAllowed
from intake.domain.views.page import Receipt
from intake.usecases.arranging import PLAIN


async def step(visit: Visit) -> Response:
    """One press of the tool bar, on the chosen pages; or a page put elsewhere."""
    document, act = visit.path("document"), visit.typed.one("act")
    arranging = visit.desk.arranging
    if act == "place":
        await arranging.place(
            document,
            _pages(visit),
            _page(visit, "after"),
            visit.typed.versions(),
            visit.by,
        )
    elif act in PLAIN:
        await arranging.plain(
            document, act, _pages(visit), visit.typed.versions(), visit.by
        )
    else:
        raise Unreadable("act")
    return _back(visit)


async def insert(visit: Visit) -> Response:
    await visit.desk.arranging.insert(
        visit.path("document"),
        _pages(visit),
        _page(visit, "after"),
        visit.typed.versions(),
        visit.by,
    )
    return _back(visit)


async def replace(visit: Visit) -> Response:
    old = _page(visit, "old")
    if old is None:
        raise NotAllowed("error.no-page-chosen")
    await visit.desk.arranging.replace(
        visit.path("document"),
        old,
        _pages(visit),
        visit.typed.versions(),
        visit.by,
    )
    return _back(visit)


async def adjust(visit: Visit) -> Response:
    """One page straightened or trimmed, or as it was scanned again."""
    page, typed = _page(visit, "page"), visit.typed
    if page is None:
        raise NotAllowed("error.no-page-chosen")
    left, top, right, low = (typed.one(f"trim-{edge}") for edge in _EDGES)
    wish = adjusting.wish(typed.one("degrees"), (left, top, right, low))
    await visit.desk.adjusting.adjust(
        visit.path("document"), page, wish, typed.versions(), visit.by
    )
    return _back(visit)


async def send(visit: Visit) -> Response:
    await visit.desk.arranging.send(
        visit.path("document"),
        _pages(visit),
        visit.typed.one("to"),
        visit.typed.versions(),
        visit.by,
    )
    return _back(visit)


async def split(visit: Visit) -> Response:
    """One paper becomes two; the new one's desk comes next."""
    at, typed = _page(visit, "at"), visit.typed
    if at is None:
        raise NotAllowed("error.split-where")
    try:
        new = intake_form.parse_paper(
            {name: typed.one(f"new_{name}") for name in _PAPER},
            visit.desk.pages.kinds(visit.by),
        )
    except Mistaken as mistaken:
        first = mistaken.errors[0]
        raise NotAllowed(first.key, **first.values) from mistaken
    form = Split(at, _title(typed.one("title")), _count(typed.one("pages")), new)
    after = await visit.desk.arranging.split(
        visit.path("document"), form, visit.typed.versions(), visit.by
    )
    return _parted(visit, after.added[0].id, new, after.added[0].ordinal)


async def merge(visit: Visit) -> Response:
    typed = visit.typed
    form = Merge(
        other=typed.one("other"),
        title=_title(typed.one("title")),
        before=typed.one("order") == "before",
    )
    document = visit.path("document")
    await visit.desk.arranging.merge(document, form, visit.typed.versions(), visit.by)
    receipt = Receipt("merged", {"title": receipts.short(form.title)})
    return done(visit, f"/documents/{document}/desk", receipt)


_EDGES = ("left", "top", "right", "low")
_PAPER = ("title", "kind", "issuing_body", "pages")


def _parted(visit: Visit, document: str, paper: Paper, ordinal: int) -> Response:
    values: dict[str, str | int] = {
        "title": receipts.short(paper.title),
        "n": ordinal,
    }
    return done(visit, f"/documents/{document}/desk", Receipt("split", values))


def _back(visit: Visit) -> Response:
    return see_other(f"/documents/{visit.path('document')}/desk")


def _pages(visit: Visit) -> tuple[PageId, ...]:
    return tuple(_named(name) for name in visit.typed.all("page"))


def _page(visit: Visit, field: str) -> PageId | None:
    name = visit.typed.one(field)
    return _named(name) if name else None


def _named(name: str) -> PageId:
    try:
        return page_id(name)
    except ValueError as error:
        raise Unreadable("page") from error


def _title(typed: str) -> str:
    title = text.line(typed)
    if not title:
        raise NotAllowed("error.title")
    if len(title) > text.LINE_CHARACTERS:
        raise NotAllowed("error.too-long", most=text.LINE_CHARACTERS)
    return title


def _count(typed: str) -> int:
    try:
        return intake_form.pages(typed)
    except ValueError as error:
        raise NotAllowed("error.pages") from error
