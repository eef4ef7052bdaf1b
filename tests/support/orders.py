"""The order for an original, which everything of the development authority fits."""

import hashlib
from typing import Any

from chassis.clock import utc_now
from ecopy.events import (
    Agency,
    CertificationOrdered,
    Clause,
    Document,
    ManifestPage,
    Officer,
)
from ecopy.identifiers import ObjectRef
from onebox.ward import IDENTITIES
from support.authority import Pki
from support.build import ENTRY


def order_of(
    pki: Pki, original: bytes, manifest: tuple[ManifestPage, ...], **changes: Any
) -> CertificationOrdered:
    """An order that everything in *pki* fits; approved now."""
    officer, agency = (
        next(i for i in pki.trust.identities if i.role == role)
        for role in ("officer", "seal")
    )
    names = {who.role: who for who in IDENTITIES}
    digest = hashlib.sha256(original).hexdigest()
    fields = {
        "at": utc_now(),
        "approved_at": utc_now(),
        "entry": ENTRY,
        "original": ObjectRef(
            bucket="scans",
            key=f"originals/{digest}.pdf",
            sha256=digest,
            size=len(original),
            media_type="application/pdf",
        ),
        "manifest": manifest,
        "document": Document(
            kind="degree",
            kind_name="Văn bằng",
            title="Bằng cử nhân",
            pages=len(manifest),
        ),
        "clause": Clause(
            template="clause/3",
            statement="Chứng thực bản sao đúng với bản chính",
            number="1180/2026",
            book="02/2026-SCTĐT/BS",
            date=utc_now().date(),
        ),
        "officer": Officer(
            id=officer.id,
            version=officer.version,
            name=names["officer"].name_lines[0],
            title_lines=names["officer"].title_lines,
            key=officer.key,
            certificate_sha256=officer.certificate_sha256,
        ),
        "agency": Agency(
            code=agency.id,
            version=agency.version,
            name_lines=names["seal"].name_lines,
            place="Hoa Ban",
            key=agency.key,
            certificate_sha256=agency.certificate_sha256,
        ),
        "code": "7K2F9MQX4TBD",
        "public_host": "https://hoaban.example",
        "link_token_sha256": hashlib.sha256(b"token").hexdigest(),
        "demo": True,
        "dialect": 3,
    }
    return CertificationOrdered(**fields | changes)
