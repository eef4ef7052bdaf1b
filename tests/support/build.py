"""Builders: a valid thing in one call, with only what the test cares about said."""

import hashlib
from datetime import UTC, date, datetime
from typing import Any

from ecopy.events import (
    Agency,
    CertificationDelayed,
    CertificationOrdered,
    Clause,
    Document,
    ManifestPage,
    Officer,
    PageImage,
)
from ecopy.identifiers import ObjectRef
from ecopy.refusals import Hindrance

NOON = datetime(2026, 11, 23, 5, 0, tzinfo=UTC)
"""Noon in Hà Nội."""
ENTRY = "H99.42.05.13/E/2026/1180"


def digest(content: bytes = b"x") -> str:
    return hashlib.sha256(content).hexdigest()


def ref(content: bytes = b"original", bucket: str = "scans") -> ObjectRef:
    return ObjectRef(
        bucket=bucket,
        key=f"originals/{digest(content)}.pdf",
        sha256=digest(content),
        size=len(content),
        media_type="application/pdf",
    )


def page(**changes: Any) -> ManifestPage:
    image = PageImage(
        sha256=digest(),
        size=1,
        filter="DCTDecode",
        width=2480,
        height=3508,
        bits=8,
        colour_space="DeviceRGB",
        placement=(595.2, 0, 0, 841.92, 0, 0),
    )
    return ManifestPage(
        **{"width": 595.2, "height": 841.92, "images": (image,)} | changes
    )


def ordered(**changes: Any) -> CertificationOrdered:
    fields = {
        "at": NOON,
        "entry": ENTRY,
        "approved_at": NOON,
        "original": ref(),
        "manifest": (page(),),
        "document": Document(
            kind="degree", kind_name="Văn bằng", title="Bằng cử nhân", pages=1
        ),
        "clause": Clause(
            template="clause/3",
            statement="Chứng thực bản sao đúng với bản chính",
            number="1180/2026",
            book="02/2026-SCTĐT/BS",
            date=date(2026, 11, 23),
        ),
        "officer": Officer(
            id="pham-quoc-vinh",
            version="2026-01-01",
            name="Phạm Quốc Vĩnh",
            title_lines=("KT. CHỦ TỊCH", "PHÓ CHỦ TỊCH"),
            key="officer-pham-quoc-vinh",
            certificate_sha256=digest(b"officer"),
        ),
        "agency": Agency(
            code="H99.42.05.13",
            version="2026-01-01",
            name_lines=("ỦY BAN NHÂN DÂN", "PHƯỜNG HOA BAN"),
            place="Hoa Ban",
            key="seal-H99.42.05.13",
            certificate_sha256=digest(b"seal"),
        ),
        "code": "7K2F9MQX4TBD",
        "public_host": "https://hoaban.example",
        "link_token_sha256": digest(b"token"),
    }
    return CertificationOrdered(**fields | changes)


def delayed(**changes: Any) -> CertificationDelayed:
    fields = {
        "at": NOON,
        "entry": ENTRY,
        "stage": "signing",
        "hindrance": Hindrance.TSA,
        "since": NOON,
        "tries": 1,
        "next_try_at": NOON,
    }
    return CertificationDelayed(**fields | changes)
