"""Disks of a house: ext4 in a file, and what a power cut leaves of it.

All that the file system has handed to its device stands in the image file, and nothing
else does: a copy of the image, taken while every writer stands still, is the disk after
the cut (the cache of a real disk is not tried). Start at ``Disk.cut``.
"""

import asyncio
import contextlib
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from storm.house import StormHouse
from storm.others import Other

PATIENT = "loop,commit=600"
"""The file system writes its journal when somebody asks for it, and else after ten
minutes, not five seconds: what was not flushed is lost whenever the power fails.
"""


@dataclass
class Disk:
    image: Path
    mounted: Path
    options: str = "loop"

    @classmethod
    def make(
        cls, image: Path, mounted: Path, megabytes: int, options: str = "loop"
    ) -> "Disk":
        with image.open("wb") as file:
            file.truncate(megabytes << 20)
        run("mkfs.ext4", "-q", "-F", "-E", "lazy_itable_init=0", str(image))
        disk = cls(image, mounted, options)
        disk.mount()
        (mounted / "lost+found").rmdir()
        return disk

    @classmethod
    def copied(cls, template: Path, image: Path, mounted: Path) -> "Disk":
        """A disk like the one in *template*, which nothing has mounted now."""
        _copy(template, image)
        disk = cls(image, mounted)
        disk.mount()
        return disk

    def mount(self) -> None:
        self.mounted.mkdir(parents=True, exist_ok=True)
        run("mount", "-o", self.options, str(self.image), str(self.mounted))

    def unmount(self) -> None:
        run("umount", "-l", str(self.mounted))

    def copy(self) -> Path:
        """The image as it stands."""
        left = self.image.with_suffix(f".{self.image.suffix[1:]}-cut")
        _copy(self.image, left)
        return left


def _copy(image: Path, to: Path) -> None:
    run("cp", "--sparse=always", "--reflink=auto", str(image), str(to))


def cut_power(
    house: StormHouse, disks: list[Disk], others: Sequence[Other] = ()
) -> None:
    """End the house, and the servers beside it, in one moment; its disks hold what had
    reached them by then.

    *disks* in the order in which they are copied: an outer one before the one mounted
    inside of it, so that the inner one is never older than the rows that name it.
    """
    house.freeze()
    for other in others:
        other.freeze()
    left = [disk.copy() for disk in disks]
    house.end_at_once()
    for other in others:
        other.end_at_once()
    for disk in reversed(disks):
        disk.unmount()
    for disk, image in zip(disks, left, strict=True):
        image.replace(disk.image)
        disk.mount()


def run(*command: str) -> None:
    subprocess.run(command, check=True, capture_output=True)


def free_bytes(folder: Path) -> int:
    return shutil.disk_usage(folder).free


async def filled(disk: Disk, seconds: float) -> None:
    """All but some kilobytes are taken, then given back."""
    ballast = disk.mounted / "ballast"
    taken = max(4096, free_bytes(disk.mounted) - 65536)
    run("fallocate", "-l", str(taken), str(ballast))
    try:
        await asyncio.sleep(seconds)
    finally:
        ballast.unlink()


async def read_only(disk: Disk, seconds: float) -> bool:
    """New opens for writing fail; what is open goes on, as in a bind mount. False if
    the disk could not be made so.
    """
    where = str(disk.mounted)
    run("mount", "--bind", where, where)
    try:
        if struck := await _close_to_writers(where):
            await asyncio.sleep(seconds)
    finally:
        # Lazily: who came in by this mount keeps what they have open.
        run("umount", "-l", where)
    return struck


async def _close_to_writers(where: str) -> bool:
    """Whoever has opened a file to write since the mount was made keeps it open to
    writers (EBUSY) until that file is closed: a database of a service that started just
    then never is.
    """
    for _ in range(100):
        with contextlib.suppress(subprocess.CalledProcessError):
            run("mount", "-o", "remount,bind,ro", where)
            return True
        await asyncio.sleep(0.05)
    return False
