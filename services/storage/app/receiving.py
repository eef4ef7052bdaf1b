"""Bytes as they come in, for as long as they keep coming, never more than allowed."""

import asyncio
from collections.abc import AsyncIterator
from typing import Final

from storage.ports import TooLargeError
from storage.usecases import Answer, Storage
from storage.web.forms import Form

SILENCE_SECONDS: Final = 30.0
"""Between two pieces of a file: then the sender is gone."""
WHOLE_SECONDS: Final = 20 * 60.0


class NamedTooLargeError(Exception):
    """A file larger than what is taken to be checked."""

    def __init__(self, name: str, limit: int) -> None:
        super().__init__(f"more than {limit} bytes")
        self.name = name
        self.limit = limit


async def judge_form(storage: Storage, sent: Form, name: str) -> Answer:
    """Judge the form's file; a refused one is read on for a while, not kept, so that
    the browser hears the answer instead of a broken line.
    """
    try:
        return await storage.check_file(sent.chunks())
    except TooLargeError as error:
        await sent.drain(error.limit)
        raise NamedTooLargeError(name, error.limit) from error


async def steady(stream: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """The body, as long as it keeps coming. Raises TimeoutError."""
    async with asyncio.timeout(WHOLE_SECONDS):
        while True:
            async with asyncio.timeout(SILENCE_SECONDS):
                chunk = await anext(stream, None)
            if chunk is None:
                return
            yield chunk


async def judge_body(storage: Storage, body: AsyncIterator[bytes], name: str) -> Answer:
    """Judge a request whose whole body is the file."""
    try:
        return await storage.check_file(body)
    except TooLargeError as error:
        raise NamedTooLargeError(name, error.limit) from error
