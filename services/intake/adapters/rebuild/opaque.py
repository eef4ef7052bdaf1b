"""A decoded picture on white paper, in the modes that a copy can say: 1, L, RGB.

A PNG's one transparent colour (tRNS) is compared at the depth of the file: Pillow keeps
it as it was while it scales the pixels, so that at 1, 2, 4 and 16 bits nothing, or the
wrong thing, would be transparent.
"""

import struct
from typing import TYPE_CHECKING, Any, Final

import pikepdf
from PIL import Image

from intake.adapters.rebuild.png import Png

if TYPE_CHECKING:
    import numpy as np

_GREY: Final = 0
_RGB: Final = 2
_DEEP: Final = 16
_CHANNELS: Final = {_GREY: 1, _RGB: 3}


def flat(image: Image.Image) -> Image.Image:
    """A picture whose own words on transparency are right."""
    if image.mode == "CMYK":
        return image.convert("RGB")  # as browsers show such a file: no ink is dirty
    if image.mode in ("1", "L", "RGB"):
        return image if "transparency" not in image.info else _on_white(image)
    if image.mode in ("YCbCr", "RGBX"):
        return image.convert("RGB")
    if image.mode.startswith("I"):
        return image.convert("I").point(lambda value: value * (1 / 256)).convert("L")
    return _on_white(image)


def without_idle_alpha(image: Image.Image) -> Image.Image:
    """A picture whose fourth channel no one declared to be transparency, and which is
    zero all over: some writers leave it so, and every viewer shows the colours.
    """
    if image.mode != "RGBA" or image.getchannel("A").getextrema() != (0, 0):
        return image
    return image.convert("RGB")


def flat_png(found: Png, image: Image.Image) -> Image.Image:
    """``image`` is the PNG decoded by Pillow."""
    if found.colour not in _CHANNELS or not found.transparent:
        return flat(image)
    if found.bits == _DEEP:
        return _without_deep_colour(found, image)
    if found.colour == _GREY:
        (value,) = struct.unpack(">H", found.transparent[:2])
        image = image.convert("L")
        image.info["transparency"] = value * 255 // ((1 << found.bits) - 1)
    return flat(image)


def _on_white(image: Image.Image) -> Image.Image:
    image = image if image.mode == "RGBA" else image.convert("RGBA")
    paper = Image.new("RGB", image.size, "white")
    paper.paste(image, mask=image)
    return paper


def _without_deep_colour(found: Png, image: Image.Image) -> Image.Image:
    import numpy as np  # noqa: PLC0415 - slow to load, and hardly any scan is like this

    samples = _samples(found, image)
    clear = np.frombuffer(found.transparent, ">u2", samples.shape[2])
    pixels = (samples >> 8).astype(np.uint8)
    pixels[(samples == clear).all(axis=2)] = 255
    return Image.fromarray(pixels if samples.shape[2] == 3 else pixels[..., 0])  # noqa: PLR2004


def _samples(found: Png, image: Image.Image) -> "np.ndarray[Any, Any]":
    """All 16 bits of each sample; Pillow has them only for grey."""
    import numpy as np  # noqa: PLC0415

    channels = _CHANNELS[found.colour]
    shape = (found.height, found.width, channels)
    if found.colour == _GREY:
        return np.asarray(image).astype(np.uint16).reshape(shape)
    if found.interlaced:
        high = np.asarray(image).astype(np.uint16)
        clear = np.frombuffer(found.transparent, ">u2", channels)
        return high * 256 + (clear & 0xFF)  # the low bytes are gone: taken as equal
    return np.frombuffer(_unfiltered(found), ">u2").reshape(shape)


def _unfiltered(found: Png) -> bytes:
    """The rows without PNG's filters, by qpdf."""
    parms = pikepdf.Dictionary(
        Predictor=15, Colors=3, BitsPerComponent=16, Columns=found.width
    )
    with pikepdf.new() as scratch:
        stream = scratch.make_stream(
            found.rows, Filter=pikepdf.Name.FlateDecode, DecodeParms=parms
        )
        return stream.read_bytes()
