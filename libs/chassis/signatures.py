"""Events are signed by their publisher and believed only from whom they may come.

Ed25519 (RFC 8032) over ``subject ‖ 0x0A ‖ body``, in the header
``Ecopy-Signature: <service> <base64>``; the allow-lists are PUBLISHERS and
MARK_PUBLISHERS in ecopy.topology.
"""

import base64
import binascii
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import (
    Ed25519PrivateKey,
    Ed25519PublicKey,
)

from ecopy.refusals import Poison
from ecopy.topology import MARK_PUBLISHERS, PUBLISHERS

HEADER: Final = "Ecopy-Signature"
_MAY_SAY: Final = PUBLISHERS | MARK_PUBLISHERS


class Signer:
    """Signs what one service publishes."""

    def __init__(self, service: str, seed: bytes) -> None:
        self.service = service
        self._key = Ed25519PrivateKey.from_private_bytes(seed)

    @classmethod
    def from_file(cls, service: str, path: Path) -> "Signer":
        """Seed of 32 bytes in hex."""
        return cls(service, bytes.fromhex(path.read_text().strip()))

    def header(self, subject: str, body: bytes) -> str:
        signature = self._key.sign(_message(subject, body))
        return f"{self.service} {base64.b64encode(signature).decode()}"


class Verifier:
    """Knows every service's public key."""

    def __init__(self, keys: Mapping[str, bytes]) -> None:
        self._keys = {
            name: Ed25519PublicKey.from_public_bytes(key) for name, key in keys.items()
        }

    @classmethod
    def from_file(cls, path: Path) -> "Verifier":
        """JSON object: service → public key in hex."""
        named: dict[str, str] = json.loads(path.read_text())
        return cls({name: bytes.fromhex(key) for name, key in named.items()})

    def check(self, subject: str, body: bytes, header: str | None) -> None:
        """Raises Poison unless a service that may say *subject* signed *body*."""
        service, _, encoded = (header or "").partition(" ")
        if service not in _MAY_SAY.get(subject, ()) or service not in self._keys:
            raise Poison(f"{subject} may not come from {service or 'nobody'}")
        try:
            signature = base64.b64decode(encoded, validate=True)
            self._keys[service].verify(signature, _message(subject, body))
        except (InvalidSignature, binascii.Error, ValueError) as error:
            raise Poison(f"{subject}: signature of {service} is wrong") from error


def _message(subject: str, body: bytes) -> bytes:
    return b"%b\n%b" % (subject.encode(), body)
