"""PKCS#12: the key in a file, and in this process' memory. Meant for development and
for a first ward; an HSM is the better place.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import pkcs12  # noqa: TID251 - here they live
from pydantic import SecretBytes

from signing.adapters.cms.signed_data import Sign, WrongKeyError


@dataclass(frozen=True, slots=True)
class SoftwareKey:
    """A key in memory, parsed once at start."""

    sign: Sign

    def ready(self) -> None:
        """Do nothing: a key that was opened at start can sign."""

    def sign_many(self, messages: Sequence[bytes]) -> list[bytes]:
        return [self.sign(message) for message in messages]


def parsed_pkcs12(
    content: bytes, password: SecretBytes
) -> tuple[SoftwareKey, x509.Certificate]:
    """The key and the certificate in a PKCS#12 file. Raises ValueError for a wrong
    password or no PKCS#12, and WrongKeyError.
    """
    private, certificate, _ = pkcs12.load_key_and_certificates(
        content, password.get_secret_value() or None
    )
    if certificate is None:
        raise WrongKeyError("the PKCS#12 file has no certificate")
    return SoftwareKey(software_key(private)), certificate


def software_key(key: object) -> Sign:
    """A private key in memory as a function that signs. Raises WrongKeyError."""
    if isinstance(key, rsa.RSAPrivateKey):
        return lambda message: key.sign(message, padding.PKCS1v15(), hashes.SHA256())
    if isinstance(key, ec.EllipticCurvePrivateKey):
        return lambda message: key.sign(message, ec.ECDSA(hashes.SHA256()))
    raise WrongKeyError("key not accepted: RSA or ECDSA")
