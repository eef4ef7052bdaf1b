"""The images of one working copy, each read, judged and encoded once, however many
pages draw it.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any, Final

import pikepdf
from pikepdf import Array, Name
from PIL import Image

from intake.adapters.rebuild import lift, whole
from intake.adapters.rebuild.encode import lossless, lossy
from intake.adapters.rebuild.limits import Limits
from intake.adapters.rebuild.pages import Stream
from intake.adapters.rebuild.render import PageRenderer

_LOSSY: Final = "/DCTDecode"
_GREYS: Final = frozenset({"/DeviceGray", "/G", "/CalGray"})

Key = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Lifted:
    stream: Stream
    as_it_was: bool
    """Bit for bit; else the same pixels in another filter."""

    def without_pixels(self) -> "Lifted":
        """The stream alone: what was decoded of it is a hundred times as large."""
        return replace(self, stream=replace(self.stream, shown=None))


class Images:
    """Asked by object: two pages that draw one image get one stream.

    ``drawn`` has the objects of all pages. Only what is drawn again is remembered, and
    of that no decoded pixels: all streams of a file are as many bytes as the file.
    """

    def __init__(
        self, renderer: PageRenderer, limits: Limits, drawn: Iterable[Key]
    ) -> None:
        self._renderer = renderer
        self._limits = limits
        self._again = {key for key, times in Counter(drawn).items() if times > 1}
        self._lifted: dict[Key, Lifted | None] = {}
        self._whole: set[Key] = set()

    def lifted(self, image: Any) -> Lifted | None:
        """The image as a copy can hold it; None if only a rendered page can show it.
        Raises UnfitPage for one that is cut or makes no sense.
        """
        key = image.objgen
        if key not in self._again:
            return self._lift(image)
        if key in self._lifted:
            return self._lifted[key]
        found = self._lift(image)
        self._lifted[key] = None if found is None else found.without_pixels()
        return found

    def refuse_cut(self, image: Any) -> None:
        """Raises UnfitPage for an image of which a part is missing."""
        if image is not None and image.objgen not in self._whole:
            self._judged(image)

    def _judged(self, image: Any) -> Image.Image | None:
        """Its pixels, if the judgement has decoded them. Raises UnfitPage."""
        found = whole.refuse_cut_image(image)
        self._whole.add(image.objgen)
        return found

    @staticmethod
    def size(image: Any) -> tuple[int, int] | None:
        """In pixels as its dictionary says; None for an inline image."""
        if image is None:
            return None
        return _integer(image.get("/Width")), _integer(image.get("/Height"))

    @staticmethod
    def has_one_bit(image: Any) -> bool:
        """Black and white: a stencil, or one bit of grey."""
        if image is None or lift.masked(image):
            return False
        if image.get("/ImageMask", False):
            return True
        space = image.get("/ColorSpace")
        based = isinstance(space, Array) and space[0] == Name.ICCBased
        grey = str(space) in _GREYS or (based and space[1].get("/N") == 1)
        return grey and image.get("/BitsPerComponent") == 1

    def _lift(self, image: Any) -> Lifted | None:
        stream = lift.lift(image, limits=self._limits)
        if stream is not None:
            return Lifted(stream, as_it_was=not stream.encoded)
        stream = self._encoded(image)
        return Lifted(stream, as_it_was=False) if stream is not None else None

    def _encoded(self, image: pikepdf.Object) -> Stream | None:
        """The same pixels in a filter that a copy may have: JBIG2, JPEG 2000, palettes,
        CMYK. Lossless, but for a JPEG whose colours had to be converted.
        """
        if lift.masked(image) or bool(image.get("/ImageMask", False)):
            return None
        size = lift.size_of(image, limits=self._limits)
        pixels = self._judged(image) or self._renderer.image(image, size)
        if pixels is None or pixels.size != size:
            return None
        return (
            lossy(pixels) if _LOSSY in str(image.get("/Filter")) else lossless(pixels)
        )


def _integer(value: Any) -> int:
    return value if isinstance(value, int) else 0
