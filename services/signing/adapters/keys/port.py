"""The one shape of a key, wherever it is; ``tests/contract/test_signing_keys.py`` holds
every provider to it.
"""

from collections.abc import Sequence
from typing import Protocol


class SigningKey(Protocol):
    """A key that signs the DER of signed attributes with SHA-256: RSA PKCS#1 v1.5, or
    ECDSA as a DER Ecdsa-Sig-Value (P-256, P-384). Blocking, for several threads at
    once.

    Raises Refusal(KEY_MISSING or KEY_LOCKED) for what a person must mend, and
    Trouble(KEYS) for what may pass by itself; MUST recover from it without a restart.
    MUST NOT give a PIN that was refused a second time, nor tell it to anyone.
    """

    def ready(self) -> None:
        """MUST raise what signing would raise, as far as it shows without signing."""
        ...

    def sign(self, message: bytes) -> bytes: ...

    def sign_many(self, messages: Sequence[bytes]) -> list[bytes]:
        """The signatures in the order of *messages*: all of them, or an exception.
        Takes one activation where the provider knows such a thing.
        """
        ...
