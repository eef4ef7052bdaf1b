"""``keys.toml``: each key in exactly one place, its files there and readable by
signing, its certificate in force. No key is used. Start at ``check_keys``.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives.serialization import (
    pkcs12,  # noqa: TID251 - it only looks whether the password opens it
)

from onebox.compose.defect import Defect
from onebox.compose.laid import Laid
from onebox.compose.reading import ReadToml
from onebox.compose.shapes import CscTable, HsmTable, KeysToml, KeyTable

SOON: Final = timedelta(days=30)
READABLE: Final = 0o004
FILES: Final = ("pkcs12", "password_file", "certificate", "image")
Certificates = dict[str, x509.Certificate]
"""The name of a key's table → its certificate."""


def check_keys(
    laid: Laid, read: ReadToml[KeysToml], now: datetime
) -> tuple[list[Defect], Certificates]:
    """What is wrong, and the certificates that could be read."""
    defects = list(read.defects)
    certificates: Certificates = {}
    if read.said is None:
        return defects, certificates
    for name, key in read.said.keys.items():
        defects += _place(read, name, key)
        defects += _provider(read, name, key)
        broken = [*_files(laid, read, ("keys", name), _named(key))]
        defects += broken
        if not broken:
            defects += _certificate(laid, read, name, key, certificates)
        if (found := certificates.get(name)) is not None:
            defects += _days(read, name, found, now)
    for kind, providers in (("pkcs11", read.said.pkcs11), ("csc", read.said.csc)):
        for name, provider in providers.items():
            defects += _files(laid, read, (kind, name), _own_files(provider))
    return defects, certificates


def _named(key: KeyTable) -> dict[str, str]:
    told = {name: getattr(key, name) for name in FILES}
    if key.csc is not None:
        told |= {"csc": key.csc.pin_file}
    return {name: file for name, file in told.items() if file}


def _own_files(provider: HsmTable | CscTable) -> dict[str, str]:
    names = ("pin_file", "client_secret_file", "token_file", "ca_file")
    told = {name: getattr(provider, name, None) for name in names}
    return {name: file for name, file in told.items() if file}


def _place(read: ReadToml[KeysToml], name: str, key: KeyTable) -> Iterator[Defect]:
    places = (key.pkcs12, key.pkcs11, key.csc)
    if sum(place is not None for place in places) != 1:
        vi = "khóa phải ở đúng một nơi: chỉ một trong pkcs12, pkcs11, csc"
        en = "a key is in exactly one place: give one of pkcs12, pkcs11 and csc"
        yield _at(read, "key-place", ("keys", name), vi, en)
    elif key.pkcs12 is not None and key.password_file is None:
        vi = "thiếu password_file, tệp có mật khẩu của PKCS#12: thêm dòng này"
        en = "password_file, the file with the PKCS#12's password, is missing: add it"
        yield _at(read, "key-password", ("keys", name), vi, en)
    elif key.pkcs12 is None and key.certificate is None:
        vi = "khóa ở HSM hay dịch vụ ký cần certificate, tệp PEM: thêm dòng này"
        en = "a key in an HSM or at a service needs certificate, a PEM file: add it"
        yield _at(read, "key-certificate", ("keys", name), vi, en)


def _provider(read: ReadToml[KeysToml], name: str, key: KeyTable) -> Iterator[Defect]:
    tables = {"pkcs11": key.pkcs11, "csc": key.csc}
    for kind, place in tables.items():
        known = getattr(read.said, kind)
        if place is not None and place.provider not in known:
            vi = f"không có bảng [{kind}.{place.provider}]: thêm bảng này vào cuối tệp"
            en = f"there is no table [{kind}.{place.provider}]: add it to this file"
            yield _at(read, "provider", ("keys", name, kind), vi, en)


