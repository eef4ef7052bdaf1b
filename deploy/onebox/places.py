"""Where everything of one onebox lies, and which ports it listens on.

Nothing is written here. Start at ``Places``.
"""

import socket
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from chassis.starting import CannotStart

LOOPBACK: Final = "127.0.0.1"
DEFAULT_PORT: Final = 8420
REPOSITORY: Final = Path(__file__).resolve().parents[2]
SERVICES: Final = ("intake", "signing", "storage")
BUCKETS: Final = ("scans", "copies", "archive")
BUS_USERS: Final = (*SERVICES, "provision")


@dataclass(frozen=True, slots=True)
class Ports:
    """Six in a row from the desk's; the PKI keeps the one its certificates name."""

    intake: int
    storage: int
    signing: int
    nats: int
    nats_monitor: int
    pki: int

    @classmethod
    def starting_at(cls, first: int, *, pki: int | None = None) -> "Ports":
        storage, signing, nats, monitor, last = range(first + 1, first + 6)
        return cls(first, storage, signing, nats, monitor, pki or last)

    def named(self) -> dict[str, int]:
        return {
            "intake": self.intake,
            "storage": self.storage,
            "signing": self.signing,
            "nats": self.nats,
            "nats-monitor": self.nats_monitor,
            "pki": self.pki,
        }


@dataclass(frozen=True, slots=True)
class Places:
    """``var/``, the whole state of one house; ``ecopy backup`` copies it while it
    works.
    """

    var: Path

    def __truediv__(self, name: str) -> Path:
        return self.var / name

    @property
    def pki(self) -> Path:
        return self.var / "pki"

    @property
    def trust(self) -> Path:
        return self.var / "trust.json"

    @property
    def agencies(self) -> Path:
        return self.var / "agencies.toml"

    @property
    def signing_keys(self) -> Path:
        return self.var / "keys" / "signing.toml"

    @property
    def link_key(self) -> Path:
        return self.var / "keys" / "link.key"

    @property
    def event_keys(self) -> Path:
        return self.var / "keys" / "events"

    @property
    def hot_folder(self) -> Path:
        """The directory that a scanner may write to."""
        return self.var / "scanner"

    @property
    def bus_keys(self) -> Path:
        return self.var / "keys" / "bus"

    @property
    def opened(self) -> Path:
        """The file that is written before the first request can be taken: from then on
        the keys may stand behind somebody's copy.
        """
        return self.var / "opened"

    @property
    def restoring(self) -> Path:
        """The file that stands while a backup is being restored: no start before its
        end.
        """
        return self.var / "restoring"

    @property
    def demo(self) -> Path:
        return self.var / "demo"

    def log(self, program: str) -> Path:
        return self.var / "log" / f"{program}.log"

    def database(self, service: str) -> str:
        return f"sqlite:///{self.database_file(service)}"

    def database_file(self, service: str) -> Path:
        return self.var / "db" / f"{service}.db"

    def bucket(self, name: str) -> str:
        return f"file:{self.var / 'objects' / name}"


def url(port: int) -> str:
    return f"http://{LOOPBACK}:{port}"


def check_free(ports: Ports) -> None:
    """Raises CannotStart for the first port that another program holds."""
    for name, port in ports.named().items():
        if not is_free(port):
            raise _taken(name, port, ports)


def is_free(port: int) -> bool:
    with socket.socket() as probe:
        # As the programs themselves bind: without it a port whose last connection ended
        # a minute ago would look taken.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
    return True


def _taken(name: str, port: int, ports: Ports) -> CannotStart:
    if name == "pki" and port != ports.intake + 5:
        return CannotStart(
            f"Cổng {port} đang bị chương trình khác dùng, mà chứng thư thử nghiệm trong"
            f" var/pki ghi cổng này: tắt chương trình đó, hoặc chạy make reset"
            f" (xóa mọi hồ sơ thử).",
            f"Port {port} is taken by another program, and the development certificates"
            f" in var/pki name it: end that program, or run make reset (it clears all"
            f" demo cases).",
        )
    other = ports.intake + 1000
    return CannotStart(
        f"Cổng {port} ({name}) đang bị chương trình khác dùng: chạy lại với"
        f" PORT={other}.",
        f"Port {port} ({name}) is taken by another program: run again with"
        f" PORT={other}.",
    )
