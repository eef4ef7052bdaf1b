"""Decodes a JPEG by libjpeg-turbo (simplejpeg), with every warning it has.

One decoding serves two: it tells whether the JPEG is whole, and its pixels are what the
desk shows. Start at ``decoded``.
"""

from dataclasses import dataclass
from typing import Final

import simplejpeg  # type: ignore[import-untyped]

from intake.adapters.rebuild import jpeg, pixels
from intake.adapters.rebuild.jpeg import Jpeg
from intake.adapters.rebuild.pixels import Pixels
from intake.adapters.rebuild.segments import Segment

JUDGED: Final = 8
"""At an eighth of each side and in grey, 150 megapixels cost little memory."""
_COLOURS: Final = {1: "GRAY", 3: "RGBX"}


@dataclass(frozen=True, slots=True)
class Decoded:
    complaint: str
    """What libjpeg says against it; nothing if it decodes cleanly."""
    pixels: Pixels | None = None
    """The picture, if it decodes cleanly, at one *factor*-th of each side."""


def factor(found: Jpeg) -> int | None:
    """What its sides are divided by when it is decoded to be shown (``pixels``); None
    if it is not to be kept.
    """
    by = pixels.factor(found.width, found.height)
    return by if found.components in (1, 3) else None


def decoded(
    found: Jpeg,
    segments: tuple[Segment, ...],
    shown: int | None = None,
    *,
    probe: bytes = b"",
) -> Decoded:
    """These segments of *found*, each warning an error; with its pixels if they shall
    be *shown* at such a part of their sides (``factor``), cut to the picture's rows.
    """
    by, colours = shown or JUDGED, _COLOURS.get(found.components, "CMYK")
    rough = shown is None
    try:
        rows = simplejpeg.decode_jpeg(
            jpeg.written(segments, probe=probe),
            "GRAY" if rough and colours == "RGBX" else colours,
            fastdct=rough,
            fastupsample=rough,
            min_height=-(-found.height // by),
            min_width=-(-found.width // by),
            min_factor=float(by),
            strict=True,
        )
    except ValueError as error:
        return Decoded(str(error) or "unreadable")
    if rough:
        return Decoded("")
    return Decoded("", Pixels(rows[: -(-found.height // by)]))
