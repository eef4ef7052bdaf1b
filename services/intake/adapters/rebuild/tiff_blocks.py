"""A TIFF picture's strips or tiles, as they are encoded (TIFF 6.0, sections 3 and 15).

Start at ``blocks``.
"""

from dataclasses import dataclass
from typing import Final

from intake.adapters.rebuild import tiff
from intake.adapters.rebuild.pages import UnfitPage
from intake.adapters.rebuild.tiff import Directory
from intake.domain.scan import ScanFault

_MOST_BYTES: Final = 1_000_000_000
"""A2 at 600 dpi in colour has 973 million in a single strip, 556 million in many."""


@dataclass(frozen=True, slots=True)
class TiffBlock:
    """A strip or a tile, as it is encoded."""

    left: int
    top: int
    width: int
    """Pixels, also those that stick out of the picture: a tile is always whole."""
    height: int
    data: bytes


def blocks(directory: Directory) -> list[TiffBlock]:
    """All strips or tiles, plane after plane. Raises UnfitPage: *truncated* if one is
    missing or ends behind the file, *damaged* for sizes that make no sense.
    """
    tiled = directory.is_tiled
    offsets = directory.numbers(tiff.TILE_OFFSETS if tiled else tiff.STRIP_OFFSETS)
    lengths = directory.numbers(tiff.TILE_BYTES if tiled else tiff.STRIP_BYTES)
    size = len(directory.data)
    if not lengths and len(offsets) == 1:
        lengths = (max(0, size - offsets[0]),)  # old writers left the count out
    boxes = _boxes(directory)
    if min(len(offsets), len(lengths)) < len(boxes):
        raise UnfitPage(ScanFault.TRUNCATED, "TIFF blocks missing")
    # Blocks that lie over each other unfold a small file without end.
    if sum(lengths[: len(boxes)]) > size:
        raise UnfitPage(ScanFault.TRUNCATED, "TIFF blocks larger than the file")
    found = []
    for box, at, length in zip(boxes, offsets, lengths, strict=False):
        if not length or at + length > size:
            raise UnfitPage(ScanFault.TRUNCATED, "TIFF block")
        found.append(TiffBlock(*box, directory.data[at : at + length]))
    return found


def _boxes(directory: Directory) -> list[tuple[int, int, int, int]]:
    """Left, top, width and height of each block."""
    width, height = directory.size
    if directory.is_tiled:
        across, down = (
            directory.number(tiff.TILE_WIDTH, 0),
            directory.number(tiff.TILE_HEIGHT, 0),
        )
    else:
        across, down = width, directory.number(tiff.ROWS_PER_STRIP, height) or height
        down = min(down, height)
    if across < 1 or down < 1:
        raise UnfitPage(ScanFault.DAMAGED, "TIFF blocks")
    planes = (
        directory.number(tiff.SAMPLES, 1) if directory.number(tiff.PLANAR, 1) > 1 else 1
    )
    if -(-width // across) * -(-height // down) * planes > tiff.MOST_NUMBERS:
        raise UnfitPage(ScanFault.DAMAGED, "TIFF blocks")
    one_plane = [
        (x, y, across, down if directory.is_tiled else min(down, height - y))
        for y in range(0, height, down)
        for x in range(0, width, across)
    ]
    return one_plane * planes


def check_unfolded(
    directory: Directory, blocks: list[TiffBlock], *, bytes_a_pixel: int
) -> None:
    """Raises UnfitPage(too-many-pixels) for what would need more than a gigabyte: the
    pixels, and beside them the largest block as it was before it was compressed.
    """
    width, height = directory.size
    samples = directory.number(tiff.SAMPLES, 1)
    bits = samples * directory.number(tiff.BITS, 1)
    largest = max(block.width * block.height for block in blocks)
    if width * height * bytes_a_pixel + largest * bits // 8 > _MOST_BYTES:
        raise UnfitPage(ScanFault.TOO_MANY_PIXELS, f"{width}×{height} in TIFF")
