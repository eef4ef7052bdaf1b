"""NATS user keys (nkeys): Ed25519 seeds in base32 with a type and a checksum.

The client library would need two more packages for this, one of them without a wheel;
``cryptography`` has all of it. Format: nats-io/nkeys, user seeds ("SU…", "U…").
"""

import base64
import binascii
import secrets
from collections.abc import Mapping
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

_SEED: Final = 18 << 3
_USER: Final = 20 << 3
SEED_BYTES: Final = 32


class Nkey:
    """One service's identity at the bus."""

    def __init__(self, seed: bytes) -> None:
        self._seed = seed
        self._key = Ed25519PrivateKey.from_private_bytes(seed)

    @classmethod
    def parse(cls, text: str) -> "Nkey":
        """A user seed, ``SU…``; ValueError for anything else."""
        padded = text.strip() + "=" * (-len(text.strip()) % 8)
        raw = base64.b32decode(padded)
        body, checksum = raw[:-2], raw[-2:]
        head = bytes((_SEED | _USER >> 5, (_USER & 31) << 3))
        if len(body) != 2 + SEED_BYTES or body[:2] != head:
            raise ValueError("not a user seed (SU…)")
        if _checksum(body) != checksum:
            raise ValueError("the seed's checksum is wrong")
        return cls(body[2:])

    @classmethod
    def generate(cls) -> "Nkey":
        return cls(secrets.token_bytes(SEED_BYTES))

    @property
    def seed_text(self) -> str:
        head = bytes((_SEED | _USER >> 5, (_USER & 31) << 3))
        return _encode(head + self._seed)

    @property
    def public(self) -> str:
        """``U…``, as the server's configuration lists it."""
        return _encode(bytes((_USER,)) + self._key.public_key().public_bytes_raw())

    def sign(self, nonce: str) -> bytes:
        """The server's nonce, signed; base64."""
        return base64.b64encode(self._key.sign(nonce.encode()))


def server_variables(seeds: Mapping[str, str]) -> str:
    """Lines for the server's configuration: the name of each user of *seeds*, in
    capitals, and its public key.
    """
    return "".join(
        f"{user.upper()}: {Nkey.parse(seed).public}\n" for user, seed in seeds.items()
    )


def _encode(body: bytes) -> str:
    return base64.b32encode(body + _checksum(body)).decode().rstrip("=")


def _checksum(body: bytes) -> bytes:
    """CRC-16/XMODEM, little endian."""
    return binascii.crc_hqx(body, 0).to_bytes(2, "little")
