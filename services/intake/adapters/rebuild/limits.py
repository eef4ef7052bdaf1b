"""What one file may cost. Plain numbers, so that they travel to the worker as JSON."""

from dataclasses import dataclass
from typing import Final

from chassis.sandbox import Bounds

MIB: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class Limits:
    """Per file, and for ``pages`` and ``document_bytes`` per document too."""

    source_bytes: int = 200 * MIB
    document_bytes: int = 512 * MIB
    """The largest rebuilt file and the largest normalised original; also the largest
    file that the worker can write at all."""
    pages: int = 200
    pixels: int = 150_000_000
    """The most pixels of one image or one rendered page: A2 at 600 dpi is 139
    million."""
    address_space_bytes: int = 2048 * MIB
    cpu_seconds: int = 120
    wall_seconds: float = 180.0
    open_files: int = 64

    @property
    def bounds(self) -> Bounds:
        """The part of these limits that the kernel enforces."""
        return Bounds(
            address_space_bytes=self.address_space_bytes,
            cpu_seconds=self.cpu_seconds,
            wall_seconds=self.wall_seconds,
            written_bytes=self.document_bytes,
            open_files=self.open_files,
        )
