"""``ecopy doctor``: what would keep the onebox from starting, or soon will.

It only looks and changes nothing. Start at ``examine``.
"""

import platform
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from http.client import HTTPException

from chassis import landlock, sandbox, tesseract
from chassis.monitor import NotDurable, check_server, missing
from chassis.starting import CannotStart
from onebox import bus_server, checks, prepare, whole
from onebox.house import LEAST_FREE_BYTES
from onebox.places import Places, Ports, is_free, url
from onebox.revocation import load_certificate

SOON = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Diagnosis:
    good: bool
    text: str


def examine(places: Places, first_port: int, *, now: datetime) -> Iterator[Diagnosis]:
    yield Diagnosis(good=True, text=f"Python {platform.python_version()}")
    yield _bus()
    yield _space(places)
    yield walls()
    yield from walls_behind()
    yield reading()
    ports = Ports.starting_at(first_port, pki=prepare.pki_port(places))
    yield from _ports(ports)
    yield _durable(ports.nats_monitor)
    yield from _provided(ports.nats_monitor)
    yield _whole(places)
    yield from _certificates(places, now)


def _bus() -> Diagnosis:
    try:
        return Diagnosis(good=True, text=f"nats-server: {bus_server.binary()}")
    except CannotStart as error:
        return Diagnosis(good=False, text=str(error))


def walls() -> Diagnosis:
    """Whether a reader of strangers' files can be locked in on this kernel."""
    name, lacking = "vùng cách ly · sandbox", " + ".join(sandbox.lacking())
    if not lacking:
        return Diagnosis(
            good=True, text=f"{name}: seccomp, Landlock {landlock.version()}"
        )
    text = (
        f"{name}: nhân Linux này không có {lacking}; mã độc ẩn trong một tệp có thể đọc"
        f" và sửa mọi thứ trong tầm tay của dịch vụ · this kernel has no {lacking}; a"
        f" program hidden in a file could read and change whatever the services can"
    )
    return Diagnosis(good=False, text=text)


def walls_behind() -> Iterator[Diagnosis]:
    """What stands behind those, one line each: without it the house is whole, too."""
    network, account = (
        wall not in sandbox.lacking_behind()
        for wall in ("network namespace", "own account")
    )
    name = "vùng cách ly, không gian mạng riêng · sandbox, network namespace"
    yield Diagnosis(good=True, text=f"{name}: {_is_there(there=network)}")
    name = "vùng cách ly, tài khoản riêng · sandbox, own account"
    yield Diagnosis(good=True, text=f"{name}: {_is_there(there=account)}")


def reading() -> Diagnosis:
    """Whether print on scans is read here; the house is whole without it."""
    name, lacking = "đọc chữ trên bản quét · reading print", tesseract.lacking()
    if not lacking:
        return Diagnosis(good=True, text=f"{name}: {tesseract.data_folder()}")
    packages = " ".join(lacking)
    text = (
        f"{name}: không có; cán bộ nhập tay. Muốn có: apt install {packages} · not"
        f" there; clerks type. To have it: apt install {packages}"
    )
    return Diagnosis(good=True, text=text)


def _is_there(*, there: bool) -> str:
    if there:
        return "có · there"
    return (
        "không có: danh sách lời gọi hệ thống vẫn chặn · not there: the list of system"
        " calls still stands"
    )


def _space(places: Places) -> Diagnosis:
    free = shutil.disk_usage(places.var).free
    text = f"ổ đĩa · disk: {free // 1_000_000} MB"
    return Diagnosis(good=free >= LEAST_FREE_BYTES, text=text)


def _ports(ports: Ports) -> Iterator[Diagnosis]:
    for name, port in ports.named().items():
        free = is_free(port)
        state = (
            "trống · free" if free else "đang bị dùng · taken (ecopy đang chạy? · up?)"
        )
        yield Diagnosis(good=free, text=f"cổng · port {port} ({name}): {state}")


def _durable(monitor: int) -> Diagnosis:
    """Whether a bus that is up writes to the disk before it acknowledges a message."""
    name = "máy chủ sự kiện · bus, sync_interval"
    if is_free(monitor):
        return Diagnosis(good=True, text=f"{name}: chưa chạy · not up")
    try:
        check_server(url(monitor))
    except NotDurable as error:
        return Diagnosis(good=False, text=f"{name}: không bền · not durable: {error}")
    except (OSError, HTTPException, ValueError, LookupError, TypeError) as error:
        state = f"cổng · port {monitor} không đọc được · not readable: {error!r}"
        return Diagnosis(good=False, text=f"{name}: {state}")
    return Diagnosis(good=True, text=f"{name}: always")


def _provided(monitor: int) -> Iterator[Diagnosis]:
    """The stream and the consumers of a bus that is up."""
    name = "máy chủ sự kiện · bus, consumers"
    try:
        gone = missing(url(monitor))
    except (OSError, HTTPException, ValueError, LookupError, TypeError):
        return  # the line above has said what is on that port
    text = f"thiếu · missing: {', '.join(gone)} (ecopy provision)" if gone else "✓"
    yield Diagnosis(good=not gone, text=f"{name}: {text}")


def _whole(places: Places) -> Diagnosis:
    """Before the first start nothing is missing, nothing can be spoilt."""
    spoilt = list(whole.unreadable(places)) if checks.is_open(places) else []
    if not spoilt:
        return Diagnosis(good=True, text="khóa và tài khoản · keys and accounts: ✓")
    names = ", ".join(str(path) for path in spoilt)
    return Diagnosis(good=False, text=f"mất hoặc hỏng · missing or not whole: {names}")


def _certificates(places: Places, now: datetime) -> Iterator[Diagnosis]:
    if not places.pki.exists():
        yield Diagnosis(good=True, text="var/pki: chưa có · made at the first start")
        return
    for name in ("officer", "seal", "tsa", "ocsp", "issuing", "root"):
        try:
            until = load_certificate(places.pki, name).not_valid_after_utc
        except whole.NOT_WHOLE:
            text = f"chứng thư · certificate {name}: không đọc được · not readable"
            yield Diagnosis(good=False, text=text)
            continue
        text = f"chứng thư · certificate {name}: {until:%d/%m/%Y}"
        yield Diagnosis(good=until - now > SOON, text=text)
