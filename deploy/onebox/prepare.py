"""Everything in ``var/`` that must be there before a service starts; made once.

``checks`` has looked before at what is there and not whole. Start at ``set_up``.
"""

import json
import secrets
from datetime import datetime
from pathlib import Path

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from chassis.nkey import Nkey
from ecopy.trust import PinnedChain, PinnedIdentity, TrustDocument
from onebox import pki, whole
from onebox.files import make_folder, write_secret, write_text
from onebox.people import people
from onebox.places import BUCKETS, BUS_USERS, SERVICES, Places
from onebox.revocation import load_certificate
from onebox.ward import IDENTITIES, Identity, agencies_toml, keys_toml


def set_up(places: Places, *, base: str, now: datetime) -> None:
    """Make what is not there, after ``checks.check``."""
    make_folder(places.hot_folder)
    for folder in ("db", "nats", "log", *(f"objects/{name}" for name in BUCKETS)):
        make_folder(places / folder)
    make_keys(places)
    make_agencies(places)
    make_pki(places, base=base, now=now)
    make_signing_keys(places)
    people(places.demo)
    _clear_half_sample(places)


def open_from_now_on(places: Places, now: datetime) -> None:
    if not places.opened.exists():
        write_text(places.opened, now.isoformat())


def make_keys(places: Places) -> None:
    """The link key; an Ed25519 seed per service, the public ones beside; an nkey for
    each user of the bus.
    """
    if not places.link_key.exists():
        seed = secrets.token_hex(whole.LINK_KEY_BYTES)
        write_secret(places.link_key, seed.encode())
    public = {name: _event_key(places, name) for name in SERVICES}
    # Written anew at each start: it only repeats the seeds, and a half-written one
    # would lock out every service.
    write_text(places.event_keys / "public.json", json.dumps(public, indent=2))
    for user in BUS_USERS:
        _make_bus_key(places.bus_keys / f"{user}.seed")


def make_pki(places: Places, *, base: str, now: datetime) -> None:
    if not places.pki.exists():
        pki.make(places.pki, base=base, now=now)
    pki.write_copies(places.pki, base=whole.pki_base(places.pki))


def pki_port(places: Places) -> int | None:
    """The port that the certificates name; None without certificates."""
    try:
        return int(whole.pki_base(places.pki).rsplit(":", 1)[1])
    except whole.NOT_WHOLE:
        return None


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
    """Whether the trust document is a development one; None where none can be read."""
    try:
        return TrustDocument.model_validate_json(places.trust.read_bytes()).demo
    except (OSError, ValueError):
        return None


def _event_key(places: Places, service: str) -> str:
    """The public half, in hex; the seed is drawn at the first start."""
    path = whole.event_key(places, service)
    if not path.exists():
        write_secret(
            path, Ed25519PrivateKey.generate().private_bytes_raw().hex().encode()
        )
    return whole.read_event_key(path).public_key().public_bytes_raw().hex()


def _make_bus_key(path: Path) -> None:
    """Nothing stored depends on it: one that is not whole is drawn again."""
    try:
        Nkey.parse(path.read_text())
    except (OSError, ValueError):
        write_text(path, Nkey.generate().seed_text)


def _clear_half_sample(places: Places) -> None:
    """Made by the story when it is missing, and by nothing else."""
    sample = places.demo / "sample-scan.pdf"
    if sample.exists() and not sample.read_bytes().rstrip().endswith(b"%%EOF"):
        sample.unlink()


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
