"""Names, kind and issuers, as the certificates in a file state them.

Only certificates that lie in the file are looked at. Nothing is fetched, nobody is
trusted: a chain says which key signed which certificate, not whom to believe. Start at
``certificate_facts``.
"""

from collections.abc import Sequence
from typing import Any, Final

from asn1crypto import x509  # type: ignore[import-untyped]  # no stubs
from cryptography.x509 import load_der_x509_certificate

from strangers.facts import MOST_ISSUERS, Certificate, Ending, Kind, Party

# Qualified certificate statements (RFC 3739, 3.2.6). Searched as bytes and not parsed:
# that an identifier is there is all that is asked.
_QC_STATEMENTS: Final = "1.3.6.1.5.5.7.1.3"
_QC_SEAL: Final = bytes.fromhex("060704008e46010602")
"""Object identifier 0.4.0.1862.1.6.2 in DER: a seal (EN 319 412-5, 4.2.3)."""
_QC_SIGN: Final = bytes.fromhex("060704008e46010601")
"""The same with 1 at its end: a person's signature."""
_OF_PERSONS: Final = ("given_name", "surname", "pseudonym")
_OF_ORGANISATIONS: Final = "MST:"
"""Vietnamese authorities write *mã số thuế*, a tax code, into the user id of an
organisation's certificate, and CCCD, CMND or HC into a person's."""


def certificate_facts(
    certificate: x509.Certificate, others: Sequence[x509.Certificate]
) -> Certificate:
    issuers, ends = _chain(certificate, others)
    period = certificate["tbs_certificate"]["validity"]
    return Certificate(
        subject=party(certificate.subject),
        issuer=party(certificate.issuer),
        # RFC 5280 allows 20 bytes, 40 digits; a file may bring more.
        serial=f"{certificate.serial_number:x}"[:64],
        not_before=period["not_before"].native,
        not_after=period["not_after"].native,
        issuers=tuple(party(issuer.subject) for issuer in issuers),
        ends=ends,
    )


def party(name: x509.Name) -> Party:
    stated = name.native
    return Party(
        common_name=_text(stated.get("common_name")),
        organisation=_text(stated.get("organization_name")),
        country=_text(stated.get("country_name")),
    )


def kind_of(certificate: x509.Certificate) -> Kind:
    """A seal if the certificate says so or names an organisation and no person."""
    statements = _extension(certificate, _QC_STATEMENTS)
    if _QC_SEAL in statements:
        return "seal"
    stated = certificate.subject.native
    user = _text(stated.get("user_id"))
    if user.startswith(_OF_ORGANISATIONS):
        return "seal"
    if _QC_SIGN in statements or user or any(key in stated for key in _OF_PERSONS):
        return "signature"
    organisation = _text(stated.get("organization_name")).casefold()
    common = _text(stated.get("common_name")).casefold()
    organisation_only = bool(organisation) and common in ("", organisation)
    if organisation_only or "organization_identifier" in stated:
        return "seal"
    return "signature"


def _chain(
    leaf: x509.Certificate, others: Sequence[x509.Certificate]
) -> tuple[list[x509.Certificate], Ending]:
    if _issued(leaf, leaf):
        return [], "self-signed"
    chain: list[x509.Certificate] = []
    lowest = leaf
    while len(chain) < MOST_ISSUERS:
        above = next((c for c in others if c not in chain and _issued(c, lowest)), None)
        if above is None:
            return chain, "open"
        chain.append(above)
        if _issued(above, above):
            return chain, "root"
        lowest = above
    return chain, "open"


def _issued(issuer: x509.Certificate, subject: x509.Certificate) -> bool:
    """The issuer's key signed the subject's certificate. A key that this machine
    cannot use proves nothing.
    """
    # The cheap comparison first: a file may hold many certificates that fit nothing.
    if issuer.subject.dump() != subject.issuer.dump():
        return False
    try:
        above = load_der_x509_certificate(issuer.dump())
        load_der_x509_certificate(subject.dump()).verify_directly_issued_by(above)
    except Exception:  # noqa: BLE001 - a stranger's certificate may break any parser
        return False
    return True


def _extension(certificate: x509.Certificate, identifier: str) -> bytes:
    for extension in certificate["tbs_certificate"]["extensions"] or ():
        if extension["extn_id"].dotted == identifier:
            return bytes(extension["extn_value"].contents or b"")
    return b""


def _text(value: Any) -> str:
    """An attribute may stand in a name several times, or hold no text at all."""
    if isinstance(value, list):
        return ", ".join(_text(one) for one in value[:4])
    return value if isinstance(value, str) else ""
