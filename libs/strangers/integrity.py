"""Do the bytes of one signature fit its digest, its key and its timestamp?

Answers are *yes*, *no* or *unsaid* with a reason. No certificate is judged: the key is
the one that the file names. Start at ``stated``.
"""

import hashlib
from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any, Final

from asn1crypto import cms, core, tsp, x509  # type: ignore[import-untyped]  # no stubs
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.general import extract_certificate_info, extract_signer_info
from pyhanko.sign.validation.generic_cms import (
    extract_tst_data_iter,
    validate_sig_integrity,
)
from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature

from strangers.certificates import certificate_facts
from strangers.facts import Answer, Reason, Stamp

Imprint = Callable[[str], bytes]
"""The digest of what a token should have been made over, by the digest's name."""
MOST_CERTIFICATES: Final = 30
"""The most that one signature, or the security store, may hold; a chain has three to
five."""
_TIMESTAMP: Final = "/ETSI.RFC3161"
# ISO 32000-2, 12.8.3; PBAD is the Brazilian profile of PAdES.
_DETACHED: Final = {
    "/adbe.pkcs7.detached",
    "/ETSI.CAdES.detached",
    "/PBAD.PAdES",
    _TIMESTAMP,
}
"""Encodings whose signature covers the bytes of the range themselves. The older
adbe.pkcs7.sha1 and adbe.x509.rsa_sha1 work otherwise: nothing is said of theirs."""


def intact_answer(
    reader: PdfFileReader, embedded: EmbeddedPdfSignature
) -> tuple[Answer, Reason]:
    """Whether digest and signature value fit, or why that cannot be said."""
    if _subfilter(embedded) not in _DETACHED:
        return "unsaid", "format"
    if not covers_all_but_itself(reader, embedded):
        return "unsaid", "byte-range"
    signer, _ = certificates_of(embedded.signed_data)
    if signer is None:
        return "unsaid", "no-certificate"
    try:
        if is_timestamp(embedded):
            fits = _token_fits(embedded.signed_data, embedded.compute_digest)
        else:
            whole, by_key = validate_sig_integrity(
                embedded.signer_info, signer, "data", embedded.compute_digest()
            )
            fits = whole and by_key
    except Exception as error:  # noqa: BLE001 - whatever breaks, nothing can be said
        return "unsaid", _why(error)
    return ("yes", "") if fits else ("no", "")


def _why(error: Exception) -> Reason:
    """An algorithm that nobody here implements, or a structure that is wrong."""
    unknown = (NotImplementedError, AttributeError, AssertionError)
    # The libraries have many classes for it and no common one; with a capital or not.
    named = "lgorithm" in type(error).__name__ or "lgorithm" in str(error)
    return "algorithm" if isinstance(error, unknown) or named else "broken"


def covers_all_but_itself(
    reader: PdfFileReader, embedded: EmbeddedPdfSignature
) -> bool:
    """One gap, and in it exactly this signature: pyHanko counts the gap's length, and
    a file may hide other bytes in a gap of the right length.
    """
    try:
        start, length, resumed, rest = (int(number) for number in embedded.byte_range)
        stream = reader.stream
        size = stream.seek(0, 2)
        gap = resumed - length
        if start != 0 or length <= 0 or rest <= 0 or resumed + rest > size:
            return False
        # Two hex digits a byte, between angle brackets.
        if gap != 2 * len(embedded.pkcs7_content) + 2:
            return False
        stream.seek(length)
        between = stream.read(gap)
        shown = bytes.fromhex(between[1:-1].decode("ascii"))
    except (TypeError, ValueError, AttributeError):
        return False
    brackets = between[:1] + between[-1:]
    return bool(brackets == b"<>" and shown == embedded.pkcs7_content)


def is_timestamp(embedded: EmbeddedPdfSignature) -> bool:
    return bool(
        embedded.sig_object_type == "/DocTimeStamp"
        or _subfilter(embedded) == _TIMESTAMP
    )


def _subfilter(embedded: EmbeddedPdfSignature) -> str:
    return str(embedded.sig_object.get("/SubFilter", ""))


def stamp_of(
    embedded: EmbeddedPdfSignature, store: list[x509.Certificate]
) -> Stamp | None:
    """The first token only: a signer needs one, and pyHanko writes one."""
    if is_timestamp(embedded):
        return _stamp(embedded.signed_data, embedded.compute_digest, store)
    tokens = stated(lambda: list(islice(_tokens(embedded), 1)))
    if not tokens:
        return None
    value = embedded.signer_info["signature"].native
    return _stamp(tokens[0], lambda name: hashlib.new(name, value).digest(), store)


def _tokens(embedded: EmbeddedPdfSignature) -> Iterator[cms.SignedData]:
    return extract_tst_data_iter(embedded.signer_info, signed=False)


def _stamp(token: cms.SignedData, imprint: Imprint, store: list[Any]) -> Stamp:
    signer, others = certificates_of(token)
    fits = stated(lambda: _token_fits(token, imprint))
    return Stamp(
        at=stated(lambda: _statement(token)["gen_time"].native),
        authority=stated(lambda: certificate_facts(signer, [*others, *store])),
        fits="unsaid" if fits is None else "yes" if fits else "no",
    )


def _token_fits(token: cms.SignedData, imprint: Imprint) -> bool:
    """Made over these bytes, and signed by the key of the certificate in it."""
    signer, _ = certificates_of(token)
    if signer is None:
        raise ValueError("no certificate in the token")
    stamped = _statement(token)["message_imprint"]
    algorithm = stamped["hash_algorithm"]["algorithm"].native
    info = extract_signer_info(token)
    digest = hashlib.new(info["digest_algorithm"]["algorithm"].native)
    digest.update(bytes(token["encap_content_info"]["content"]))
    whole, by_key = validate_sig_integrity(info, signer, "tst_info", digest.digest())
    same = imprint(algorithm) == stamped["hashed_message"].native
    return bool(same and whole and by_key)


def _statement(token: cms.SignedData) -> tsp.TSTInfo:
    return token["encap_content_info"]["content"].parsed


def certificates_of(
    data: cms.SignedData,
) -> tuple[x509.Certificate | None, list[x509.Certificate]]:
    try:
        listed = extract_certificate_info(data)
        return listed.signer_cert, list(listed.other_certs)[:MOST_CERTIFICATES]
    except Exception:  # noqa: BLE001 - none, or none that can be read
        return None, []


def stated(ask: Callable[[], Any]) -> Any:
    """What the file states, or None where it states nothing that can be read."""
    try:
        found = ask()
    except Exception:  # noqa: BLE001 - see read()
        return None
    return None if found is core.VOID else found
