"""What an image's dictionary says of it (ISO 32000-1, 8.9.5), in a copy's words."""

from dataclasses import dataclass

import pikepdf
from pikepdf import Name

from intake.adapters.rebuild import whole
from intake.adapters.rebuild.spaces import Space
from intake.domain.scan import Flag


@dataclass(frozen=True, slots=True)
class Declared:
    """Size, bits, colours and direction of an image, before its data are read."""

    width: int
    height: int
    bits: int
    space: Space
    inverted: bool

    @property
    def flags(self) -> tuple[Flag, ...]:
        return self.space.flags


def bits_of(image: pikepdf.Object) -> int:
    """Bits of one number: a stencil has one, whatever its dictionary says."""
    stencil = bool(image.get("/ImageMask", False))
    return 1 if stencil else int(image.get("/BitsPerComponent", 0))


def _default_decode(image: pikepdf.Object, space: Space) -> list[float]:
    """ISO 32000-1, table 90: the numbers of a palette's colours are not scaled."""
    if space.palette:
        return [0.0, float((1 << bits_of(image)) - 1)]
    return [0.0, 1.0] * space.channels


def upside_down(image: pikepdf.Object, space: Space) -> bool | None:
    """Whether the numbers stand upside down; None for a /Decode that is neither the
    default nor a plain inversion of one bit or of four inks.
    """
    decode = whole.decode_array(image)
    if not decode or decode == _default_decode(image, space):
        return False
    one_bit = bool(image.get("/ImageMask", False)) or (
        int(image.get("/BitsPerComponent", 1)) == 1
    )
    inks = image.get("/ColorSpace") in (Name.DeviceCMYK, Name.CMYK)
    plain = decode == [1.0, 0.0] * (4 if inks else 1) and (one_bit or inks)
    return True if plain else None
