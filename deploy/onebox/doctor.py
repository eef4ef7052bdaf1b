"""``ecopy doctor``: what would keep the onebox from starting, or soon will."""

import platform
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from http.client import HTTPException

from chassis.provision import NotDurable, check_server
from onebox import bus_server, prepare
from onebox.house import LEAST_FREE_BYTES
from onebox.places import Places, Ports, is_free, url
from onebox.plain import CannotError
from onebox.revocation import load_certificate

SOON = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Finding:
    good: bool
    text: str


def examine(places: Places, first_port: int, *, now: datetime) -> Iterator[Finding]:
    yield Finding(good=True, text=f"Python {platform.python_version()}")
    yield _bus()
    yield _space(places)
    ports = Ports.starting_at(first_port, pki=prepare.pki_port(places))
    yield from _ports(ports)
    yield _durable(ports.nats_monitor)
    yield from _certificates(places, now)


def _bus() -> Finding:
    try:
        return Finding(good=True, text=f"nats-server: {bus_server.binary()}")
    except CannotError as error:
        return Finding(good=False, text=str(error))


def _space(places: Places) -> Finding:
    free = shutil.disk_usage(places.var).free
    text = f"ổ đĩa · disk: {free // 1_000_000} MB"
    return Finding(good=free >= LEAST_FREE_BYTES, text=text)


def _ports(ports: Ports) -> Iterator[Finding]:
    for name, port in ports.named().items():
        free = is_free(port)
        said = (
            "trống · free" if free else "đang bị dùng · taken (ecopy đang chạy? · up?)"
        )
        yield Finding(good=free, text=f"cổng · port {port} ({name}): {said}")


def _durable(monitor: int) -> Finding:
    """A bus that is up is asked; it loses nothing that it has acknowledged only so."""
    name = "máy chủ sự kiện · bus, sync_interval"
    if is_free(monitor):
        return Finding(good=True, text=f"{name}: chưa chạy · not up")
    try:
        check_server(url(monitor))
    except NotDurable as error:
        return Finding(good=False, text=f"{name}: không bền · not durable: {error}")
    except (OSError, HTTPException, ValueError, LookupError, TypeError) as error:
        said = f"cổng · port {monitor} không đọc được · not readable: {error!r}"
        return Finding(good=False, text=f"{name}: {said}")
    return Finding(good=True, text=f"{name}: always")


def _certificates(places: Places, now: datetime) -> Iterator[Finding]:
    if not places.pki.exists():
        yield Finding(good=True, text="var/pki: chưa có · made at the first start")
        return
    for name in ("officer", "seal", "tsa", "ocsp", "issuing", "root"):
        until = load_certificate(places.pki, name).not_valid_after_utc
        text = f"chứng thư · certificate {name}: {until:%d/%m/%Y}"
        yield Finding(good=until - now > SOON, text=text)
