"""A trust document out of the keys file and the authorities' certificates: what an
operator would otherwise put together digest by digest.

It is made once by a command, looked through by a person, and given to all three
services. No key is used for it. Start at ``pinned_trust``.
"""

from collections.abc import Sequence
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding

from chassis.starting import CannotStart
from ecopy.trust import PinnedChain, PinnedIdentity, TrustDocument
from signing.adapters import keys
from signing.adapters.composing.appearances import UnusableAppearanceError, render

Authorities = tuple[x509.Certificate, ...]
"""The issuer of the leaves first, the root last."""


def pinned_trust(
    keys_file: Path, signers: Sequence[Path], timestamps: Sequence[Path], *, demo: bool
) -> TrustDocument:
    """Every key of the keys file, pinned under its authority.

    *signers*, *timestamps*: PEM files, a chain in each. Raises CannotStart with the
    file or the key that is not as it must be.
    """
    chains = [_chain(file) for file in signers]
    known = [_opened(key) for key in keys.load(keys_file).values()]
    for key in known:
        _check_issued(key, chains)
    try:
        return TrustDocument(
            demo=demo,
            signers=tuple(map(_pinned_chain, chains)),
            timestamps=tuple(_pinned_chain(_chain(file)) for file in timestamps),
            identities=tuple(map(_pinned, known)),
        )
    except ValueError as error:
        raise CannotStart(
            "một chứng thư là của cơ quan thử nghiệm: thêm --demo, hoặc dùng chứng thư"
            " thật.",
            "a certificate is of a development authority: add --demo, or take real"
            " ones.",
        ) from error


def _chain(file: Path) -> Authorities:
    try:
        found = tuple(x509.load_pem_x509_certificates(file.read_bytes()))
    except (OSError, ValueError) as error:
        raise _unusable(file, f"{error}") from error
    for child, parent in zip(found, (*found[1:], found[-1]), strict=True):
        if not _is_issued(child, parent):
            raise _unusable(file, f"{_name(child)} is not issued by {_name(parent)}")
    return found


def _opened(key: keys.Key | keys.ClosedKey) -> keys.Key:
    if isinstance(key, keys.ClosedKey):
        raise CannotStart(
            f"khóa {key.id} không mở được: {key.why}",
            f"key {key.id} cannot be opened: {key.why}",
        )
    return key


def _check_issued(key: keys.Key, chains: Sequence[Authorities]) -> None:
    if any(_is_issued(key.certificate, chain[0]) for chain in chains):
        return
    issuer = key.certificate.issuer.rfc4514_string()
    raise CannotStart(
        f"chứng thư của khóa {key.id} do {issuer} cấp; không có chuỗi nào bắt đầu bằng"
        f" cơ quan ấy: thêm một tệp --signers.",
        f"the certificate of key {key.id} is issued by {issuer}, and no chain begins"
        f" with that authority: give its file with --signers.",
    )


def _is_issued(child: x509.Certificate, parent: x509.Certificate) -> bool:
    try:
        child.verify_directly_issued_by(parent)
    except (ValueError, TypeError, InvalidSignature):
        return False
    return True


def _pinned_chain(chain: Authorities) -> PinnedChain:
    # The first one issues the leaves: outside of its own days no leaf of it counts.
    return PinnedChain(
        name=_name(chain[0]),
        certificates=tuple(map(_pem, chain)),
        valid_from=chain[0].not_valid_before_utc,
        valid_until=chain[0].not_valid_after_utc,
    )


def _pinned(key: keys.Key) -> PinnedIdentity:
    try:
        drawn = render(key.appearance)
    except UnusableAppearanceError as error:
        raise CannotStart(
            f"không vẽ được hình của khóa {key.id}: {error}",
            f"the visible signature of key {key.id} cannot be drawn: {error}",
        ) from error
    return PinnedIdentity(
        role=key.entry.role,
        id=key.entry.id,
        version=key.entry.version,
        key=key.id,
        certificate=_pem(key.certificate),
        certificate_sha256=key.certificate.fingerprint(hashes.SHA256()).hex(),
        appearance_sha256=drawn.digest(),
    )


def _pem(certificate: x509.Certificate) -> str:
    return certificate.public_bytes(Encoding.PEM).decode()


def _name(certificate: x509.Certificate) -> str:
    return certificate.subject.rfc4514_string()


def _unusable(file: Path, why: str) -> CannotStart:
    return CannotStart(
        f"{file} không dùng được ({why}). Cần các chứng thư PEM, từ cơ quan cấp chứng"
        f" thư cho khóa đến gốc.",
        f"{file} cannot be used ({why}). It must hold certificates in PEM, from the"
        f" issuer of the keys' certificates up to the root.",
    )
