"""Bytes as they come in, never more than allowed; how fast they must come is asked of
every body alike (``chassis.bodies``).
"""

import contextlib
from collections.abc import AsyncIterator

from storage.ports import TooLargeError
from storage.usecases import Answer, Storage
from storage.web.forms import Form


class NamedTooLargeError(Exception):
    """A file larger than what is taken to be checked."""

    def __init__(self, name: str, limit: int) -> None:
        super().__init__(f"more than {limit} bytes")
        self.name = name
        self.limit = limit


async def judge_form(storage: Storage, sent: Form, name: str, sender: str) -> Answer:
    """Judge the form's file; a refused one is read on for a while, not kept, so that
    the browser hears the answer instead of a broken line.
    """
    try:
        return await storage.check_file(sent.chunks(), sender)
    except TooLargeError as error:
        with contextlib.suppress(TimeoutError):
            await sent.drain(error.limit)
        raise NamedTooLargeError(name, error.limit) from error


async def judge_body(
    storage: Storage, body: AsyncIterator[bytes], sender: str
) -> Answer:
    """Judge a request whose whole body is the file."""
    try:
        return await storage.check_file(body, sender)
    except TooLargeError as error:
        raise NamedTooLargeError("", error.limit) from error
