"""What reading one stranger's file may cost. Plain numbers: they travel as JSON."""

from dataclasses import dataclass
from typing import Final

from chassis.sandbox import Bounds

MIB: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class ReaderLimits:
    """What reading one file may cost. Somebody waits at a page for the answer, so the
    times are short.
    """

    address_space_bytes: int = 384 * MIB
    """pyHanko with its libraries takes 84 MB of addresses before a file; a file of one
    signature adds 2 MB, one of 22 signatures 7 MB (measured, pyHanko 0.38).
    """
    cpu_seconds: int = 6
    wall_seconds: float = 8.0
    """From the order to the end; a worker that has yet to start needs 2 s of it."""
    wait_seconds: float = 3.0
    """How long a file waits for a free worker, before the answer is: nobody looked."""
    report_bytes: int = 512 << 10

    def bounds(self, *, open_files: int) -> Bounds:
        return Bounds(
            address_space_bytes=self.address_space_bytes,
            cpu_seconds=self.cpu_seconds,
            wall_seconds=self.wall_seconds,
            written_bytes=self.report_bytes,
            open_files=open_files,
        )
