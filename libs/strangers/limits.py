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

    address_space_bytes: int = 300 * MIB
    """Beside pyHanko with its libraries: a file of one signature takes 2 MB, one of 22
    signatures 7 MB (measured, pyHanko 0.38).
    """
    cpu_seconds: float = 0.8
    """What a file may cost beside the import of pyHanko (0.7 s): one of 22 signatures
    takes 0.5 s, one of a hundred thousand fields without an end would take a minute.
    """
    megabytes_a_cpu_second: float = 100.0
    """A large file is given more, since all its bytes are hashed."""
    wall_seconds: float = 8.0
    """From the order to the end; a worker that has yet to start needs 2 s of it."""
    wait_seconds: float = 3.0
    """How long a file waits for a free worker, before the answer is: nobody looked."""
    report_bytes: int = 512 << 10

    def cpu_seconds_of(self, size: int) -> float:
        return self.cpu_seconds + size / 1_000_000 / self.megabytes_a_cpu_second

    def bounds(self, *, cpu_seconds: int, open_files: int) -> Bounds:
        """*cpu_seconds* are those of the whole process, import and all."""
        return Bounds(
            address_space_bytes=self.address_space_bytes,
            cpu_seconds=cpu_seconds,
            wall_seconds=self.wall_seconds,
            written_bytes=self.report_bytes,
            open_files=open_files,
        )
