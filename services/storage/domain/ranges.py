"""Byte ranges of HTTP (RFC 9110 §14): the part of a file that was asked for."""

import re
from dataclasses import dataclass

_SPEC = re.compile(r"bytes=\s*(\d*)\s*-\s*(\d*)\s*", re.ASCII | re.IGNORECASE)
_DIGITS = 19
"""No file is longer; a longer number is nonsense, not arithmetic."""


class UnsatisfiableRangeError(Exception):
    """Nothing of the file lies in what was asked for: 416."""


@dataclass(frozen=True, slots=True)
class Span:
    """Bytes ``first`` to ``last``, both included."""

    first: int
    last: int

    @property
    def length(self) -> int:
        return self.last - self.first + 1

    def content_range(self, size: int) -> str:
        return f"bytes {self.first}-{self.last}/{size}"


def parse_range(header: str | None, size: int) -> Span | None:
    """The one span of ``Range``, or None for the whole file.

    A header that is malformed, of another unit or of several spans is ignored, as
    RFC 9110 §14.2 allows. Raises UnsatisfiableRangeError.
    """
    # One span only: an answer of several parts costs more than the file itself, and no
    # downloader of ours needs one.
    match = _SPEC.fullmatch(header.strip()) if header else None
    if match is None or match[1] == match[2] == "":
        return None
    if max(len(match[1]), len(match[2])) > _DIGITS:
        return None
    if match[1] == "":
        return _suffix(int(match[2]), size)
    first, last = int(match[1]), int(match[2] or size - 1)
    if match[2] and first > last:
        return None
    if first >= size:
        raise UnsatisfiableRangeError
    return Span(first, min(last, size - 1))


def _suffix(length: int, size: int) -> Span:
    if length == 0 or size == 0:
        raise UnsatisfiableRangeError
    return Span(max(0, size - length), size - 1)


def still_the_same(if_match: str | None, etag: str) -> bool:
    """``If-Match``: strong comparison, no weak tag matches (RFC 9110 §13.1.1)."""
    if if_match is None or if_match.strip() == "*":
        return True
    return etag in {tag.strip() for tag in if_match.split(",")}


def matches(header: str | None, etag: str) -> bool:
    """``If-None-Match``: weak comparison (RFC 9110 §13.1.2)."""
    if header is None:
        return False
    if header.strip() == "*":
        return True
    return etag in {tag.strip().removeprefix("W/") for tag in header.split(",")}


def range_still_holds(if_range: str | None, etag: str) -> bool:
    """``If-Range``: strong comparison; we send no date to compare with."""
    return if_range is None or if_range.strip() == etag
