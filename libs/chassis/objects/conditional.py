"""How minio's public ``put_object`` makes an object once: docs/decisions/0076."""

from typing import Any, Final
from urllib.parse import urlsplit

import urllib3
from urllib3 import HTTPHeaderDict

from chassis.objects import Source

ONCE: Final = {"If-None-Match": "*"}


class Once(urllib3.PoolManager):
    """Adds ``If-None-Match: *`` to the two requests that make an object: the whole PUT,
    and the POST that completes an upload of parts.

    The header is not among the signed ones: SigV4 asks for ``host`` and ``x-amz-*``.
    """

    def urlopen(  # type: ignore[override] # as the library calls it
        self, method: str, url: str, *, headers: HTTPHeaderDict, **options: Any
    ) -> urllib3.BaseHTTPResponse:
        if _makes_object(method, urlsplit(url).query):
            headers = HTTPHeaderDict(headers) | ONCE
        return super().urlopen(method, url, headers=headers, **options)


def _makes_object(method: str, query: str) -> bool:
    """A PUT with a query is one part of many; a POST ``?uploads`` begins them."""
    return (method == "PUT" and not query) or (
        method == "POST" and query.startswith("uploadId=")
    )


class Reading:
    """A source from its beginning, as ``put_object`` reads a stream."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._at = 0

    def read(self, most: int) -> bytes:
        length = min(most, self._source.size - self._at)
        chunk = bytes(self._source.read(self._at, length)) if length else b""
        self._at += length
        return chunk
