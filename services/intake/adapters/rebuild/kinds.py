"""Which reader takes which kind of picture file, and what all of them import.

A PDF's reader is called by the worker itself, because it needs a directory to work in.
"""

import importlib
from typing import Final

from PIL import Image

from intake.adapters.rebuild import bmp, heic, photo, sniff, tiff_pages, webp
from intake.adapters.rebuild.pages import Reader

READERS: Final[dict[str, Reader]] = {
    sniff.JPEG: photo.read_jpeg,
    sniff.PNG: photo.read_png,
    sniff.TIFF: tiff_pages.read_tiff,
    sniff.WEBP: webp.read_webp,
    sniff.BMP: bmp.read_bmp,
    sniff.HEIC: heic.read_heic,
}


_PLUG_INS: Final = ("PIL.TiffImagePlugin", "PIL.WebPImagePlugin", "PIL.BmpImagePlugin")


def preload() -> None:
    """Import before the walls stand what a reader would import behind them: Pillow's
    plug-ins, and what decodes HEIC if it is installed. Opens no file, starts no thread.
    """
    Image.preinit()
    for name in _PLUG_INS:
        importlib.import_module(name)
    heic.preload()
