"""The coded pictures of tests/corpus/heif.py: one page, and four tiles of another one.

    PYTHONPATH=... python tests/corpus/make_heif.py

Needs an HEVC encoder, which the project does not depend on: pillow-heif 1.8, in an
environment of its own. Its output is committed; this is how it was made.
"""

import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
if __name__ == "__main__":
    root = HERE.parents[1]
    sys.path[:0] = [str(root / part) for part in ("libs", "services", "deploy")]
    sys.path.insert(0, str(HERE.parent))

from corpus.heif import PAGE, TILE, TILED, page, tiled  # noqa: E402

FILES = HERE / "files" / "heif"
QUALITY = 90


def main() -> None:
    import pillow_heif  # type: ignore[import-not-found]

    pillow_heif.register_heif_opener()
    assert page().size == PAGE
    page().save(FILES / "page.heic", quality=QUALITY)
    for n in range(4):
        left, top = n % 2 * TILE, n // 2 * TILE
        part = tiled().crop((left, top, left + TILE, top + TILE))
        part.save(FILES / f"tile-{n}.heic", quality=QUALITY)
    assert tiled().size == TILED


if __name__ == "__main__":
    main()
