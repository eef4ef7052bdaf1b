"""Forms with a file, read as they arrive (RFC 7578): nothing is kept whole."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

if TYPE_CHECKING:
    from python_multipart.multipart import MultipartCallbacks

FIELD_BYTES: Final = 4096
FIELDS: Final = 16
HEADER_BYTES: Final = 8192


class FormError(Exception):
    """Not a form that our own page sends."""


@dataclass(slots=True)
class _Part:
    headers: dict[str, bytes] = field(default_factory=dict)
    name: str = ""
    file_name: str | None = None
    value: bytearray = field(default_factory=bytearray)


class Form:
    """The fields before the first file, that file's name, and its bytes to come."""

    def __init__(self, content_type: str, body: AsyncIterator[bytes]) -> None:
        """Raises FormError unless it is multipart/form-data with a boundary."""
        kind, options = parse_options_header(content_type)
        if kind != b"multipart/form-data" or not options.get(b"boundary"):
            raise FormError("not multipart/form-data")
        self.fields: dict[str, str] = {}
        self.file_name: str | None = None
        self._body = body
        self._part = _Part()
        self._header = (bytearray(), bytearray())
        self._chunks: list[bytes] = []
        self._file_done = False
        self._ended = False
        self._parser = self._made_parser(options[b"boundary"])

    async def open(self) -> "Form":
        """Read up to the first byte of the file, or to the end if there is none."""
        while self.file_name is None and not self._ended and await self._more():
            pass
        return self

    async def chunks(self) -> AsyncIterator[bytes]:
        """The bytes of the first file; a body cut short is a FormError."""
        while True:
            for chunk in self._chunks:
                yield chunk
            self._chunks.clear()
            if self._file_done:
                return
            if not await self._more():
                raise FormError("the form ends in the middle of the file")

    async def drain(self, most: int) -> None:
        """Read on without keeping, so that a browser gets to see the answer."""
        async for chunk in self._body:
            most -= len(chunk)
            if most < 0:
                return

    async def _more(self) -> bool:
        chunk = await anext(self._body, None)
        if chunk is None:
            return False
        try:
            self._parser.write(chunk)
        except FormParserError as error:
            raise FormError(str(error)) from error
        return True

    def _made_parser(self, boundary: bytes) -> MultipartParser:
        """The constructor refuses a long boundary with the parent class of what
        ``write`` raises.
        """
        try:
            return MultipartParser(boundary, self._callbacks())
        except FormParserError as error:
            raise FormError(str(error)) from error

    def _callbacks(self) -> "MultipartCallbacks":
        return {
            "on_part_begin": self._begin_part,
            "on_header_field": self._add_to_name,
            "on_header_value": self._add_to_value,
            "on_header_end": self._end_header,
            "on_headers_finished": self._begin_content,
            "on_part_data": self._add_content,
            "on_part_end": self._end_part,
            "on_end": self._end,
        }

    def _begin_part(self) -> None:
        self._part = _Part()

    def _add_to_name(self, data: bytes, start: int, end: int) -> None:
        self._grow(self._header[0], data[start:end], HEADER_BYTES)

    def _add_to_value(self, data: bytes, start: int, end: int) -> None:
        self._grow(self._header[1], data[start:end], HEADER_BYTES)

    def _end_header(self) -> None:
        name, value = self._header
        self._part.headers[name.decode("latin-1").lower()] = bytes(value)
        self._header = (bytearray(), bytearray())

    def _begin_content(self) -> None:
        disposition = self._part.headers.get("content-disposition", b"")
        _, options = parse_options_header(disposition)
        self._part.name = options.get(b"name", b"").decode("utf-8", "replace")
        name = options.get(b"filename")
        if name is None:
            return
        self._part.file_name = name.decode("utf-8", "replace")
        if self.file_name is None:
            self.file_name = self._part.file_name
        else:
            self._part.name = ""  # a second file: not asked for

    def _add_content(self, data: bytes, start: int, end: int) -> None:
        if self._part.file_name is None:
            self._grow(self._part.value, data[start:end], FIELD_BYTES)
        elif not self._file_done:
            self._chunks.append(data[start:end])

    def _end_part(self) -> None:
        if self._part.file_name is not None:
            self._file_done = True
            return
        if len(self.fields) >= FIELDS:
            raise FormError("too many fields")
        self.fields[self._part.name] = self._part.value.decode("utf-8", "replace")

    def _end(self) -> None:
        self._ended = True

    @staticmethod
    def _grow(target: bytearray, data: bytes, most: int) -> None:
        if len(target) + len(data) > most:
            raise FormError("a field is too long")
        target += data
