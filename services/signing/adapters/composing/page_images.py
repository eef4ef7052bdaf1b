"""The images of the pages as objects of the base revision: their keys, their numbers.

docs/dialect.md section 2.1.
"""

from collections.abc import Sequence
from typing import Final

from ecopy.events import ManifestPage, PageImage

FLAGS: Final = {"BlackIs1", "EncodedByteAlign", "EndOfBlock", "EndOfLine"}
"""Keys of /DecodeParms that are true or false (ISO 32000-1 table 11); the manifest
writes 0 and 1."""
COLOUR_DIGITS: Final = 6
"""How many hexadecimal digits one colour of a palette has."""


class ImageNumbers:
    """Gives each image its number. Images of equal bytes and equal form are one object,
    which stands behind the first page that draws it.
    """

    def __init__(self) -> None:
        self._numbers: dict[tuple[str, bytes], int] = {}
        self._written: set[int] = set()

    def number_pages(self, first: int, manifest: Sequence[ManifestPage]) -> list[int]:
        """The number of each page, from *first* on. The page's content, its footer and
        those of its images that are new follow it, and are numbered here too.
        """
        starts, following = [], first
        for page in manifest:
            starts.append(following)
            following += 3  # the page, its content, its footer
            for image in page.images:
                if self._numbers.setdefault(_identity(image), following) == following:
                    following += 1
        return starts

    def number(self, image: PageImage) -> int:
        return self._numbers[_identity(image)]

    def mark_written(self, image: PageImage) -> bool:
        """Note that the image's object is written now; False if it already was."""
        number = self.number(image)
        fresh = number not in self._written
        self._written.add(number)
        return fresh


def _identity(image: PageImage) -> tuple[str, bytes]:
    """Everything that makes an image but its place on the page."""
    return image.sha256, image_keys(image)


def image_keys(image: PageImage) -> bytes:
    """The keys of an image's dictionary, sorted, as the manifest has them
    (docs/dialect.md section 2.1).
    """
    keys = [
        f"/BitsPerComponent {image.bits}",
        f"/ColorSpace {_colour_space(image)}",
        *(["/Decode [ 1 0 ]"] if image.inverted else []),
        *([_parameters(image.decode_parms)] if image.decode_parms else []),
        f"/Filter /{image.filter}",
        f"/Height {image.height}",
        f"/Subtype /Image /Type /XObject /Width {image.width} ",
    ]
    return " ".join(keys).encode()


def _colour_space(image: PageImage) -> str:
    """The colour space's name, or for a palette the array of ISO 32000-1, 8.6.6.3."""
    if image.colour_space != "Indexed":
        return f"/{image.colour_space}"
    last = len(image.palette) // COLOUR_DIGITS - 1
    return f"[ /Indexed /DeviceRGB {last} <{image.palette}> ]"


def _parameters(parameters: dict[str, int]) -> str:
    pairs = (
        f"/{key} {str(bool(value)).lower() if key in FLAGS else value}"
        for key, value in sorted(parameters.items())
    )
    return f"/DecodeParms << {' '.join(pairs)} >>"
