"""Good copies that are kept: one per kind of input, level and layout, per writer.

    python tests/corpus/make_copies.py NAME

Writes tests/corpus/files/copies/NAME.tar.xz: ``trust.json``, and ``<kind>.pdf``
with its order ``<kind>.json``. They are frozen: gate and writer of every later version
must still read them (docs/dialect.md), so a **new** writer gets a new name. The images
are tiny, because only their form counts here; the keys are P-256 and thrown away.
"""

import io
import json
import lzma
import sys
import tarfile
import tempfile
from collections.abc import Iterator
from pathlib import Path

HERE = Path(__file__).resolve().parent
if __name__ == "__main__":
    root = HERE.parents[1]
    sys.path[:0] = [str(root / part) for part in ("libs", "services", "deploy")]
    sys.path.insert(0, str(HERE.parent))

from cryptography.hazmat.primitives.asymmetric import ec  # noqa: E402

from corpus import scans  # noqa: E402
from support.authority import (  # noqa: E402
    Pki,
    authority,
)
from support.corpus import Normalised, rebuilt  # noqa: E402
from support.originals import (  # noqa: E402
    ScanPage,
    original_of,
    palette_image,
)
from support.sealed import (  # noqa: E402
    Made,
    sealed_original,
)

COPIES = HERE / "files" / "copies"
KEPT = ("small.pdf", "strips.pdf", "turned.pdf", "bilevel.png")
"""One of each filter and a turned page: the first two writers keep every kind of scan,
and what a page of a scan looks like has not changed since.
"""
LAYOUTS = ("clause/1", "clause/2", "clause/4")
"""Beside the one that is the default."""
LEVELS = {"level-b-t": "B-T", "level-b-lta": "B-LTA"}
TINY_DPI = 12


def main() -> None:
    scans.SMALL_DPI = scans.FILE_DPI = (
        TINY_DPI  # of a script's own process: the images' forms stay
    )
    with tempfile.TemporaryDirectory() as work:
        folder = Path(work)
        made = {kind: scans.SCANS[kind] for kind in KEPT}
        originals = rebuilt(made, folder)
        keys = {name: ec.generate_private_key(ec.SECP256R1()) for name in SIGNERS}
        with authority(folder, **keys) as pki:
            kept = {"trust.json": pki.trust.model_dump_json(indent=1).encode()}
            for name, copy in _copies(pki, originals):
                kept[f"{name}.pdf"] = copy.content
                kept[f"{name}.json"] = _order(copy)
    COPIES.mkdir(parents=True, exist_ok=True)
    (COPIES / f"{sys.argv[1]}.tar.xz").write_bytes(_packed(kept))


SIGNERS = ("officer", "seal")


def _copies(pki: Pki, originals: dict[str, Normalised]) -> Iterator[tuple[str, Made]]:
    for kind, original in originals.items():
        yield kind, sealed_original(pki, original.content, original.manifest)
    small = originals["small.pdf"]
    plain = sealed_original(pki, small.content, small.manifest)
    for name, level in LEVELS.items():
        yield (
            name,
            sealed_original(pki, small.content, small.manifest, level=level),
        )
    for layout in LAYOUTS:
        clause = plain.order.clause.model_copy(update={"template": layout})
        yield (
            f"layout-{layout.replace('/', '-')}",
            sealed_original(pki, small.content, small.manifest, clause=clause),
        )
    original, manifest = original_of(_placed_pages(), shared=True)
    yield "palettes-placed", sealed_original(pki, original, manifest)


def _placed_pages() -> list[ScanPage]:
    """A palette of each depth; mirrored, turned, skewed; one picture on every page."""
    picture = palette_image(8, 200, (40, 30))
    others = [palette_image(bits, 2**bits, (24, 16)) for bits in (1, 2, 4)]
    matrices = [
        (-400.0, 0, 0, 600.0, 500, 100),
        (0, 400.0, -600.0, 0, 600, 100),
        (399.8, 12.5, -18.7, 599.7, 90, 100),
    ]
    return [
        ScanPage([(picture, matrix), (other, (90.0, 0, 0, 60.0, 5, 5))], rotation=turn)
        for matrix, other, turn in zip(matrices, others, (0, 90, 270), strict=True)
    ]


def _order(made: Made) -> bytes:
    order = json.loads(made.order.model_dump_json())
    return json.dumps(order, ensure_ascii=False, indent=1).encode()


def _packed(kept: dict[str, bytes]) -> bytes:
    """Together, because they share their fonts."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        for name, content in sorted(kept.items()):
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return lzma.compress(out.getvalue(), preset=9 | lzma.PRESET_EXTREME)


if __name__ == "__main__":
    main()
