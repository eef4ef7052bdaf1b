"""JPEG 2000 inside a PDF (ISO 32000-1, 7.4.9; T.800): whole, and what it shows.

OpenJPEG decodes it, for Pillow here and for pdfium elsewhere, and takes longer for a
page than all the rest. So what is judged here is kept where both must show the same:
grey and RGB of the device, eight bits a sample. Start at ``judged``.
"""

import struct
from typing import Final

import pikepdf
from pikepdf import Name
from PIL import Image

from intake.adapters.rebuild.decode import loaded, picture
from intake.adapters.rebuild.pages import UnfitPage
from intake.domain.scan import ScanFault

_DEVICE: Final = {"L": Name.DeviceGray, "RGB": Name.DeviceRGB}
_START: Final = b"\xff\x4f\xff\x51"
"""A codestream begins with its sizes (T.800, A.5.1)."""
_COUNT: Final = 40
"""Bytes from there to the number of components; each has three."""
_EIGHT_BITS: Final = b"\x07\x01\x01"
"""Unsigned, and as many samples across and down as the picture has."""
_COLOUR: Final = b"colr"
_ENUMERATED: Final = 1
_PLAIN_COLOURS: Final = (16, 17)
"""SRGB and grey (T.801, M.11.7.3.1). In others readers may mean something else."""


def judged(image: pikepdf.Object, data: bytes) -> Image.Image | None:
    """Its pixels; None if pdfium has to be asked what the image shows. Raises UnfitPage
    for data that are cut or make another picture.
    """
    shown = loaded(picture(data, "JPEG2000"))
    if shown.size != (int(image.get("/Width", 0)), int(image.get("/Height", 0))):
        raise UnfitPage(ScanFault.CONTRADICTORY, "JPEG 2000 of another size")
    plain = image.get("/ColorSpace") == _DEVICE.get(shown.mode, "")
    return shown if plain and _is_plain(data, len(shown.getbands())) else None


def _is_plain(data: bytes, bands: int) -> bool:
    at = data.find(_START) + _COUNT
    samples = data[at + 2 : at + 2 + 3 * bands]
    if data[at : at + 2] != struct.pack(">H", bands) or samples != _EIGHT_BITS * bands:
        return False
    colour = data[: at - _COUNT].partition(_COLOUR)[2]
    if not colour:
        return True
    return colour[0] == _ENUMERATED and int.from_bytes(colour[3:7]) in _PLAIN_COLOURS
