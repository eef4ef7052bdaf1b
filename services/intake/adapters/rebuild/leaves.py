"""Pages of our own parts, read back by position: each stream is checked by its digest.

Start at ``streams``.
"""

from typing import Any

import pikepdf

from intake.adapters.rebuild.pages import Page, Placed, Stream, UnfitPage
from intake.adapters.rebuild.writer import sha256
from intake.domain.scan import ScanFault


def streams(page: pikepdf.Page, manifest: dict[str, Any]) -> list[bytes]:
    """A page's encoded images, in order. UnfitPage: they are not its manifest's."""
    xobjects = page.obj.Resources.XObject
    images = manifest["images"]
    found = [xobjects[f"/Im{k}"].read_raw_bytes() for k in range(len(images))]
    if [sha256(data) for data in found] != [image["sha256"] for image in images]:
        raise UnfitPage(ScanFault.DAMAGED, "part")
    return found


def page_of(manifest: dict[str, Any], found: list[bytes]) -> Page:
    """A page as a reader would have read it, to be drawn; *found* are its streams."""
    pictures = tuple(
        Placed(_stream(image, data), tuple(image["placement"]))
        for image, data in zip(manifest["images"], found, strict=True)
    )
    return Page(
        number=1,
        width=manifest["width"],
        height=manifest["height"],
        rotation=manifest["rotation"],
        pictures=pictures,
        done="lifted",
    )


def _stream(image: dict[str, Any], data: bytes) -> Stream:
    return Stream(
        data=data,
        filter=image["filter"],
        width=image["width"],
        height=image["height"],
        bits=image["bits"],
        colour_space=image["colour_space"],
        palette=image["palette"],
        decode_parms=image["decode_parms"],
        inverted=image["inverted"],
    )
