"""A sealed copy of an order and its original, by the code that signs: for the tests of
signing and of the gate.
"""

import asyncio
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from chassis.clock import utc_now
from ecopy.events import (
    CertificationOrdered,
    ManifestPage,
)
from ecopy.trust import TrustDocument
from signing.adapters import keyring, keys
from signing.adapters.authorities.security_stores import SecurityStores
from signing.adapters.authorities.timestamp_tokens import TokenRules
from signing.adapters.authorities.timestamps import Timestamps
from signing.adapters.cms import certificate_chains
from signing.adapters.cms.certificate_chains import CertificateChain
from signing.adapters.composer import compose
from signing.adapters.key_caps import KeyCaps
from signing.adapters.sealer import PadesSealer
from signing.domain.copies import OrderedOriginal, SealedCopy
from signing.domain.rope import MemoryOctets
from support.authority import Pki
from support.orders import order_of
from support.originals import ScanPage, full_page, jpeg, original_of


@dataclass(frozen=True)
class Made:
    """A sealed copy, the order it was made of, the trust it is judged under."""

    content: bytes
    order: CertificationOrdered
    trust: TrustDocument
    original: bytes
    sealed: SealedCopy


def sealer_of(
    pki: Pki, threads: ThreadPoolExecutor, *, demo: bool = True, **changes: Any
) -> PadesSealer:
    """The real sealer over the served authority; *demo* as the order says."""
    trust = pki.trust.model_copy(update={"demo": demo})
    signers = certificate_chains.parsed(pki.trust.signers)
    rules = TokenRules(certificate_chains.parsed(pki.trust.timestamps))
    parts = {
        "keyring": _keyring(pki, trust, signers),
        "timestamps": Timestamps((pki.tsa_url,), rules, pki.web.fetch, utc_now),
        "revocation": SecurityStores(pki.web.fetch, utc_now),
        "clock": utc_now,
        "threads": threads,
        "caps": KeyCaps(0, utc_now),
    }
    return PadesSealer(**parts | changes)


def _keyring(
    pki: Pki, trust: TrustDocument, signers: tuple[CertificateChain, ...]
) -> keyring.Keyring:
    """Opened anew where a device keeps a key; keys in files are opened once a state of
    their files: opening them and drawing who signs takes longer than to sign.
    """
    if any(device in pki.keys_file.read_text("utf-8") for device in ("pkcs11", "csc")):
        return keyring.assembled(keys.load(pki.keys_file), trust, signers)
    files = sorted(path for path in pki.keys_file.parent.rglob("*") if path.is_file())
    state = tuple((path, path.stat().st_mtime_ns) for path in files)
    known = (pki.keys_file, state, trust.model_dump_json())
    if known not in _OPENED:
        _OPENED[known] = keyring.assembled(keys.load(pki.keys_file), trust, signers)
    return _OPENED[known]


_OPENED: dict[object, keyring.Keyring] = {}


def sealed_copy(
    pki: Pki, scan_pages: Sequence[ScanPage] | None = None, **changes: Any
) -> Made:
    """Compose, sign and seal; by default one colour page. *changes* are the order's."""
    original, manifest = original_of(scan_pages or [full_page(jpeg())])
    return sealed_original(pki, original, manifest, **changes)


def sealed_original(
    pki: Pki, original: bytes, manifest: tuple[ManifestPage, ...], **changes: Any
) -> Made:
    """A sealed copy of a normalised original."""
    order = order_of(pki, original, manifest, **changes)
    with ThreadPoolExecutor(1) as threads:
        sealer = sealer_of(pki, threads, demo=order.demo)
        draft = compose(
            OrderedOriginal(MemoryOctets(original), order.original.sha256),
            order,
            utc_now(),
        )

        async def seal() -> SealedCopy:
            signatories = sealer.signatories(order, utc_now())
            await sealer.prepare(signatories, draft.level)
            return await sealer.seal(draft, signatories)

        sealed = asyncio.run(seal())
    return Made(bytes(sealed.content), order, pki.trust, original, sealed)
