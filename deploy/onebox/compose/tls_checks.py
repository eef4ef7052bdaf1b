"""TLS certificates of the operator's own, for the two faces."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from onebox.compose.defect import Defect
from onebox.compose.env_file import EnvFile
from onebox.compose.laid import Laid, read_own_env

FACES: Final = {
    "ECOPY_DESK_TLS": "ECOPY_DESK_HOST",
    "ECOPY_PUBLIC_TLS": "ECOPY_PUBLIC_HOST",
}
FILES: Final = 2
"""The certificate with its chain, and its key."""


def check_tls(laid: Laid, now: datetime) -> Iterator[Defect]:
    env = read_own_env(laid.root)
    yield from _alike(laid, env)
    for name, host_name in FACES.items():
        words = env.value(name, "internal")
        line = env.line(name)
        if words == "internal" or "@" in words:
            continue
        files = words.split()
        if len(files) != FILES or not all(f.startswith("/certs/") for f in files):
            yield Defect(
                "tls-words",
                laid.shown(laid.env),
                f'{words}: ghi internal, một địa chỉ thư, hoặc "/certs/desk.pem'
                ' /certs/desk.key"',
                f'{words}: write internal, an e-mail address, or "/certs/desk.pem'
                ' /certs/desk.key"',
                line,
                name,
            )
            continue
        own = [laid.certificates / f.removeprefix("/certs/") for f in files]
        yield from _own(laid, own, env.value(host_name, "localhost"), now)


def _alike(laid: Laid, env: EnvFile) -> Iterator[Defect]:
    """One host name has one kind of certificate: Caddy does not start with two."""
    desk, public = (env.value(name, "localhost") for name in FACES.values())
    words = {env.value(name, "internal") for name in FACES}
    if desk == public and len(words) > 1:
        vi = f"hai mặt cùng tên {desk} mà chứng thư khác nhau, Caddy không khởi động:"
        en = f"both faces are {desk} and have different certificates, with which Caddy"
        yield Defect(
            "tls-alike",
            laid.shown(laid.env),
            f"{vi} ghi ECOPY_DESK_TLS và ECOPY_PUBLIC_TLS giống nhau, hoặc đổi một tên",
            f"{en} does not start: write ECOPY_DESK_TLS and ECOPY_PUBLIC_TLS alike, or"
            " give one another name",
            env.line("ECOPY_DESK_TLS"),
            "ECOPY_DESK_TLS",
        )


def _own(laid: Laid, own: list[Path], host: str, now: datetime) -> Iterator[Defect]:
    pem, key_file = own
    for path in own:
        if not path.is_file():
            yield Defect(
                "tls-missing",
                laid.shown(path),
                "không có tệp này, mà .env nói Caddy dùng nó: đặt tệp vào đây",
                "it is not there, and .env says that Caddy shows it: put it there",
            )
    if not all(path.is_file() for path in own):
        return
    try:
        leaf = x509.load_pem_x509_certificates(pem.read_bytes())[0]
        key = load_pem_private_key(key_file.read_bytes(), None)
    except (ValueError, TypeError, IndexError) as error:
        vi = f"chứng thư hoặc khóa không đọc được ({error}): cần PEM không mật khẩu"
        en = f"certificate or key cannot be read ({error}): PEM, the key unencrypted"
        yield Defect("tls-unreadable", laid.shown(pem), vi, en)
        return
    if key.public_key() != leaf.public_key():
        vi = f"không phải khóa của chứng thư {pem.name}: đặt đúng cặp chứng thư và khóa"
        en = f"it is not the key of {pem.name}: lay out the pair that belongs together"
        yield Defect("tls-pair", laid.shown(key_file), vi, en)
    if not leaf.not_valid_before_utc <= now < leaf.not_valid_after_utc:
        until = f"{leaf.not_valid_after_utc:%d/%m/%Y}"
        vi = f"chứng thư TLS không còn hoặc chưa có hiệu lực (đến {until}): thay mới"
        en = (
            f"this TLS certificate is not in force (until {until}): put a new one there"
        )
        yield Defect("tls-expired", laid.shown(pem), vi, en)
    if not _names(leaf, host):
        vi = f"chứng thư không ghi tên {host}: lấy chứng thư có tên này trong SAN"
        en = f"the certificate does not name {host}: get one with it in its SAN"
        yield Defect("tls-host", laid.shown(pem), vi, en)


def _names(leaf: x509.Certificate, host: str) -> bool:
    try:
        told = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName)
    except x509.ExtensionNotFound:
        return False
    names = told.value.get_values_for_type(x509.DNSName)
    above = host.partition(".")[2]
    return host in names or f"*.{above}" in names
