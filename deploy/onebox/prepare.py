"""Everything in ``var/`` that must be there before a service starts; made once."""

import json
import secrets
from datetime import datetime
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ecopy.trust import PinnedChain, PinnedIdentity, TrustDocument
from onebox import pki
from onebox.files import write_secret, write_text
from onebox.places import SERVICES, Places
from onebox.revocation import load_certificate
from onebox.ward import IDENTITIES, Identity, agencies_toml, keys_toml

LINK_KEY_BYTES: Final = 32


def make_keys(places: Places) -> None:
    """The link key, and an Ed25519 seed per service with the public ones beside."""
    if not places.link_key.exists():
        write_secret(places.link_key, secrets.token_hex(LINK_KEY_BYTES).encode())
    public = places.event_keys / "public.json"
    if public.exists():
        return
    keys = {service: Ed25519PrivateKey.generate() for service in SERVICES}
    for service, key in keys.items():
        path = places.event_keys / f"{service}.key"
        path.unlink(missing_ok=True)  # of a start that was cut short
        write_secret(path, key.private_bytes_raw().hex().encode())
    named = {s: k.public_key().public_bytes_raw().hex() for s, k in keys.items()}
    write_text(public, json.dumps(named, indent=2))


def make_pki(places: Places, *, base: str, now: datetime) -> None:
    if not places.pki.exists():
        pki.make(places.pki, base=base, now=now)


def pki_port(places: Places) -> int | None:
    """The port that the certificates name, if there are any."""
    path = places.pki / "base-url"
    return int(path.read_text().rsplit(":", 1)[1]) if path.exists() else None


def make_agencies(places: Places) -> None:
    if not places.agencies.exists():
        write_text(places.agencies, agencies_toml())


def make_signing_keys(places: Places) -> None:
    """Where signing finds each key; its PKCS#12 and password stay in ``var/pki``."""
    write_text(places.signing_keys, keys_toml(places.pki))


def make_trust(places: Places, appearances: dict[str, str]) -> None:
    """*appearances*: role → digest of the static stamp, as signing draws it.

    Written at each start, so that a stamp that signing draws otherwise after an
    upgrade is pinned too. The development PKI has one identity per role.
    """
    issuing, root = _pem(places.pki, "issuing"), _pem(places.pki, "root")
    certificate = load_certificate(places.pki, "issuing")
    chain = PinnedChain(
        name="ecopy development",
        certificates=(issuing, root),
        valid_from=certificate.not_valid_before_utc,
        valid_until=certificate.not_valid_after_utc,
    )
    document = TrustDocument(
        demo=True,
        signers=(chain,),
        timestamps=(chain,),
        identities=tuple(
            _pinned(places.pki, who, appearances[who.role]) for who in IDENTITIES
        ),
    )
    write_text(places.trust, document.model_dump_json(indent=2))


def is_demo(places: Places) -> bool | None:
    """Whether the trust document is a development one; None without a document."""
    if not places.trust.exists():
        return None
    return TrustDocument.model_validate_json(places.trust.read_bytes()).demo


def _pinned(folder: Path, who: Identity, appearance: str) -> PinnedIdentity:
    certificate = load_certificate(folder, who.role)
    return PinnedIdentity(
        role=who.role,
        id=who.id,
        version=who.version,
        key=who.key,
        certificate=_pem(folder, who.role),
        certificate_sha256=certificate.fingerprint(hashes.SHA256()).hex(),
        appearance_sha256=appearance,
    )


def _pem(folder: Path, name: str) -> str:
    return (folder / f"{name}.pem").read_text()
