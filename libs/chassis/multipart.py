"""The one reader of ``multipart/form-data`` (RFC 7578), for both web faces.

How to use it::

    form = MultipartReader(request.headers.get("content-type", ""), request.stream())
    while (part := await form.next_part()) is not None:
        if part.file_name is None:
            fields[part.name] = await form.text(most_bytes=4096)
        else:
            await take(part.file_name, form.content())

``next_part`` gives the parts in the order of the body and passes over what was not read
of the part before. ``content`` and ``text`` read the part that ``next_part`` gave last.
``drain`` reads on without parsing, so that a browser that is still sending gets to see
the answer. Errors: ``MultipartError`` for a body that is no whole form (answer 400),
its subclass ``PartTooLargeError`` for a field or header beyond its limit (answer 413,
or 400), and whatever the stream raises itself, such as ``SlowBodyError``.

Nothing is spooled and nothing is held whole: memory holds one chunk of the body, and
one field of bounded size. That is why Starlette's ``request.form()`` is not used: it
writes every file of a form into a temporary file before the handler may look at the
first field, and so at the token that says whether the form is ours at all.
"""

from collections import deque
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, Final

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header
from starlette.requests import ClientDisconnect

if TYPE_CHECKING:
    from python_multipart.multipart import MultipartCallbacks

HEADER_BYTES: Final = 16 << 10
"""The headers of one part, together. Browsers send two short lines; the longest thing
in them is a file name, which no file system lets grow beyond a few hundred bytes."""
SEMICOLONS: Final = 300
"""In the header that names a part: more than the longest file name has letters. Each
costs 4 µs to parse, and everybody at this face waits meanwhile."""
MOST_PARTS: Final = 1000
"""More than any form of ours: the desk takes 200 files. Parts that a service passes
over cost time, too."""


class MultipartError(ValueError):
    """The body is no ``multipart/form-data``, or it broke off in the middle."""


class PartTooLargeError(MultipartError):
    """A field, or the headers of a part, are longer than allowed."""


@dataclass(slots=True)
class FormPart:
    """The headers of one part; its content follows in the body."""

    headers: dict[bytes, bytes] = field(default_factory=dict)
    """Header names in lower case, with their values as they were sent."""
    options: dict[bytes, bytes] = field(default_factory=dict)
    """The parameters of ``Content-Disposition``, parsed once."""

    @property
    def name(self) -> str:
        """The field's name in the form, empty if the part does not give one."""
        return self.options.get(b"name", b"").decode("utf-8", "replace")

    @property
    def file_name(self) -> str | None:
        """The name of the sender's file: a stranger's text, never a path. It is None
        for a field without a file, and empty for a file field that was left alone.
        """
        name = self.options.get(b"filename")
        return None if name is None else name.decode("utf-8", "replace")


class _End(Enum):
    PART = "part"


class MultipartReader:
    """One form on its way, read part by part. It can be read once, by one task."""

    def __init__(self, content_type: str, body: AsyncIterator[bytes]) -> None:
        """Raises MultipartError unless *content_type* is ``multipart/form-data`` with
        a boundary that the parser takes.
        """
        kind, options = parse_options_header(content_type)
        if kind != b"multipart/form-data" or not options.get(b"boundary"):
            raise MultipartError("not multipart/form-data")
        self._body = body
        # What the parser has made of the chunk read last: never more than that chunk.
        self._ready: deque[FormPart | bytes | _End] = deque()
        self._inside = False
        self._part = FormPart()
        self._header_name, self._header_value = bytearray(), bytearray()
        self._header_bytes = self._parts = 0
        try:
            self._parser = MultipartParser(options[b"boundary"], self._callbacks())
        except FormParserError as error:  # raised for a boundary beyond 256 bytes
            raise MultipartError(str(error)) from error

    async def next_part(self) -> FormPart | None:
        """The next part, or None when the body is over. Raises MultipartError."""
        while (item := await self._next()) is not None:
            self._inside = isinstance(item, FormPart)
            if isinstance(item, FormPart):
                return item
        return None

    async def content(self) -> AsyncIterator[bytes]:
        """The bytes of the part that ``next_part`` gave last, chunk by chunk.

        Raises MultipartError if the body ends before the part does: such a file is not
        whole, and must not be taken for one.
        """
        while self._inside:
            item = await self._next()
            if isinstance(item, bytes):
                yield item
                continue
            self._inside = False
            if item is None:
                raise MultipartError("the form ends in the middle of a part")

    async def text(self, *, most_bytes: int) -> str:
        """The part's content as text; what is not UTF-8 becomes U+FFFD.

        Raises PartTooLargeError beyond *most_bytes*, and MultipartError.
        """
        value = bytearray()
        async for chunk in self.content():
            value += chunk
            if len(value) > most_bytes:
                raise PartTooLargeError("a field is too long")
        return value.decode("utf-8", "replace")

    async def drain(self, *, most_bytes: int) -> None:
        """Read the rest of the body and drop it, *most_bytes* of it at the most."""
        async for chunk in self._body:
            most_bytes -= len(chunk)
            if most_bytes < 0:
                return

    async def _next(self) -> FormPart | bytes | _End | None:
        while not self._ready:
            try:
                self._parser.write(await anext(self._body))
            except StopAsyncIteration:
                return None
            except (FormParserError, ClientDisconnect) as error:
                raise MultipartError(str(error) or "the sender went away") from error
        return self._ready.popleft()

    def _callbacks(self) -> "MultipartCallbacks":
        return {
            "on_part_begin": self._begin_part,
            "on_header_field": self._add_to_name,
            "on_header_value": self._add_to_value,
            "on_header_end": self._end_header,
            "on_headers_finished": self._end_headers,
            "on_part_data": lambda data, start, end: self._ready.append(
                data[start:end]
            ),
            "on_part_end": lambda: self._ready.append(_End.PART),
        }

    def _begin_part(self) -> None:
        self._part = FormPart()
        self._header_bytes = 0
        self._parts += 1
        if self._parts > MOST_PARTS:
            raise PartTooLargeError("the form has too many parts")

    def _add_to_name(self, data: bytes, start: int, end: int) -> None:
        self._count(end - start)
        self._header_name += data[start:end]

    def _add_to_value(self, data: bytes, start: int, end: int) -> None:
        self._count(end - start)
        self._header_value += data[start:end]

    def _count(self, size: int) -> None:
        """Count before keeping, and all headers of a part together: many short ones
        must not grow beyond what one long one may.
        """
        self._header_bytes += size
        if self._header_bytes > HEADER_BYTES:
            raise PartTooLargeError("the headers of a part are too long")

    def _end_header(self) -> None:
        self._part.headers[bytes(self._header_name).lower()] = bytes(self._header_value)
        self._header_name.clear()
        self._header_value.clear()

    def _end_headers(self) -> None:
        named = self._part.headers.get(b"content-disposition", b"")
        if named.count(b";") > SEMICOLONS:
            raise PartTooLargeError("the headers of a part have too many parameters")
        self._part.options = parse_options_header(named)[1]
        self._ready.append(self._part)
