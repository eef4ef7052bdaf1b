"""Which ICC profiles may be cut so that the codes mean what they meant (ICC.1:2010).

A copy knows DeviceGray and DeviceRGB under an sRGB output intent. A grey profile, sRGB
and Display P3 (telephones; a hair's breadth away on paper and ink) are cut; anything
wider is converted by those who decode. P3 and grey are flagged by the caller.
"""

import struct
from typing import Final, Literal

Nearness = Literal["same", "near", "far"]

# The red, green and blue colourants as the usual profiles of both spaces state them:
# X, Y, Z, adapted to D50, the white of ICC's connection space.
_SRGB: Final = (0.4361, 0.2225, 0.0139, 0.3851, 0.7169, 0.0971, 0.1431, 0.0606, 0.7141)
_P3: Final = (0.5151, 0.2412, -0.0011, 0.2919, 0.6922, 0.0419, 0.1572, 0.0666, 0.7841)
_SAME: Final = 0.02
"""Makers round and adapt differently; sRGB and P3 are four times as far apart."""
_TAGS: Final = (b"rXYZ", b"gXYZ", b"bXYZ")


def nearness(profile: bytes) -> Nearness:
    """How far an RGB profile's primaries are from sRGB's; *far* if it is unreadable."""
    try:
        primaries = _primaries(profile)
    except (struct.error, KeyError):
        return "far"
    if _close(primaries, _SRGB):
        return "same"
    return "near" if _close(primaries, _P3) else "far"


def is_rgb(profile: bytes) -> bool:
    return profile[16:20] == b"RGB "


def is_grey(profile: bytes) -> bool:
    return profile[16:20] == b"GRAY"


def _primaries(profile: bytes) -> tuple[float, ...]:
    """Colourants of a matrix profile, s15Fixed16, media-relative to D50."""
    if not is_rgb(profile):
        raise KeyError
    count = struct.unpack_from(">I", profile, 128)[0]
    tags = {
        profile[at : at + 4]: struct.unpack_from(">I", profile, at + 4)[0]
        for at in range(132, 132 + 12 * min(count, 100), 12)
    }
    values = [struct.unpack_from(">3i", profile, tags[tag] + 8) for tag in _TAGS]
    return tuple(value / 65536 for triple in values for value in triple)


def _close(primaries: tuple[float, ...], other: tuple[float, ...]) -> bool:
    return all(abs(a - b) < _SAME for a, b in zip(primaries, other, strict=True))
