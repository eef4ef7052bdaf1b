"""The colour space of an image in a PDF, in the words of a copy (ISO 32000-1, 8.6)."""

from dataclasses import dataclass
from typing import Any, Final, Literal

import pikepdf
from pikepdf import Name

from intake.adapters.rebuild import colour
from intake.domain.scan import Flag

Device = Literal["DeviceGray", "DeviceRGB", "DeviceCMYK"]
_DEVICE: Final[dict[str, Device]] = {
    "/DeviceGray": "DeviceGray",
    "/G": "DeviceGray",
    "/DeviceRGB": "DeviceRGB",
    "/RGB": "DeviceRGB",
    "/DeviceCMYK": "DeviceCMYK",
    "/CMYK": "DeviceCMYK",
}
CHANNELS: Final[dict[Device, int]] = {"DeviceGray": 1, "DeviceRGB": 3, "DeviceCMYK": 4}
_INDEXED: Final = (Name.Indexed, Name.I)


@dataclass(frozen=True, slots=True)
class Space:
    device: Device
    """The device space of the codes, or of the palette's colours."""
    palette: str = ""
    """RGB, six lower-case hex digits a colour; empty if the codes are colours."""
    flags: tuple[Flag, ...] = ()

    @property
    def channels(self) -> int:
        return 1 if self.palette else CHANNELS[self.device]


def read(image: pikepdf.Object) -> Space | None:
    """None for a space that a copy cannot say; pdfium then converts the pixels."""
    if image.get("/ImageMask", False):
        return Space("DeviceGray")
    return _space(image.get("/ColorSpace"))


def _space(found: Any) -> Space | None:
    if isinstance(found, Name):
        device = _DEVICE.get(str(found))
        return None if device is None else Space(device)
    if not isinstance(found, pikepdf.Array) or len(found) < 2:  # noqa: PLR2004
        return None
    if found[0] == Name.ICCBased:
        return _icc_based(found[1])
    indexed = found[0] in _INDEXED and len(found) == 4  # noqa: PLR2004
    return _indexed(*found[1:]) if indexed else None


def _icc_based(stream: Any) -> Space | None:
    channels = int(stream.get("/N", 0))
    if channels == 1:
        return Space("DeviceGray")
    if channels != 3:  # noqa: PLR2004
        return None
    near = colour.nearness(stream.read_bytes())
    if near == "far":
        return None
    return Space("DeviceRGB", flags=("colour-profile-cut",) if near == "near" else ())


def _indexed(base: Any, highest: Any, lookup: Any) -> Space | None:
    """Over grey or RGB, as far as there are whole colours in its table."""
    under = _space(base)
    if under is None or under.palette or under.device == "DeviceCMYK":
        return None
    table = lookup.read_bytes() if isinstance(lookup, pikepdf.Stream) else bytes(lookup)
    count = min(int(highest) + 1, 256, len(table) // under.channels)
    if count < 1:
        return None
    table = table[: count * under.channels]
    if under.device == "DeviceGray":
        table = bytes(v for grey in table for v in (grey, grey, grey))
    return Space("DeviceRGB", table.hex(), under.flags)
