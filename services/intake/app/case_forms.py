"""Forms about a whole case, shown for the first time or once more with what was typed:
see ``typed_forms``. Start at ``show_correction``.
"""

from dataclasses import replace
from typing import Final

from starlette.responses import Response

from intake.app.visit import Typed, Visit, whole
from intake.domain.correcting import TypedOtherwise
from intake.domain.records import Conflict
from intake.domain.views.casework import CorrectionView
from intake.domain.views.page import FieldError, Me

CORRECTED: Final = ("title", "kind", "issuing_body", "pages")
"""Fields of a paper, one column each, in the order of the hidden ``paper``."""
REQUESTER: Final = {
    "requester.kind": "requester_kind",
    "requester.name": "requester",
    "requester.id-kind": "id_kind",
    "requester.id-number": "id_number",
    "requester.birth-date": "birth_date",
    "requester.phone": "phone",
    "requester.email": "email",
    "requester.channel": "channel",
}
"""The key of a field's label → the field's name in the form."""
Fields = dict[str, str | list[str]]


async def show_correction(
    visit: Visit,
    *,
    status: int,
    errors: tuple[FieldError, ...] = (),
    first: Conflict | None = None,
    differs: tuple[TypedOtherwise, ...] = (),
    kept: str | None = None,
    outcome: str | None = None,
) -> Response:
    """What was typed of a case, to be put right: as it is, and over it what was typed
    just now. Each part has the stamp of what is there now.
    """
    view = await visit.desk.casework.correction(visit.path("code"), visit.by)
    typed = visit.typed
    return visit.desk.render(
        "case-correct.html",
        visit.request,
        status=status,
        view=view,
        me=_me(visit, again=bool(errors or first)),
        errors=errors,
        form=_filled(view) | (_typed_again(view, typed) if typed.fields else {}),
        first=first,
        differs=differs,
        kept=kept,
        outcome=outcome,
    )


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


def _me(visit: Visit, *, again: bool) -> Me | None:
    """A form that comes back keeps its key: it is one form, and acts once."""
    key = visit.typed.one("key")
    return replace(visit.me, key=key) if visit.me and again and key else visit.me


async def show_ending(
    visit: Visit,
    *,
    status: int,
    errors: tuple[FieldError, ...] = (),
    kept: str | None = None,
    outcome: str | None = None,
) -> Response:
    """The form by which papers of a case end without a copy."""
    return visit.desk.render(
        "case-end.html",
        visit.request,
        status=status,
        view=await visit.desk.casework.ending(visit.path("code"), visit.by),
        me=_me(visit, again=bool(errors)),
        errors=errors,
        form=visit.typed.again("paper"),
        kept=kept,
        outcome=outcome,
    )


async def show_supplement(
    visit: Visit,
    *,
    status: int,
    errors: tuple[FieldError, ...] = (),
    kept: str | None = None,
    outcome: str | None = None,
) -> Response:
    """The form that asks the requester for what is missing."""
    return visit.desk.render(
        "case-supplement.html",
        visit.request,
        status=status,
        view=await visit.desk.casework.asking(visit.path("code"), visit.by),
        me=_me(visit, again=bool(errors)),
        errors=errors,
        form=visit.typed.again("paper"),
        kept=kept,
        outcome=outcome,
    )


def paper_versions(typed: Typed) -> dict[str, int]:
    """Document → version, of the boxes that are ticked. Raises Unreadable."""
    named = (value.rpartition(":") for value in typed.all("paper"))
    return {name: whole(version, "paper") for name, _, version in named}
