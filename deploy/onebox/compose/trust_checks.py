"""``trust.json``: pins the keys that signing has, under chains that are in force."""

import json
from collections.abc import Iterator
from datetime import datetime
from typing import Final

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from pydantic import ValidationError

from ecopy.trust import PinnedChain, TrustDocument
from onebox.compose.defect import Defect, misshapen
from onebox.compose.key_checks import Certificates
from onebox.compose.laid import Laid, read_own_env
from onebox.compose.reading import ReadToml
from onebox.compose.shapes import KeysToml
from onebox.places import SERVICES

AGAIN: Final = "deploy/docker/ecopy pin-trust"


def check_trust(
    laid: Laid, keys: ReadToml[KeysToml], certificates: Certificates, now: datetime
) -> Iterator[Defect]:
    shown = laid.shown(laid.trust)
    if laid.trust.is_dir():
        vi = "đây là thư mục (Docker đã tạo khi thiếu tệp): xóa đi, rồi tạo bằng"
        en = "this is a folder (Docker made it for a missing file): remove it, then run"
        yield Defect("is-folder", shown, f"{vi} {AGAIN}", f"{en} {AGAIN}")
        return
    try:
        text = laid.trust.read_text("utf-8")
        trust = TrustDocument.model_validate_json(text)
    except ValidationError as error:
        yield from misshapen(shown, error)
        return
    except (OSError, ValueError) as error:
        vi = f"không đọc được ({error}): tạo bằng {AGAIN}"
        en = f"it cannot be read ({error}): make it with {AGAIN}"
        yield Defect("file-missing", shown, vi, en)
        return
    yield from _demo(laid, trust, text)
    for chain in (*trust.signers, *trust.timestamps):
        yield from _chain(shown, chain, text, now)
    yield from _pins(shown, trust, text)
    yield from _pinned(shown, trust, keys, certificates)


def _demo(laid: Laid, trust: TrustDocument, text: str) -> Iterator[Defect]:
    """The services start as a demo with a demo's document, and only then."""
    env = read_own_env(laid.root)
    for service in SERVICES:
        name = f"{service.upper()}__DEMO"
        if trust.demo and env.value(name, "false").lower() != "true":
            vi = f"chứng thư thử nghiệm, mà {name} tắt: {service} không khởi động."
            en = f"a development authority, and {name} is not on: {service} will not"
            yield Defect(
                "demo-off",
                laid.shown(laid.trust),
                f"{vi} Dùng chứng thư thật, hoặc ghi {name}=true để chạy thử",
                f"{en} start. Use a real one, or write {name}=true for a trial",
                _line(text, '"demo"'),
                "demo",
            )
        if not trust.demo and env.value(name, "false").lower() == "true":
            vi = f"tài liệu tin cậy thật, mà {name}=true: xóa dòng này"
            en = "the trust document is a real one: delete this line"
            yield Defect("demo-on", laid.shown(laid.env), vi, en, env.line(name), name)


def _chain(
    shown: str, chain: PinnedChain, text: str, now: datetime
) -> Iterator[Defect]:
    at = _line(text, chain.name)
    try:
        found = [x509.load_pem_x509_certificate(p.encode()) for p in chain.certificates]
    except ValueError:
        vi = f"chuỗi {chain.name} có chứng thư không đọc được: tạo lại bằng {AGAIN}"
        en = f"chain {chain.name} has a certificate that cannot be read: run {AGAIN}"
        yield Defect("chain-unreadable", shown, vi, en, at, "certificates")
        return
    if not found or not all(
        _issued(child, parent)
        for child, parent in zip(found, [*found[1:], found[-1]], strict=True)
    ):
        vi = f"chuỗi {chain.name} không đi từ cơ quan cấp đến gốc: tạo lại bằng {AGAIN}"
        en = f"chain {chain.name} does not lead from an issuer to its root: run {AGAIN}"
        yield Defect("chain-broken", shown, vi, en, at, "certificates")
    if not chain.valid_from <= now < chain.valid_until:
        until = f"{chain.valid_until:%d/%m/%Y}"
        vi = f"chuỗi {chain.name} chỉ dùng đến {until}: lấy chuỗi mới rồi chạy {AGAIN}"
        en = f"chain {chain.name} counts until {until}: get the new one and run {AGAIN}"
        yield Defect("chain-days", shown, vi, en, at, "valid_until")


def _issued(child: x509.Certificate, parent: x509.Certificate) -> bool:
    try:
        child.verify_directly_issued_by(parent)
    except (ValueError, TypeError, InvalidSignature):
        return False
    return True


def _pins(shown: str, trust: TrustDocument, text: str) -> Iterator[Defect]:
    """Each pin is of its own certificate, under a chain of this document."""
    issuers = [chain.certificates[0] for chain in trust.signers if chain.certificates]
    for identity in trust.identities:
        at = _line(text, identity.certificate_sha256)
        try:
            leaf = x509.load_pem_x509_certificate(identity.certificate.encode())
            parents = [x509.load_pem_x509_certificate(pem.encode()) for pem in issuers]
        except ValueError:
            vi = f"chứng thư của {identity.key} không đọc được: tạo lại bằng {AGAIN}"
            en = f"the certificate of {identity.key} cannot be read: run {AGAIN}"
            yield Defect("pin-unreadable", shown, vi, en, at, "certificate")
            continue
        if leaf.fingerprint(hashes.SHA256()).hex() != identity.certificate_sha256:
            vi = f"mã băm không phải của chứng thư {identity.key}: tạo lại bằng {AGAIN}"
            en = f"the digest is not of the certificate of {identity.key}: run {AGAIN}"
            yield Defect("pin-digest", shown, vi, en, at, "certificate_sha256")
        if not any(_issued(leaf, parent) for parent in parents):
            vi = f"không chuỗi nào trong tệp đã cấp chứng thư của {identity.key}: chạy"
            en = f"no chain here has issued the certificate of {identity.key}: run"
            yield Defect(
                "pin-issuer", shown, f"{vi} {AGAIN}", f"{en} {AGAIN}", at, "signers"
            )


def _pinned(
    shown: str,
    trust: TrustDocument,
    keys: ReadToml[KeysToml],
    certificates: Certificates,
) -> Iterator[Defect]:
    """Each key that signing has is pinned with the certificate that it has now."""
    for name, key in (keys.said.keys if keys.said is not None else {}).items():
        if name not in certificates:
            continue
        digest = certificates[name].fingerprint(hashes.SHA256()).hex()
        own = (key.role, key.id, key.version, key.key or name)
        known = [
            pinned.certificate_sha256
            for pinned in trust.identities
            if (pinned.role, pinned.id, pinned.version, pinned.key) == own
        ]
        if not known:
            vi = f"chưa ghi khóa {name} ({' '.join(own[:3])}) của {keys.file}: chạy lại"
            en = f"key {name} ({' '.join(own[:3])}) of {keys.file} is not in it: run"
            yield Defect(
                "pin-missing", shown, f"{vi} {AGAIN}", f"{en} {AGAIN}", key=name
            )
        elif digest not in known:
            vi = f"khóa {name} nay có chứng thư khác với tệp này: chạy lại {AGAIN}"
            en = f"key {name} has another certificate now than this file: run {AGAIN}"
            yield Defect("pin-other", shown, vi, en, key=name)


def _line(text: str, word: str) -> int | None:
    """The first line that holds *word*, as it is or as JSON escapes it."""
    forms = (word, json.dumps(word)[1:-1])
    lines = enumerate(text.splitlines(), 1)
    return next((n for n, line in lines if any(f in line for f in forms)), None)
