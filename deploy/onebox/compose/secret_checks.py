"""The files that ``make-secrets`` makes: all there, whole, of one piece, and closed to
others. Start at ``check_secrets``.
"""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from chassis.nkey import Nkey, server_variables
from onebox.compose.defect import Defect
from onebox.compose.laid import Laid
from onebox.places import BUS_USERS, SERVICES

RANDOM: Final = (
    "postgres_password",
    *(f"{service}_database_password" for service in SERVICES),
    "s3_root_secret",
    "s3_storage_secret",
    "storage_address_key",
    "link_key",
    "grafana_password",
    *(f"{service}_event_key" for service in SERVICES),
)
SEEDS: Final = tuple(f"{user}_bus_seed" for user in BUS_USERS)
DERIVED: Final = ("bus_users", "event_public_keys")
OTHERS: Final = 0o077
READABLE: Final = 0o004
_HEX: Final = re.compile(r"[0-9a-f]{64}")
MAKE: Final = "deploy/docker/make-secrets"


def check_secrets(laid: Laid) -> Iterator[Defect]:
    folder = laid.secrets
    if not folder.is_dir():
        yield Defect(
            "secrets-missing",
            laid.shown(folder),
            f"chưa có thư mục này: chạy ecopy init, hoặc {MAKE}",
            f"this folder is not there: run ecopy init, or {MAKE}",
        )
        return
    if folder.stat().st_mode & OTHERS:
        yield Defect(
            "secrets-open",
            laid.shown(folder),
            "tài khoản khác trên máy đọc được mật khẩu và khóa: chạy chmod 700",
            "other accounts of this host can read passwords and keys: run chmod 700",
        )
    whole = True
    for name in (*RANDOM, *SEEDS, *DERIVED):
        for defect in _file(laid, folder / name):
            whole = False
            yield defect
    if whole:
        yield from _derived(laid)


def _file(laid: Laid, path: Path) -> Iterator[Defect]:
    shown = laid.shown(path)
    if not path.is_file():
        vi = f"không có tệp này: chạy {MAKE}, tệp còn thiếu được tạo thêm"
        en = f"this file is not there: run {MAKE}, which adds what is missing"
        yield Defect("secret-missing", shown, vi, en)
        return
    if not path.stat().st_mode & READABLE:
        vi = "dịch vụ trong container (tài khoản 10001) không đọc được: chạy chmod 444"
        en = "a service in its container (account 10001) cannot read it: run chmod 444"
        yield Defect("secret-closed", shown, vi, en)
    if path.name not in DERIVED and not _is_whole(path):
        vi = (
            f"tệp trống, bị cắt, hoặc không phải do {MAKE} tạo: chép lại từ bản sao lưu"
        )
        en = f"it is empty, cut, or not of {MAKE}: put it back from your backup"
        yield Defect("secret-spoilt", shown, vi, en)


def _is_whole(path: Path) -> bool:
    text = path.read_text("utf-8", errors="replace").strip()
    if path.name in SEEDS:
        try:
            Nkey.parse(text)
        except ValueError:
            return False
        return True
    return _HEX.fullmatch(text) is not None


def _derived(laid: Laid) -> Iterator[Defect]:
    """The two files with the public halves say what the seeds say."""
    folder = laid.secrets
    seeds = {user: (folder / f"{user}_bus_seed").read_text() for user in BUS_USERS}
    public = {name: _public(folder / f"{name}_event_key") for name in SERVICES}
    try:
        told = json.loads((folder / "event_public_keys").read_text())
    except ValueError:
        told = None
    written = (folder / "bus_users").read_text().split()
    if written != server_variables(seeds).split():
        yield _stale(laid, folder / "bus_users", "máy chủ sự kiện", "the bus")
    if told != public:
        stale = folder / "event_public_keys"
        yield _stale(laid, stale, "các dịch vụ khác", "the other services")


def _stale(laid: Laid, path: Path, vi: str, en: str) -> Defect:
    return Defect(
        "secret-stale",
        laid.shown(path),
        f"không khớp với các khóa bên cạnh, {vi} sẽ từ chối: chạy {MAKE}, tệp này được"
        " ghi lại",
        f"it does not fit the keys beside it and {en} will refuse them: run {MAKE},"
        " which writes it anew",
    )


def _public(path: Path) -> str:
    seed = bytes.fromhex(path.read_text().strip())
    public = Ed25519PrivateKey.from_private_bytes(seed).public_key()
    return public.public_bytes_raw().hex()
