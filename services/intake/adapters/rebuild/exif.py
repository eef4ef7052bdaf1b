"""Orientation and density as Exif (CIPA DC-008) tells them, for JPEG and PNG alike.

One reader of the orientation for every mode of picture: Exif in a JPEG's APP1 or a
PNG's eXIf chunk, as browsers do. XMP and text chunks are other programs' notes; a
reader that believes them turns some pictures and not others.
"""

from dataclasses import dataclass
from typing import Any, Final

from PIL import Image

# Tags of TIFF 6.0 that Exif has taken over: Orientation, XResolution, YResolution,
# ResolutionUnit.
_ORIENTATION: Final = 0x0112
_ACROSS: Final = 0x011A
_DOWN: Final = 0x011B
_UNIT: Final = 0x0128
_NO_UNIT: Final = 1
_INCH: Final = 2
_CENTIMETRE: Final = 3
_TURNS: Final = {
    # Exif orientation → (seen in a mirror, then clockwise degrees)
    1: (False, 0),
    2: (True, 0),
    3: (False, 180),
    4: (True, 180),
    5: (True, 270),
    6: (False, 90),
    7: (True, 90),
    8: (False, 270),
}


@dataclass(frozen=True, slots=True)
class Density:
    """Pixels of a length across and down."""

    across: float
    down: float
    inches: bool
    """False: no length is named, so only the shape of a pixel is meant."""


@dataclass(frozen=True, slots=True)
class Facts:
    mirrored: bool
    turn: int
    """Clockwise degrees, after mirroring."""
    density: Density | None


def read(data: bytes) -> Facts:
    """What a TIFF-like block without its name states; nonsense states nothing."""
    found = _loaded(data)
    mirrored, turn = orientation(found.get(_ORIENTATION, 1))
    return Facts(mirrored, turn, _density(found))


def orientation(value: Any) -> tuple[bool, int]:
    """Whether it is seen in a mirror, and clockwise degrees after that."""
    known = _TURNS.get(value) if isinstance(value, int) else None
    return known or (False, 0)


def _loaded(data: bytes) -> Image.Exif:
    found = Image.Exif()
    try:
        found.load(data)
    except Exception:  # noqa: BLE001 - the sandbox's edge: broken Exif is no Exif
        return Image.Exif()
    return found


def _density(found: Image.Exif) -> Density | None:
    try:
        across, down = float(found[_ACROSS]), float(found[_DOWN])
    except (KeyError, TypeError, ValueError, ZeroDivisionError):
        return None
    unit = found.get(_UNIT, _INCH)
    scale = 2.54 if unit == _CENTIMETRE else 1.0
    return Density(across * scale, down * scale, unit != _NO_UNIT)
