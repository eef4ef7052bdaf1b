"""The requester's agreement in writing, which a program sends as a file.

It is met by the sandbox, as a scan is, and stands in the case as page images. No key is
needed: the same bytes are the same agreement. Start at ``attach``.
"""

from collections.abc import AsyncIterator
from functools import partial
from http import HTTPStatus

from starlette.responses import Response

from intake.app.extending import first_file
from intake.app.responses import json_response
from intake.app.uploads import forged
from intake.app.v1 import shown
from intake.app.v1.misfits import Misfit, MistakeAt
from intake.app.visit import Visit
from intake.domain.scan import ScanRefused


async def attach(visit: Visit) -> Response:
    """Keep what the requester agreed to in writing; an extension by more days than the
    law allows without it names it.
    """
    try:
        kept = await first_file(visit, partial(_kept, visit))
    except PermissionError:
        return forged(visit)
    except ScanRefused as refused:
        words = visit.desk.render.pages.words["en"]
        what, then = (
            words(f"file.{refused.fault}.{part}") for part in ("what", "next")
        )
        raise Misfit(MistakeAt("/file", f"{what} {then}")) from refused
    if kept is None:
        raise Misfit(MistakeAt("/file", "send the file of the agreement"))
    return kept


async def _kept(
    visit: Visit, name: str, content: AsyncIterator[bytes], _key: str
) -> Response:
    code = visit.path("code")
    made = await visit.desk.extending.attach(code, name, content, visit.by)
    return json_response(shown.agreement(code, made), HTTPStatus.CREATED)