def _files(
    laid: Laid,
    read: ReadToml[KeysToml],
    table: tuple[str, str],
    named: Mapping[str, str],
) -> Iterator[Defect]:
    """Each is inside the one folder that signing sees, and readable there."""
    for key, file in named.items():
        path, place = laid.key_folder / file, (*table, key)
        if not path.resolve().is_relative_to(laid.key_folder.resolve()):
            vi = f"{file} nằm ngoài {laid.shown(laid.key_folder)}, dịch vụ không thấy:"
            en = f"{file} is outside of {laid.shown(laid.key_folder)}, signing sees"
            yield _at(
                read,
                "key-outside",
                place,
                f"{vi} chép vào đó và ghi tên tệp",
                f"{en} no other place: copy it there and write its name alone",
            )
        elif not path.is_file():
            shown = laid.shown(laid.key_folder)
            vi = f"không có tệp {file} trong {shown}: đặt vào đó"
            en = f"there is no file {file} in {shown}: put it there"
            yield _at(read, "key-file", place, vi, en)
        elif not path.stat().st_mode & READABLE:
            vi = f"signing (tài khoản 10001) không đọc được {file}: chạy chmod 444"
            en = f"signing (account 10001) cannot read {file}: run chmod 444"
            yield _at(read, "key-closed", place, vi, en)


def _certificate(
    laid: Laid, read: ReadToml[KeysToml], name: str, key: KeyTable, found: Certificates
) -> Iterator[Defect]:
    """Read it into *found*."""
    try:
        if key.certificate is not None:
            pem = (laid.key_folder / key.certificate).read_bytes()
            found[name] = x509.load_pem_x509_certificate(pem)
            return
        if key.pkcs12 is None or key.password_file is None:
            return
        password = (laid.key_folder / key.password_file).read_bytes().strip()
        content = (laid.key_folder / key.pkcs12).read_bytes()
        bundle = pkcs12.load_pkcs12(content, password)
    except ValueError:
        said = "certificate" if key.certificate is not None else "password_file"
        file = key.certificate or f"{key.pkcs12} ({key.password_file})"
        vi = f"không mở được {file}: sai mật khẩu, hoặc tệp không phải loại này"
        en = f"{file} cannot be opened: a wrong password, or a file of another kind"
        yield _at(
            read,
            "key-locked",
            ("keys", name, said),
            f"{vi}. Ghi đúng mật khẩu vào tệp của nó, hoặc chép lại",
            f"{en}. Write the right password into its file, or copy it again",
        )
        return
    if bundle.cert is None or bundle.key is None:
        vi = f"{key.pkcs12} thiếu khóa riêng hoặc chứng thư: xuất lại kèm cả hai"
        en = f"{key.pkcs12} lacks the private key or its certificate: export both again"
        yield _at(read, "key-half", ("keys", name, "pkcs12"), vi, en)
    else:
        found[name] = bundle.cert.certificate


def _days(
    read: ReadToml[KeysToml], name: str, found: x509.Certificate, now: datetime
) -> Iterator[Defect]:
    begins, ends = found.not_valid_before_utc, found.not_valid_after_utc
    place = ("keys", name)
    if not begins <= now < ends:
        days = f"{begins:%d/%m/%Y} - {ends:%d/%m/%Y}"
        vi = f"chứng thư chỉ có hiệu lực {days}, không phải"
        en = f"its certificate is in force {days}, not"
        yield _at(
            read,
            "certificate-days",
            place,
            f"{vi} hôm nay: xin cấp mới, thêm bảng thứ hai cho khóa",
            f"{en} today: have it renewed and add a second table for the key",
        )
    elif ends - now < SOON:
        vi = f"chứng thư hết hiệu lực ngày {ends:%d/%m/%Y}: xin cấp mới ngay"
        en = f"its certificate ends on {ends:%d/%m/%Y}: have it renewed now"
        yield _at(read, "certificate-ends", place, vi, en)


def _at(
    read: ReadToml[KeysToml], slug: str, place: tuple[str, ...], vi: str, en: str
) -> Defect:
    return Defect(slug, read.file, vi, en, read.lines.of(place), ".".join(place))
