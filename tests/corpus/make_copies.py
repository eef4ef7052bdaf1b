"""Good copies that are kept: one per kind of input, level and layout.

    python tests/corpus/make_copies.py

Writes tests/corpus/files/copies: ``trust.json``, and per kind ``<kind>.pdf.xz`` with
its order ``<kind>.json``. They are frozen: writer and gate of every later version must
still read them (docs/dialect.md), so run it for a **new** dialect only. The images are
tiny, because only their form counts here; the keys are P-256 and thrown away.
"""

import json
import lzma
import sys
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
from support import signing  # noqa: E402
from support.corpus import Normalised, rebuilt  # noqa: E402

COPIES = HERE / "files" / "copies"
KINDS = (
    *("small.pdf", "grey.pdf", "flate.pdf", "group4.pdf", "inverted-group4.pdf"),
    *("stencil.pdf", "strips.pdf", "indexed.pdf", "jbig2.pdf", "mixed.pdf"),
    *("turned.pdf", "photo.jpg"),
)
LEVELS = {"level-b-t": "B-T", "level-b-lta": "B-LTA"}
TINY_DPI = 12


def main() -> None:
    COPIES.mkdir(parents=True, exist_ok=True)
    scans.SMALL_DPI = TINY_DPI  # of a script's own process: the images' forms stay
    with tempfile.TemporaryDirectory() as work:
        folder = Path(work)
        made = {kind: scans.SCANS[kind] for kind in KINDS}
        made["bilevel.png"] = lambda: scans.png("1", TINY_DPI)
        originals = rebuilt(made, folder)
        keys = {name: ec.generate_private_key(ec.SECP256R1()) for name in SIGNERS}
        with signing.authority(folder, **keys) as pki:
            (COPIES / "trust.json").write_text(pki.trust.model_dump_json(indent=1))
            for name, copy in _copies(pki, originals):
                _keep(name, copy)


SIGNERS = ("officer", "seal")


def _copies(
    pki: signing.Pki, originals: dict[str, Normalised]
) -> Iterator[tuple[str, signing.Made]]:
    for kind, original in originals.items():
        yield kind, signing.sealed_original(pki, original.content, original.manifest)
    small = originals["small.pdf"]
    plain = signing.sealed_original(pki, small.content, small.manifest)
    for name, level in LEVELS.items():
        yield (
            name,
            signing.sealed_original(pki, small.content, small.manifest, level=level),
        )
    layout = plain.order.clause.model_copy(update={"template": "clause/2"})
    yield (
        "layout-clause-2",
        signing.sealed_original(pki, small.content, small.manifest, clause=layout),
    )


def _keep(name: str, made: signing.Made) -> None:
    packed = lzma.compress(made.content, preset=9 | lzma.PRESET_EXTREME)
    (COPIES / f"{name}.pdf.xz").write_bytes(packed)
    order = json.loads(made.order.model_dump_json())
    text = json.dumps(order, ensure_ascii=False, indent=1)
    (COPIES / f"{name}.json").write_text(text + "\n")
    print(f"{name}: {len(made.content)} bytes, {len(packed)} packed")


if __name__ == "__main__":
    main()
