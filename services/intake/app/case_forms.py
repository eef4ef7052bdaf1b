"""Forms about a whole case: see ``typed_pages``. Start at ``correction_page``."""

from typing import Final

from intake.app.typed_pages import TypedPage
from intake.app.visit import Typed, Visit, whole
from intake.domain import correcting
from intake.domain.correcting import TypedOtherwise
from intake.domain.records import Conflict, Requester
from intake.domain.views.casework import CorrectionView

CORRECTED: Final = ("title", "kind", "issuing_body", "pages", "copies")
"""Fields of a paper, one column each, in the order of the hidden ``paper``."""
REQUESTER: Final = {
    "requester.kind": "requester_kind",
    "requester.name": "requester",
    "requester.id-kind": "id_kind",
    "requester.id-number": "id_number",
    "requester.birth-date": "birth_date",
    "requester.phone": "phone",
    "requester.email": "email",
    "requester.address": "address",
    "requester.proxy": "proxy",
    "requester.originals-back": "originals_back",
    "requester.channel": "channel",
}
"""The key of a field's label → the field's name in the form."""
OF_THE_DAY: Final = frozenset({"proxy", "originals_back"})
"""Fields that are of one case: whoever comes again may come themselves."""
Fields = dict[str, str | list[str]]


async def correction_page(
    visit: Visit,
    first: Conflict | None = None,
    differs: tuple[TypedOtherwise, ...] = (),
) -> TypedPage:
    """What was typed of a case, to be put right: as it is, and over it what was typed
    just now. Each part has the stamp of what is there now.
    """
    view = await visit.desk.casework.correction(visit.path("code"), visit.by)
    typed = visit.typed
    form = _filled(view) | (_typed_again(view, typed) if typed.fields else {})
    more = {"first": first, "differs": differs}
    return TypedPage("case-correct.html", view, form, more)


async def ending_page(visit: Visit) -> TypedPage:
    """The form by which papers of a case end without a copy."""
    view = await visit.desk.casework.ending(visit.path("code"), visit.by)
    return TypedPage("case-end.html", view, visit.typed.again("paper"))


async def supplement_page(visit: Visit) -> TypedPage:
    """The form that asks the requester for what is missing."""
    view = await visit.desk.casework.asking(visit.path("code"), visit.by)
    return TypedPage("case-supplement.html", view, visit.typed.again("paper"))


async def extension_page(visit: Visit) -> TypedPage:
    """The form that puts the due hour off."""
    view = await visit.desk.extending.view(visit.path("code"), visit.by)
    return TypedPage("case-extend.html", view, visit.typed.again())


def paper_columns(typed: Typed, names: tuple[str, ...]) -> list[dict[str, str]]:
    """The papers of a form, whose fields come as parallel lists."""
    columns = {name: typed.all(name) for name in names}
    most = max(map(len, columns.values()), default=0)
    return [
        {name: values[n] if n < len(values) else "" for name, values in columns.items()}
        for n in range(most)
    ]


def requester_sent(typed: Typed) -> bool:
    """Whether the form has the requester's part."""
    return "requester" in typed.fields


def paper_versions(typed: Typed) -> dict[str, int]:
    """Document → version, of the boxes that are ticked. Raises Unreadable."""
    named = (value.rpartition(":") for value in typed.all("paper"))
    return {name: whole(version, "paper") for name, _, version in named}


def requester_typed(requester: Requester) -> dict[str, str]:
    """The fields of a new case's form for this requester, as if they had been typed."""
    said = correcting.requester_words(requester)
    known = {name: said[key] for key, name in REQUESTER.items() if key in said}
    return {name: words for name, words in known.items() if name not in OF_THE_DAY}


def _filled(view: CorrectionView) -> Fields:
    form: Fields = {name: view.requester[key] for key, name in REQUESTER.items()}
    for name in CORRECTED:
        key = f"paper.{name.replace('_', '-')}"
        form[name] = [paper.fields[key] for paper in view.papers]
    return form


def _typed_again(view: CorrectionView, typed: Typed) -> Fields:
    """What was typed, each paper at its place in *view*: while the form stood open, one
    of them may have been approved.
    """
    rows = dict(zip(typed.all("paper"), paper_columns(typed, CORRECTED), strict=False))
    known = _filled(view)
    for name in CORRECTED:
        there = known[name]
        known[name] = [
            rows[paper.id][name] if paper.id in rows else there[n]
            for n, paper in enumerate(view.papers)
        ]
    own = {name: typed.one(name) for name in REQUESTER.values() if name in typed.fields}
    return known | own
