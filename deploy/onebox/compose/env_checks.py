"""``.env``: every name known, addresses and ports usable. Start at ``check_env``."""

import difflib
import ipaddress
import json
import re
from collections.abc import Iterator
from typing import Final
from urllib.parse import urlsplit

from onebox.compose.defect import Defect
from onebox.compose.env_file import EnvFile, read_env
from onebox.compose.laid import Laid

PORTS: Final = {
    "ECOPY_DESK_PORT": "8443",
    "ECOPY_PUBLIC_PORT": "443",
    "ECOPY_PUBLIC_HTTP_PORT": "80",
    "ECOPY_GRAFANA_PORT": "3000",
}
"""Each with its default."""
ADDRESSES: Final = (
    "ECOPY_DESK_ADDRESS",
    "ECOPY_PUBLIC_ADDRESS",
    "ECOPY_GRAFANA_ADDRESS",
)
TSA: Final = "SIGNING__TSA__URLS"
ORIGIN: Final = "ECOPY_PUBLIC_ORIGIN"
SUBNETS: Final = "ECOPY_SUBNETS"
HIGHEST_PORT: Final = 65535
_OURS: Final = re.compile(r"^(ECOPY|INTAKE_|SIGNING_|STORAGE_|PROVISION_)_")
_ORIGIN: Final = re.compile(r"https://[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?(?::\d{1,5})?")
_SET_BY_COMPOSE: Final = re.compile(r"^      ([A-Z]+__\w+): (?!.*\$\{\1)", re.MULTILINE)


def check_env(laid: Laid) -> Iterator[Defect]:
    file = laid.shown(laid.env)
    try:
        env = read_env(laid.env.read_text("utf-8"))
    except (OSError, ValueError) as error:
        yield Defect(
            "env-missing",
            file,
            f"không đọc được ({error}): chạy ecopy init, hoặc chép .env.example",
            f"it cannot be read ({error}): run ecopy init, or copy .env.example",
        )
        return
    yield from _lines(env, file)
    yield from _names(laid, env, file)
    yield from _stamps(env, file)
    yield from _origin(env, file)
    yield from _network(env, file)


def _lines(env: EnvFile, file: str) -> Iterator[Defect]:
    for number in env.broken:
        yield Defect(
            "env-line",
            file,
            "dòng này không phải TÊN=giá trị: sửa lại, hoặc đặt # ở đầu dòng",
            "this line is no NAME=value: correct it, or put a # in front of it",
            number,
        )
    first: dict[str, int] = {}
    for line in env.lines:
        if line.name in first:
            yield Defect(
                "env-twice",
                file,
                f"đã ghi ở dòng {first[line.name]}, chỉ dòng sau có hiệu lực: xóa một"
                " dòng",
                f"line {first[line.name]} gives it already and only the later one"
                " counts: delete one of them",
                line.number,
                line.name,
            )
        first.setdefault(line.name, line.number)


def _names(laid: Laid, env: EnvFile, file: str) -> Iterator[Defect]:
    known, fixed = known_names(laid), fixed_names(laid)
    for line in env.lines:
        if line.name in fixed:
            vi = "compose.yaml tự đặt giá trị này, dòng ở đây không có tác dụng: xóa đi"
            en = "compose.yaml sets this itself and your line does nothing: delete it"
            yield Defect("env-overruled", file, vi, en, line.number, line.name)
        elif known and _OURS.match(line.name) and line.name not in known:
            near = "".join(difflib.get_close_matches(line.name, known, 1))
            vi = "không có thiết lập nào tên này" + (
                f"; gần nhất: {near}" if near else ""
            )
            en = "no setting has this name" + (f"; the nearest: {near}" if near else "")
            yield Defect(
                "env-unknown",
                file,
                f"{vi}. Sửa tên theo .env.example",
                f"{en}. Correct it as .env.example has it",
                line.number,
                line.name,
            )


def known_names(laid: Laid) -> frozenset[str]:
    """Every name that ``.env.example`` has, in use or shown; none where it is gone."""
    try:
        text = (laid.root / ".env.example").read_text("utf-8")
    except (OSError, ValueError):
        return frozenset()
    # Used by overrides of ours beside compose.yaml.
    more = {"ECOPY_PKI", "COMPOSE_FILE"}
    return (
        frozenset(re.findall(r"^(?:# )?([A-Z][A-Z0-9_]+)=", text, re.MULTILINE)) | more
    )


