"""A JPEG that is shown turned, without being decoded: viewers follow its orientation.

The pictures in the store were drawn in a cell and stay as they are. One that a step has
turned goes out with an Exif segment in front, which every browser obeys (CIPA DC-008,
4.6.5, tag 0x0112; docs/decisions/0106).
"""

from typing import Final

_START: Final = b"\xff\xd8"
_ORIENTATION: Final = {90: 6, 180: 3, 270: 8}
"""Degrees clockwise, as shown, to the tag's value."""
_EXIF: Final = (
    b"\xff\xe1\x00\x22Exif\x00\x00MM\x00\x2a\x00\x00\x00\x08"
    b"\x00\x01\x01\x12\x00\x03\x00\x00\x00\x01\x00%c\x00\x00\x00\x00\x00\x00"
)
"""One directory with one entry: a SHORT that is the orientation."""


def oriented(jpeg: bytes, degrees: int) -> bytes:
    """The picture, shown turned clockwise by 0, 90, 180 or 270 degrees."""
    if not degrees or not jpeg.startswith(_START):
        return jpeg
    return _START + _EXIF % _ORIENTATION[degrees] + jpeg[len(_START) :]
