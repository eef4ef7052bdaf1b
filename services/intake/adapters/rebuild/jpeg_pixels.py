"""Decodes a JPEG by libjpeg-turbo (simplejpeg), with every warning it has.

One decoding serves two: it tells whether the JPEG is whole, and its pixels are what the
desk shows. Start at ``decoded``.
"""

from dataclasses import dataclass
from typing import Final

import simplejpeg  # type: ignore[import-untyped]

from intake.adapters.rebuild import jpeg
from intake.adapters.rebuild.jpeg import Jpeg
from intake.adapters.rebuild.pixels import Pixels
from intake.adapters.rebuild.segments import Segment

JUDGED: Final = 8
"""At an eighth of each side and in grey, 150 megapixels cost little memory."""
SHOWN_WIDTH: Final = 1100
"""Pixels: as wide as a page that is shown is at least (``preview``), so the shorter
side of a picture that is kept is, too, unless it had fewer."""
_MOST_SHOWN: Final = 12_000_000
"""Pixels that are kept: 48 MB. A banner that has more at this width is decoded again
when it is shown."""
_COLOURS: Final = {1: "GRAY", 3: "RGBX"}


@dataclass(frozen=True, slots=True)
class Decoded:
    complaint: str
    """What libjpeg says against it; nothing if it decodes cleanly."""
    pixels: Pixels | None = None
    """The picture, if it decodes cleanly, at one *factor*-th of each side."""


def factor(found: Jpeg) -> int | None:
    """What the sides may be divided by so that a page can still be shown of it: 1, 2, 4
    or 8, for which libjpeg has fast ways. None: too large to be kept.
    """
    side = min(found.width, found.height)
    by = next((by for by in (8, 4, 2) if side >= by * SHOWN_WIDTH), 1)
    small = found.width * found.height <= _MOST_SHOWN * by * by
    return by if small and found.components in (1, 3) else None


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
        pixels = simplejpeg.decode_jpeg(
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
    return Decoded("", Pixels(pixels[: -(-found.height // by)]))