def fixed_names(laid: Laid) -> frozenset[str]:
    """The settings that compose.yaml gives whatever ``.env`` says."""
    try:
        text = (laid.root / "compose.yaml").read_text("utf-8")
    except (OSError, ValueError):
        return frozenset()
    return frozenset(_SET_BY_COMPOSE.findall(text))


def _stamps(env: EnvFile, file: str) -> Iterator[Defect]:
    line, value = env.line(TSA), env.value(TSA)
    example = f'{TSA}=["http://tsa.example.vn/tsr"]'
    if not value:
        vi = f"chưa ghi máy chủ cấp dấu thời gian nào: viết như {example}"
        en = f"no timestamp authority is named: write it as in {example}"
        yield Defect("tsa-missing", file, vi, en, line, TSA)
        return
    try:
        urls = json.loads(value)
    except ValueError:
        urls = None
    if not isinstance(urls, list) or not urls:
        vi = f"không phải danh sách JSON: viết như {example}"
        en = f"this is no JSON list: write it as in {example}"
        yield Defect("tsa-list", file, vi, en, line, TSA)
        return
    for url in urls:
        if not _is_address(url):
            vi = f"{url!r} không phải địa chỉ http:// hoặc https://: sửa lại"
            en = f"{url!r} is no http:// or https:// address: correct it"
            yield Defect("tsa-address", file, vi, en, line, TSA)


def _is_address(url: object) -> bool:
    parts = urlsplit(url) if isinstance(url, str) else None
    return (
        parts is not None and parts.scheme in {"http", "https"} and bool(parts.netloc)
    )


def _origin(env: EnvFile, file: str) -> Iterator[Defect]:
    origin, line = env.value(ORIGIN, "https://localhost"), env.line(ORIGIN)
    if not _ORIGIN.fullmatch(origin):
        yield Defect(
            "origin",
            file,
            f"{origin} không phải https://tên-máy: không đường dẫn, không dấu / ở cuối,"
            " chữ ngoài a đến z ghi ở dạng xn--",
            f"{origin} is no https://host: no path, no slash at the end, letters other"
            " than a to z in their xn-- form",
            line,
            ORIGIN,
        )
        return
    host, named = env.value("ECOPY_PUBLIC_HOST", "localhost"), urlsplit(origin).hostname
    if named != host:
        yield Defect(
            "origin-host",
            file,
            f"địa chỉ in vào bản sao dẫn đến {named}, còn ECOPY_PUBLIC_HOST là {host}:"
            " ghi cùng một tên",
            f"the address sealed into copies leads to {named}, and ECOPY_PUBLIC_HOST is"
            f" {host}: give both the same name",
            line,
            ORIGIN,
        )


def _network(env: EnvFile, file: str) -> Iterator[Defect]:
    yield from _ports(env, file)
    for name in ADDRESSES:
        value = env.value(name, "127.0.0.1")
        try:
            ipaddress.ip_address(value)
        except ValueError:
            vi = f"{value} không phải địa chỉ IP của máy này: ghi dạng 192.168.1.10"
            en = f"{value} is no IP address of this host: write one as 192.168.1.10"
            yield Defect("address", file, vi, en, env.line(name), name)
    value = env.value(SUBNETS, "172.30.251")
    try:
        private = ipaddress.IPv4Network(f"{value}.0/24").is_private
    except ValueError:
        private = False
    if not private:
        vi = f"{value} không phải ba số đầu của một mạng riêng: ghi dạng 172.30.251"
        en = f"{value} is not the first three numbers of a private network: write it"
        yield Defect(
            "subnets", file, vi, f"{en} as 172.30.251", env.line(SUBNETS), SUBNETS
        )


def _ports(env: EnvFile, file: str) -> Iterator[Defect]:
    seen: dict[str, str] = {}
    for name, default in PORTS.items():
        value, line = env.value(name, default), env.line(name)
        if not value.isdigit() or not 0 < int(value) <= HIGHEST_PORT:
            vi = f"{value} không phải số cổng: ghi một số từ 1 đến {HIGHEST_PORT}"
            en = f"{value} is no port: give a number from 1 to {HIGHEST_PORT}"
            yield Defect("port", file, vi, en, line, name)
        elif value in seen:
            vi = f"cổng {value} đã dùng cho {seen[value]}: chọn cổng khác"
            en = f"port {value} is given to {seen[value]} already: choose another one"
            yield Defect("port-twice", file, vi, en, line, name)
        seen.setdefault(value, name)
