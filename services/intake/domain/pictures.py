"""What a person looked at and what will be signed, made comparable: a digest a page.

The digest is over the page's entry in the manifest: box, rotation, and of each image
the digest of its stream, how it is decoded and where it stands. Whatever can change
the look of the page changes its digest. The pictures on the screen are made from these
streams, stand at an address that carries this digest, and the signer writes exactly
this manifest: who names the digest of what was on the screen names what is signed.
"""

import hashlib
import json
from collections.abc import Iterable

from ecopy.events import ManifestPage


def digest(page: ManifestPage) -> str:
    """SHA-256 in hex over the manifest's entry as canonical JSON."""
    canonical = json.dumps(
        page.model_dump(mode="json"), sort_keys=True, separators=(",", ":")
    )
    return hashlib.sha256(f"ecopy page\n{canonical}".encode()).hexdigest()


def digests(manifest: Iterable[ManifestPage]) -> tuple[str, ...]:
    """One a page, in the order of the manifest: the same pages in another order are
    another document.
    """
    return tuple(digest(page) for page in manifest)


def together(pages: Iterable[str]) -> str:
    """One digest for an ordered list of them: what the audit keeps of a look."""
    return hashlib.sha256("\n".join(pages).encode()).hexdigest()


def missing(
    named: tuple[str, ...], expected: tuple[str, ...]
) -> tuple[int, ...] | None:
    """Numbers of the expected pages that were not named, from 1.

    None if *named* holds a page that is not expected, or has them in another order:
    then somebody looked at something else, and no list of pages would be true.
    """
    rest = list(named)
    absent: list[int] = []
    for number, page in enumerate(expected, start=1):
        if rest and rest[0] == page:
            rest.pop(0)
        else:
            absent.append(number)
    return None if rest else tuple(absent)
