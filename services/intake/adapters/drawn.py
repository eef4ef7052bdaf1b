"""Pages drawn in full for whoever looks closer: in a cell, and remembered for a while.

Start at ``DrawnPages.tile``; docs/decisions/0107 says why tiles, and why in memory.
"""

import asyncio
from collections import OrderedDict
from pathlib import Path
from typing import Final

from chassis import temporary
from chassis.confined import WorkerAbsent
from chassis.objects import Missing, Objects
from ecopy.refusals import Hindrance, Trouble
from intake.adapters.rebuild.process import SandboxedRebuilder
from intake.domain.desk_pages import DeskPage, tile_names
from intake.domain.records import NotFound
from intake.domain.scan import ScanRefused

REMEMBERED_BYTES: Final = 48 << 20
"""Some thirty pages of A4 at 300 dpi: what a few clerks look at, in this process."""
Tiles = dict[str, bytes]


class DrawnPages:
    """``ports.Drawings``."""

    def __init__(
        self,
        objects: Objects,
        sandbox: SandboxedRebuilder,
        *,
        most_bytes: int = REMEMBERED_BYTES,
    ) -> None:
        self._objects = objects
        self._sandbox = sandbox
        self._most_bytes = most_bytes
        self._drawn: OrderedDict[str, Tiles] = OrderedDict()
        # One page at a time: files on their way keep a worker, and the second who asks
        # for the same page finds it drawn.
        self._drawing = asyncio.Lock()

    async def tile(self, page: DeskPage, name: str) -> bytes:
        if name not in tile_names(page.full_size):
            raise NotFound(name)
        async with self._drawing:
            tiles = self._drawn.get(page.digest)
            if tiles is None:
                tiles = await self._draw(page)
                self._remember(page.digest, tiles)
            self._drawn.move_to_end(page.digest)
        return tiles[name]

    async def _draw(self, page: DeskPage) -> Tiles:
        folder = await asyncio.to_thread(temporary.Folder, "rebuild")
        try:
            return await self._drawn_in(folder.path, page)
        except ScanRefused as refusal:
            # It could be rebuilt and cannot be drawn larger: the page that is there
            # stays, and nobody has to act.
            raise NotFound(page.digest) from refusal
        except (WorkerAbsent, Missing, OSError) as error:
            raise Trouble(Hindrance.STORE, f"{page.part.ref.key}: {error}") from error
        finally:
            await asyncio.to_thread(folder.remove)

    async def _drawn_in(self, folder: Path, page: DeskPage) -> Tiles:
        async with self._objects.local(page.part.ref.key) as path:
            tiles = await self._sandbox.draw(
                path, page.id.number, page.manifest, page.full_size, into=folder
            )
        return {
            name: await asyncio.to_thread(tile.read_bytes)
            for name, tile in tiles.items()
        }

    def _remember(self, digest: str, tiles: Tiles) -> None:
        self._drawn[digest] = tiles
        while len(self._drawn) > 1 and self._size() > self._most_bytes:
            self._drawn.popitem(last=False)

    def _size(self) -> int:
        return sum(len(t) for tiles in self._drawn.values() for t in tiles.values())
