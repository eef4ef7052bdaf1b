"""Checking a file on a page: the form, the bytes as they come, one verdict.

The page works as a plain form. Its script only spares the bytes: it sends the digest of
the file first, and the file itself if no archived copy has that digest. Start at
``check``.
"""

import ipaddress
from typing import Final
from urllib.parse import urlsplit

from starlette.responses import JSONResponse, Response

from storage.app.responses import is_digest, verdict_response
from storage.app.uploads import UploadForm, judge_upload, open_upload
from storage.app.visit import PublicVisit, wants_json
from storage.domain.names import plain_name
from storage.usecases import CheckAnswer

SAME: Final = ("same-origin", "none")
"""Values of Sec-Fetch-Site for our own page, and for a typed address."""
USUAL_PORTS: Final = {"http": 80, "https": 443}


class ForeignPageError(Exception):
    """Another site's page sent this: our verdict is not theirs to show."""


async def check_form(visit: PublicVisit) -> Response:
    return _form(visit, 200)


async def check(visit: PublicVisit) -> Response:
    form = await open_upload(visit.request)
    if form.file_name:
        name = plain_name(form.file_name)
        return _verdict_page(visit, await judge_upload(visit, form, name), name)
    return await _check_digest(visit, form)


async def _check_digest(visit: PublicVisit, form: UploadForm) -> Response:
    """What the page's script sends when the archive knows the digest."""
    digest = form.fields.get("sha256", "")
    if not is_digest(digest):
        return _form(visit, 422, "verify.no_file")
    check_own_page(visit)
    answer = await visit.storage.check_digest(digest)
    if answer is None:
        return _form(visit, 422, "verify.asking")
    return _verdict_page(visit, answer, plain_name(form.fields.get("name", "")))


def _verdict_page(visit: PublicVisit, answer: CheckAnswer, name: str) -> Response:
    if wants_json(visit.request):
        mergers = visit.face.mergers
        body = verdict_response(answer, name=name, at=visit.now(), mergers=mergers)
        return JSONResponse(body.model_dump(mode="json"))
    return visit.page("verdict.html.j2", answer=answer, file_name=name)


def _form(visit: PublicVisit, status: int, wrong: str = "") -> Response:
    return visit.page(
        "verify.html.j2",
        status,
        code_error="",
        file_error=visit.words(wrong) if wrong else "",
        most=visit.face.render.file_bytes,
    )


def check_own_page(visit: PublicVisit) -> None:
    """A digest alone gets a verdict on our own page only: nobody's link or form may end
    in GENUINE without a file. Raises ForeignPageError.
    """
    site, origin = visit.header("sec-fetch-site"), visit.header("origin")
    if site is not None and site not in SAME:
        raise ForeignPageError
    # A page of a foreign name that was pointed at our address (DNS rebinding) says
    # "same-origin" truthfully: its origin, and the Host that it sends, are that name.
    host = visit.header("host") or ""
    if not _is_own(host, visit.face.public_host):
        raise ForeignPageError
    own = {visit.face.public_host, f"{visit.request.url.scheme}://{host}"}
    if site is None and origin not in own:
        raise ForeignPageError


def _is_own(host: str, public_host: str) -> bool:
    """The operator's name for this face, or an address that needs no name to be found,
    as in a ward's own network: only a name can be pointed elsewhere.
    """
    # A host has none of these, and what stands behind or before them is no name.
    if set(host) & set("/?#@\\"):
        return False
    try:
        # Under the operator's scheme, so that its usual port may stand there or not.
        scheme, _, _ = public_host.partition(":")
        name, port = _name_and_port(f"{scheme}://{host}")
        if (name, port) == _name_and_port(public_host):
            return True
        return name == "localhost" or bool(ipaddress.ip_address(name))
    except ValueError:
        return False


def _name_and_port(origin: str) -> tuple[str, int | None]:
    """A browser leaves its scheme's usual port out. Raises ValueError for nonsense."""
    parts = urlsplit(origin)
    port = None if parts.port == USUAL_PORTS.get(parts.scheme) else parts.port
    return parts.hostname or "", port
