"""A due hour is put off; the agreement in writing comes before, as a form of its own:
a file is sent once, whatever the other form lacks. Start at ``ROUTES``.
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from functools import partial
from typing import Final

from starlette.responses import Response

from chassis.multipart import MultipartError, MultipartReader, PartTooLargeError
from intake.app import recall
from intake.app.acts import MISTAKEN, done
from intake.app.case_forms import extension_page
from intake.app.guard import CSRF_HEADER
from intake.app.route import AT_CASE, CLERKS, READERS, UPLOADERS, Route
from intake.app.typed_pages import show
from intake.app.uploads import FIELD_BYTES, forged, genuine
from intake.app.visit import TooMuch, Typed, Unreadable, Visit
from intake.domain import text
from intake.domain.extending import ExtensionForm
from intake.domain.form_keys import UsedBefore
from intake.domain.records import NotFound
from intake.domain.scan import ScanRefused
from intake.domain.states import NotAllowed
from intake.domain.uploading import NoRoom
from intake.domain.views.page import FieldError, Receipt
from intake.ports import QueueFull

AT_EXTENSION: Final = "/cases/{case}/extend"
Keep = Callable[[str, AsyncIterator[bytes], str], Awaitable[Response]]
"""Takes a file's name, its bytes, and the key of its form."""
MORE: Final = "more"
"""More days than need no agreement: typed beside."""


async def page(visit: Visit) -> Response:
    return await show(visit, extension_page)


async def extend(visit: Visit) -> Response:
    """Put the due hour off."""
    code, form = visit.path("code"), _form(visit.typed)
    faults = await visit.desk.extending.faults(code, form, visit.by)
    if faults:
        errors = tuple(FieldError(field, key) for field, key in faults.items())
        return await show(visit, extension_page, status=MISTAKEN, errors=errors)
    await visit.desk.extending.extend(code, form, visit.by)
    return done(visit, f"/cases/{code}", Receipt("extended", {"n": form.days}))


async def attach(visit: Visit) -> Response:
    """Keep the requester's agreement with the case."""
    lacks = "error.agreement-file"
    try:
        kept = await first_file(visit, partial(_kept, visit))
    except ScanRefused as refused:
        kept, lacks = None, f"file.{refused.fault}.what"
    except PermissionError:
        return forged(visit)
    if kept is not None:
        return kept
    errors = (FieldError("file", lacks),)
    return await show(visit, extension_page, status=MISTAKEN, errors=errors)


async def first_file(visit: Visit, keep: Keep) -> Response | None:
    """What *keep* answers to the form's first file; None for a form without one.

    Raises PermissionError for a file before the form's token, Unreadable, TooMuch, and
    whatever *keep* raises.
    """
    try:
        return await _received(visit, keep)
    except PartTooLargeError as error:
        raise TooMuch from error
    except MultipartError as error:
        raise Unreadable("multipart") from error


async def _received(visit: Visit, keep: Keep) -> Response | None:
    """Raises MultipartError, also where the rest of a refused form is not one."""
    request = visit.request
    form = MultipartReader(request.headers.get("content-type", ""), request.stream())
    size = request.headers.get("content-length", "0")
    try:
        await visit.desk.uploading.check_room(int(size) if size.isdecimal() else 0)
        return await _first_file(visit, form, keep)
    except (NotAllowed, NotFound, NoRoom, QueueFull):
        # A browser that is still sending sees an answer only after the last byte.
        while await form.next_part() is not None:
            pass
        raise


async def agreement(visit: Visit) -> Response:
    """What was agreed, rebuilt of page images."""
    pdf = await visit.desk.extending.agreement(
        visit.path("code"), visit.path("agreement"), visit.by
    )
    headers = {"Cache-Control": "private, no-store", "Content-Disposition": "inline"}
    return Response(pdf, media_type="application/pdf", headers=headers)


async def _first_file(
    visit: Visit, form: MultipartReader, keep: Keep
) -> Response | None:
    fields = {"csrf": visit.request.headers.get(CSRF_HEADER, ""), "key": ""}
    while (part := await form.next_part()) is not None:
        if part.name in fields:
            fields[part.name] = await form.text(most_bytes=FIELD_BYTES)
        elif part.name == "file" and part.file_name:
            if not genuine(visit, fields["csrf"]):
                raise PermissionError
            return await keep(part.file_name, form.content(), fields["key"])
    return None


async def _kept(
    visit: Visit, name: str, content: AsyncIterator[bytes], key: str
) -> Response:
    code = visit.path("code")
    there = f"/cases/{code}/extend"
    use = visit.desk.forms.use(visit.by.user, key, visit.request.url.path, {})
    if use is None:
        await visit.desk.extending.attach(code, name, content, visit.by)
        return done(visit, there, Receipt("agreement-attached", {}))
    try:
        with visit.desk.forms.acting(use, there):
            await visit.desk.extending.attach(code, name, content, visit.by)
    except UsedBefore as before:
        return await recall.to_outcome(before, visit)
    return done(visit, there, Receipt("agreement-attached", {}))


def _form(typed: Typed) -> ExtensionForm:
    chosen = typed.one("days")
    return ExtensionForm(
        ground=typed.one("ground"),
        days=_days(typed.one("more_days") if chosen == MORE else chosen),
        agreement=typed.one("agreement"),
        version=typed.number("version"),
    )


def _days(typed: str) -> int:
    """0 for what is no number of days: the form says so."""
    try:
        return text.whole_number(typed.strip())
    except ValueError:
        return 0


ROUTES: Final = (
    Route("GET", "/cases/{code}/extend", page, CLERKS),
    Route("POST", "/cases/{code}/extend", extend, CLERKS, AT_CASE),
    Route("POST", "/cases/{code}/agreements", attach, UPLOADERS, AT_EXTENSION),
    Route("GET", "/cases/{code}/agreements/{agreement}", agreement, READERS),
)
