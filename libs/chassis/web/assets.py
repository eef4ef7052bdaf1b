"""Static files, read once, with one digest over all of them in each URL.

``/static/<digest>/base.css`` may be cached for ever; relative imports between ES
modules keep the digest. An older page's digest still finds today's file, uncached.
"""

import hashlib
import mimetypes
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

FOREVER: Final = "public, max-age=31536000, immutable"
DIGEST_CHARACTERS: Final = 12


@dataclass(frozen=True, slots=True)
class Asset:
    body: bytes
    media_type: str


class Assets:
    """An ASGI application to mount; ``url`` gives the address of a file."""

    def __init__(self, *directories: Path, mount: str = "/static") -> None:
        """Files of a later directory hide those of the same name before it."""
        self._files = _read(*directories)
        self.digest = _digest(self._files)
        self._mount = mount

    def url(self, name: str) -> str:
        """Raises KeyError for a file that does not exist: a typo in a template."""
        self._files[name]
        return f"{self._mount}/{self.digest}/{name}"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope["path"].removeprefix(scope.get("root_path", ""))
        await self._answer(path)(scope, receive, send)

    def _answer(self, path: str) -> Response:
        digest, _, name = path.strip("/").partition("/")
        asset = self._files.get(name)
        if asset is None:
            return Response(status_code=404)
        cached = FOREVER if digest == self.digest else "no-cache"
        return Response(
            asset.body,
            media_type=asset.media_type,
            headers={"cache-control": cached},
        )


def _read(*directories: Path) -> dict[str, Asset]:
    return {
        path.relative_to(directory).as_posix(): Asset(
            path.read_bytes(), _media_type(path)
        )
        for directory in directories
        for path in sorted(directory.rglob("*"))
        if path.is_file()
    }


def _media_type(path: Path) -> str:
    if path.suffix == ".js":
        return "text/javascript"
    return mimetypes.guess_type(path.name)[0] or "application/octet-stream"


def _digest(files: Mapping[str, Asset]) -> str:
    whole = hashlib.sha256()
    for name, asset in sorted(files.items()):
        whole.update(f"{name}\0{len(asset.body)}\0".encode())
        whole.update(asset.body)
    return whole.hexdigest()[:DIGEST_CHARACTERS]
