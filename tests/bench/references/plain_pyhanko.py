"""The same job by the plain use of pyHanko, as its manual shows it: two PAdES B-T
signatures, a certifying one first, each with a static stamp and a timestamp by HTTP.
"""

import io
from collections.abc import Callable
from pathlib import Path

from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import signers
from pyhanko.sign.fields import MDPPerm, SigSeedSubFilter
from pyhanko.sign.timestamps import HTTPTimeStamper
from pyhanko.stamp import StaticStampStyle

FIELDS = {"Officer": "officer", "Seal": "seal"}


def plain_pyhanko(
    draft: Path, pki: Path, tsa: str, stamps: Path
) -> Callable[[], bytes]:
    """*stamps* has a one-page PDF per role; a signer is loaded once per role."""
    content = draft.read_bytes()
    prepared = {
        field: _pdf_signer(field, role, pki, tsa, stamps)
        for field, role in FIELDS.items()
    }

    def run() -> bytes:
        signed = content
        for signer in prepared.values():
            writer = IncrementalPdfFileWriter(io.BytesIO(signed))
            out = signer.sign_pdf(writer, existing_fields_only=True)
            signed = out.getvalue()
        return signed

    return run


def _pdf_signer(
    field: str, role: str, pki: Path, tsa: str, stamps: Path
) -> signers.PdfSigner:
    signer = signers.SimpleSigner.load_pkcs12(
        str(pki / f"{role}.p12"),
        passphrase=(pki / f"{role}.password").read_bytes().strip(),
    )
    assert signer is not None
    meta = signers.PdfSignatureMetadata(
        field_name=field,
        md_algorithm="sha256",
        subfilter=SigSeedSubFilter.PADES,
        certify=field == "Officer",
        docmdp_permissions=MDPPerm.FILL_FORMS,
    )
    stamp = StaticStampStyle.from_pdf_file(str(stamps / f"{role}.pdf"), border_width=0)
    return signers.PdfSigner(
        meta, signer, timestamper=HTTPTimeStamper(tsa), stamp_style=stamp
    )
