"""What a program does with pages on the desk: steps over one paper, which are made from
that paper's version, and steps between papers, which are made from the case's.

Each is the step of the clerk's page desk, and is undone like one. Start at ``arrange``.
"""

from starlette.responses import Response

from intake.app.v1 import tags
from intake.app.v1.asked import PaperRequest
from intake.app.v1.bodies import read
from intake.app.v1.cases import misfit_of, paper_fields, shown_case
from intake.app.v1.misfits import Misfit, MistakeAt
from intake.app.v1.papers import shown_paper
from intake.app.v1.steps_asked import (
    AdjustRequest,
    AtPaperRequest,
    DetailsRequest,
    InsertRequest,
    MergeRequest,
    PagesRequest,
    ReplaceRequest,
    SendRequest,
    SplitRequest,
)
from intake.app.visit import Visit
from intake.domain import adjusting, describing, intake_form, text
from intake.domain.arranging import PageId, page_id
from intake.domain.intake_form import Mistaken
from intake.domain.paper_steps import Merge, Split
from intake.domain.proposing import FIELDS, Field
from intake.domain.records import Paper


async def arrange(visit: Visit) -> Response:
    """Turn, move, drop or bring back pages by their names, or take a step back."""
    asked, document = read(visit, PagesRequest), visit.path("document")
    pages, versions = _pages(asked.pages), {document: tags.version(visit)}
    arranging = visit.desk.arranging
    if asked.act == "place":
        after = _page(asked.after, "/after")
        await arranging.place(document, pages, after, versions, visit.by)
    else:
        await arranging.plain(document, asked.act, pages, versions, visit.by)
    return await shown_paper(visit, document)


async def adjust(visit: Visit) -> Response:
    """Straighten a page or cut its edges off; without either it is again as scanned.
    The page as scanned stays beside it.
    """
    asked, document = read(visit, AdjustRequest), visit.path("document")
    page = _named(asked.page, "/page")
    edges = (asked.left, asked.top, asked.right, asked.foot)
    left, top, right, foot = (f"{edge:.2f}" for edge in edges)
    wish = adjusting.wish(f"{asked.degrees:.2f}", (left, top, right, foot))
    versions = {document: tags.version(visit)}
    await visit.desk.adjusting.adjust(document, page, wish, versions, visit.by)
    return await shown_paper(visit, document)


async def describe(visit: Visit) -> Response:
    """Put down what the paper says of itself: its number, its day, its holder."""
    asked, document = read(visit, DetailsRequest), visit.path("document")
    values = {name: said for name in FIELDS if (said := _said(asked, name)) is not None}
    await visit.desk.transcribing.describe(
        document, describing.details(values), tags.version(visit), visit.by
    )
    return await shown_paper(visit, document)


async def insert(visit: Visit) -> Response:
    """Pages of other papers of the case, or put aside, come into a paper."""
    asked = read(visit, InsertRequest)
    await visit.desk.arranging.insert(
        asked.paper,
        _pages(asked.pages),
        _page(asked.after, "/after"),
        _versions(visit, asked),
        visit.by,
    )
    return await shown_case(visit, visit.path("code"))


async def replace(visit: Visit) -> Response:
    """Pages take the place of one that was scanned badly, which is put aside."""
    asked = read(visit, ReplaceRequest)
    await visit.desk.arranging.replace(
        asked.paper,
        _named(asked.old, "/old"),
        _pages(asked.pages),
        _versions(visit, asked),
        visit.by,
    )
    return await shown_case(visit, visit.path("code"))


async def send(visit: Visit) -> Response:
    """Pages of a paper go to the end of another paper of the case."""
    asked = read(visit, SendRequest)
    pages, versions = _pages(asked.pages), _versions(visit, asked)
    await visit.desk.arranging.send(asked.paper, pages, asked.to, versions, visit.by)
    return await shown_case(visit, visit.path("code"))


async def split(visit: Visit) -> Response:
    """A page and those behind it become a paper of their own, with its own fee."""
    asked = read(visit, SplitRequest)
    new = _new_paper(visit, asked.new)
    form = Split(_named(asked.at, "/at"), _title(asked.title), asked.pages, new)
    await visit.desk.arranging.split(
        asked.paper, form, _versions(visit, asked), visit.by
    )
    return await shown_case(visit, visit.path("code"))


async def merge(visit: Visit) -> Response:
    """All pages of another paper come into this one, and that one ends."""
    asked = read(visit, MergeRequest)
    form = Merge(asked.other, _title(asked.title), asked.before)
    await visit.desk.arranging.merge(
        asked.paper, form, _versions(visit, asked), visit.by
    )
    return await shown_case(visit, visit.path("code"))


async def undo(visit: Visit) -> Response:
    """Take back the last step that touches a paper, also one between papers."""
    return await _stepped(visit, "undo")


async def redo(visit: Visit) -> Response:
    """Do again what was taken back last at a paper."""
    return await _stepped(visit, "redo")


async def _stepped(visit: Visit, act: str) -> Response:
    asked = read(visit, AtPaperRequest)
    versions = _versions(visit, asked)
    await visit.desk.arranging.plain(asked.paper, act, (), versions, visit.by)
    return await shown_case(visit, visit.path("code"))


def _versions(visit: Visit, asked: AtPaperRequest) -> dict[str, int]:
    """The version of each paper, as the case's tag has it. Raises Misfit where the
    step is made at a paper that is none of them.
    """
    versions = tags.every_paper(visit)
    if asked.paper not in versions:
        raise Misfit(MistakeAt("/paper", "no paper of this case"))
    return versions


def _pages(names: list[str]) -> tuple[PageId, ...]:
    return tuple(_named(name, f"/pages/{n}") for n, name in enumerate(names))


def _page(name: str, pointer: str) -> PageId | None:
    return _named(name, pointer) if name else None


def _named(name: str, pointer: str) -> PageId:
    try:
        return page_id(name)
    except ValueError as error:
        detail = "the name of a page, as page_list has it"
        raise Misfit(MistakeAt(pointer, detail)) from error


def _title(typed: str) -> str:
    title = text.line(typed)
    if not title:
        raise Misfit(MistakeAt("/title", "say how the paper is called"))
    return title


def _new_paper(visit: Visit, asked: PaperRequest) -> Paper:
    try:
        return intake_form.parse_paper(
            paper_fields(asked), visit.desk.pages.kinds(visit.by)
        )
    except Mistaken as mistaken:
        raise misfit_of(visit, mistaken, "/new") from mistaken


def _said(asked: DetailsRequest, name: Field) -> str | None:
    """The member as a form has it; None where it was left out."""
    value = getattr(asked, name)
    return None if value is None else str(value)
