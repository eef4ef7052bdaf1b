"""Uploads bound to their store and table, and the loop that completes what is whole."""

import asyncio
import contextlib
import secrets
from functools import partial
from typing import Final
from uuid import uuid4

import structlog

from chassis.database import Database
from chassis.objects import Objects
from intake.adapters.uploads import StoredUploads
from intake.usecases.files import Files
from intake.usecases.uploading import Uploading

log = structlog.get_logger()

CHANCE_BYTES: Final = 6
FINISH_SECONDS: Final = 20.0
"""A sender that comes back asks for its upload, and is answered without this loop; it
is for those that never do."""


def stored_uploads(store: Database, objects: Objects) -> StoredUploads:
    return StoredUploads(store, objects, partial(secrets.token_hex, CHANCE_BYTES))


def uploading(store: Database, objects: Objects, files: Files) -> Uploading:
    return Uploading(
        cases=files.cases,
        uploads=stored_uploads(store, objects),
        files=files,
        rules=files.rules,
        new_id=lambda: uuid4().hex,
        clock=files.clock,
    )


async def finish_uploads(uploads: Uploading, stop: asyncio.Event) -> None:
    """Make files of uploads whose last byte came and whose sender did not come back."""
    while not stop.is_set():
        try:
            if hindered := await uploads.finish_rest():
                log.warning("uploads_hindered", uploads=hindered)
        except Exception:
            # Whatever it is, the uploads are whole and are found in the next turn.
            log.exception("uploads_not_finished")
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), FINISH_SECONDS)
