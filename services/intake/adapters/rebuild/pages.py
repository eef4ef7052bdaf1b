"""What the readers hand to the writer: pages of placed, encoded pictures."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, Protocol

from intake.adapters.rebuild.limits import Limits
from intake.adapters.rebuild.pixels import Pixels
from intake.domain.scan import Done, Flag, ScanFault

Matrix = tuple[float, float, float, float, float, float]
Filter = Literal["DCTDecode", "CCITTFaxDecode", "FlateDecode"]
ColourSpace = Literal["DeviceGray", "DeviceRGB", "Indexed"]


class UnfitPage(Exception):
    """The file at hand is refused; it becomes a ScanRefused outside the worker."""

    def __init__(self, fault: ScanFault, detail: str = "") -> None:
        super().__init__(fault, detail)
        self.fault = fault
        self.detail = detail


@dataclass(frozen=True, slots=True)
class Stream:
    """One encoded image, as ``ecopy.events.PageImage`` can say it."""

    data: bytes
    filter: Filter
    width: int
    height: int
    bits: Literal[1, 2, 4, 8]
    colour_space: ColourSpace
    palette: str = ""
    """The RGB colours of an *Indexed* image, six lower-case hex digits each."""
    decode_parms: dict[str, int] = field(default_factory=dict)
    inverted: bool = False
    flags: tuple[Flag, ...] = ()
    encoded: bool = False
    """Whether the same pixels were written anew, in another filter than before."""
    recompressed: bool = False
    """Whether the pixels are nearly the same: JPEG of high quality was made of them."""
    shown: Pixels | None = field(default=None, compare=False, repr=False)
    """Its pixels, decoded from these bytes when they were judged, at a size at which
    the desk can show them; None: decode them (``decode.decoded``)."""


@dataclass(frozen=True, slots=True)
class Placed:
    stream: Stream
    placement: Matrix
    """Puts the unit square on the page, in points: any matrix with an area, so that a
    mirrored, turned or slanted image is not drawn anew."""


@dataclass(frozen=True, slots=True)
class Page:
    number: int
    """1-based, in the source file."""
    width: float
    """Points."""
    height: float
    rotation: int
    pictures: tuple[Placed, ...]
    done: Done
    flags: tuple[Flag, ...] = ()


class Reader(Protocol):
    """Yields a file's pages one by one; raises UnfitPage."""

    def __call__(self, path: Path, *, limits: Limits) -> Iterator[Page]: ...


def check_pixels(width: int, height: int, *, limits: Limits) -> None:
    if width < 1 or height < 1:
        raise UnfitPage(ScanFault.DAMAGED, "an image without pixels")
    if width * height > limits.pixels:
        raise UnfitPage(ScanFault.TOO_MANY_PIXELS, f"{width}×{height}")


def rounded(value: float) -> float:
    """To what a copy can say of a number: five decimals at most."""
    return round(float(value), 4) + 0.0


def manifest_image(placed: Placed, sha256: str) -> dict[str, Any]:
    """The image in the form that ``ecopy.events.PageImage`` reads."""
    stream = placed.stream
    return {
        "sha256": sha256,
        "size": len(stream.data),
        "filter": stream.filter,
        "width": stream.width,
        "height": stream.height,
        "bits": stream.bits,
        "colour_space": stream.colour_space,
        "palette": stream.palette,
        "decode_parms": stream.decode_parms,
        "inverted": stream.inverted,
        "placement": placed.placement,
    }
