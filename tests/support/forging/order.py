"""An order for a copy: four pages, one of each rotation, photo, fax and grey."""

from functools import cache
from hashlib import sha256

from ecopy.events import (
    Agency,
    CertificationOrdered,
    Clause,
    Document,
    ManifestPage,
    Officer,
    PageImage,
)
from ecopy.identifiers import ObjectRef
from support.forging.pki import APPROVED, NAMES, Pki

ENTRY = "H99.42.05.13/E/2026/1180"


def noise(seed: str, size: int) -> bytes:
    """The same bytes each time; no ``%%EOF`` in them."""
    out = b"".join(
        sha256(f"{seed}/{i}".encode()).digest() for i in range(size // 32 + 1)
    )
    return out[:size]


def num(value: float) -> str:
    text = format(value, ".5f").rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def image(seed: str, size: int = 3000, **changes: object) -> PageImage:
    content = noise(seed, size)
    kind: dict[str, object] = {
        "sha256": sha256(content).hexdigest(),
        "size": size,
        "filter": "DCTDecode",
        "width": 1240,
        "height": 1754,
        "bits": 8,
        "colour_space": "DeviceRGB",
        "placement": (595.2, 0, 0, 841.92, 0, 0),
    }
    return PageImage.model_validate(kind | changes)


FAX = {
    "filter": "CCITTFaxDecode",
    "bits": 1,
    "colour_space": "DeviceGray",
    "decode_parms": {"K": -1, "Columns": 1240, "Rows": 877, "BlackIs1": 1},
    "height": 877,
    "inverted": True,
}


@cache
def manifest() -> tuple[ManifestPage, ...]:
    """One photo; two strips on a page turned by 90; a grey one by 180; one by 270."""
    strips = (
        image("1", placement=(595.2, 0, 0, 420.96, 0, 420.96), **FAX),
        image("2", placement=(595.2, 0, 0, 420.96, 0, 0), **FAX),
    )
    grey = {"filter": "FlateDecode", "colour_space": "DeviceGray", "bits": 4}
    sizes = {"width": 595.2, "height": 841.92}
    return (
        ManifestPage(images=(image("0"),), **sizes),
        ManifestPage(images=strips, rotation=90, **sizes),
        ManifestPage(images=(image("3", **grey),), rotation=180, **sizes),
        ManifestPage(images=(image("4"),), rotation=270, **sizes),
    )


def order(pki: Pki, **changes: object) -> CertificationOrdered:
    facts: dict[str, object] = {
        "at": APPROVED,
        "entry": ENTRY,
        "approved_at": APPROVED,
        "original": ObjectRef(
            bucket="scans",
            key="originals/x.pdf",
            sha256="0" * 64,
            size=1,
            media_type="application/pdf",
        ),
        "manifest": manifest(),
        "document": Document(
            kind="birth-certificate", kind_name="Giấy khai sinh", title="x", pages=4
        ),
        "clause": Clause(
            template="clause/1",
            statement="Chứng thực bản sao đúng với bản chính",
            number="1180/2026",
            book="02/2026-SCTĐT/BS",
            date=APPROVED.date(),
        ),
        "officer": Officer(
            id=NAMES["officer"][0],
            version="1",
            name="Nguyễn Thị Ánh Nguyệt",
            title_lines=("PHÓ CHỦ TỊCH",),
            key="key-officer",
            certificate_sha256=pki.officer.sha256,
        ),
        "agency": Agency(
            code=NAMES["seal"][0],
            version="1",
            name_lines=("UBND PHƯỜNG HOA BAN",),
            place="Hoa Ban",
            key="key-seal",
            certificate_sha256=pki.seal.sha256,
        ),
        "code": "7K2F9MQX4TBD",
        "public_host": "https://hoaban.example",
        "link_token_sha256": "1" * 64,
        "demo": True,
    }
    return CertificationOrdered.model_validate(facts | changes)
