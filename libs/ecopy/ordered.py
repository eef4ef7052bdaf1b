"""What an order carries: the pages that a person approved, and who certifies them.

All of it is frozen at the approval. The events themselves are in ``ecopy.events``.
Start at ``ManifestPage``.
"""

from datetime import date
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from ecopy.identifiers import AgencyCode, Sha256


class Model(BaseModel):
    # Services are upgraded one after the other: a newer one may send a field that this
    # one does not know yet.
    model_config = ConfigDict(frozen=True, extra="ignore")


Level = Literal["B-T", "B-LT", "B-LTA"]
"""PAdES baseline (ETSI EN 319 142-1 section 6)."""


# --- the page manifest: what a person approved, image by image --------------------


class PageImage(Model):
    """One image of a page, its stream exactly as it stands in the copy."""

    sha256: Sha256
    """The digest of the encoded stream."""
    size: int
    """Bytes of the encoded stream."""
    filter: Literal["DCTDecode", "CCITTFaxDecode", "FlateDecode"]
    width: int
    height: int
    bits: Literal[1, 2, 4, 8]
    colour_space: Literal["DeviceGray", "DeviceRGB", "Indexed"]
    palette: str = ""
    """The colours of an *Indexed* image: 1 to 2**bits RGB triples, lower-case hex, six
    digits a colour. Empty for every other colour space (ISO 32000-1, 8.6.6.3)."""
    decode_parms: dict[str, int] = Field(default_factory=dict)
    """ISO 32000-1 tables 8 and 11, integers; a boolean is 0 or 1."""
    inverted: bool = False
    """/Decode [1 0]; only for 1-bit DeviceGray."""
    placement: tuple[float, float, float, float, float, float]
    """The ``cm`` matrix that puts the unit square on the page; points."""


class ManifestPage(Model):
    width: float
    """Points, of the page box [0 0 width height], before rotation."""
    height: float
    rotation: Literal[0, 90, 180, 270] = 0
    """/Rotate, clockwise degrees."""
    images: tuple[PageImage, ...]


# --- the order ---------------------------------------------------------------------


class Officer(Model):
    """The certifying person as of the approval."""

    id: str
    version: str
    name: str
    title_lines: tuple[str, ...]
    """The title as it is displayed, e.g. ``("KT. CHỦ TỊCH", "PHÓ CHỦ TỊCH")``."""
    key: str
    """Key id of the signing service; opaque to intake."""
    certificate_sha256: Sha256


class Agency(Model):
    """The agency as of the approval; its seal is its own key."""

    code: AgencyCode
    version: str
    name_lines: tuple[str, ...]
    place: str
    key: str
    certificate_sha256: Sha256


class Clause(Model):
    """The certification clause, frozen at approval: text for people, never parsed."""

    template: str
    """Layout name and version, e.g. ``clause/1``."""
    statement: str
    number: str
    """Displayed number, ``1180/2026``."""
    book: str
    """``02/2026-SCTĐT/BS``."""
    date: date
    """The day of the approval, in Asia/Ho_Chi_Minh."""


class Document(Model):
    kind: str
    """Slug of the kind of paper, e.g. ``birth-certificate``."""
    kind_name: str
    """In Vietnamese, for the public page."""
    title: str
    """Shown to the link's holder only."""
    pages: int
