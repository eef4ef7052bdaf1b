"""pyHanko's word, offline, from the file's own security store."""

import asyncio
from pathlib import Path

from asn1crypto.x509 import Certificate
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.general import SigningError
from pyhanko.sign.validation import (
    DocumentSecurityStore,
    async_validate_pdf_signature,
    async_validate_pdf_timestamp,
)
from pyhanko.sign.validation.errors import SignatureValidationError
from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature
from pyhanko.sign.validation.status import (
    DocumentTimestampStatus,
    PdfSignatureStatus,
)
from pyhanko_certvalidator import ValidationContext

from conformance.judges import OURS, Word, roots_of


def pyhanko(file: Path, trust: Path, level: str = "B-LT") -> Word:
    """``bottom_line`` and ``docmdp_ok`` of each signature: either alone is too mild.
    Of a document timestamp too.
    """
    roots = [Certificate.load(der) for der in roots_of(trust)]
    try:
        found = asyncio.run(_statuses(file, roots, level))
    except (PdfError, SigningError, SignatureValidationError, ValueError) as error:
        return Word("pyHanko", good=False, text=f"{type(error).__name__}: {error}")
    signed = [s for _, s in found if isinstance(s, PdfSignatureStatus)]
    stamped = [s for _, s in found if isinstance(s, DocumentTimestampStatus)]
    good = (
        len(signed) == OURS
        and all(status.bottom_line and status.docmdp_ok for status in signed)
        and len(stamped) == (level == "B-LTA")
        and all(s.intact and s.valid and s.trusted for s in stamped)
    )
    return Word("pyHanko", good, "; ".join(_status_line(*each) for each in found))


Found = tuple[str, PdfSignatureStatus | DocumentTimestampStatus]


async def _statuses(file: Path, roots: list[Certificate], level: str) -> list[Found]:
    with file.open("rb") as stream:
        reader = PdfFileReader(stream)
        signed = [
            (signature.field_name, await _status(reader, signature, roots, level))
            for signature in reader.embedded_regular_signatures
        ]
        stamped = [
            (
                stamp.field_name,
                await async_validate_pdf_timestamp(
                    stamp, ValidationContext(trust_roots=roots)
                ),
            )
            for stamp in reader.embedded_timestamp_signatures
        ]
        return signed + stamped


async def _status(
    reader: PdfFileReader,
    signature: EmbeddedPdfSignature,
    roots: list[Certificate],
    level: str,
) -> PdfSignatureStatus:
    """Judged at the token's time: the OCSP answers in the file are of that hour."""
    first = await async_validate_pdf_signature(
        signature, ValidationContext(trust_roots=roots)
    )
    if first.timestamp_validity is None or level == "B-T":
        return first
    context = DocumentSecurityStore.read_dss(reader).as_validation_context(
        {
            "trust_roots": roots,
            "revocation_mode": "require",
            "moment": first.timestamp_validity.timestamp,
            "retroactive_revinfo": True,
        }
    )
    return await async_validate_pdf_signature(signature, context)


def _status_line(
    field: str, status: PdfSignatureStatus | DocumentTimestampStatus
) -> str:
    if isinstance(status, DocumentTimestampStatus):
        return f"{field} {status.summary()}"
    level = status.modification_level
    return (
        f"{field} bottom line {'ok' if status.bottom_line else 'not ok'}, "
        f"docmdp {'ok' if status.docmdp_ok else 'not ok'}, "
        f"changes {level.name if level else 'unknown'}"
    )
