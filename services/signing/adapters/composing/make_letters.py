"""Makes ``templates/letters.pdf``: every letter that a copy can show, in five faces.

Run by hand, when a letter is missing: ``python -m`` and this module's name. The file is
committed, so that a later typst, which may subset fonts otherwise, changes no copy. The
gate pins it by the digest that is printed here; an old pin stays beside the new one
(docs/dialect.md 10.1).
"""

import datetime as dt
import json
import sys
from io import BytesIO
from typing import Final

import pikepdf
import typst

from ecopy.words import letters
from signing.adapters.composing.letters import FILE, read_letters
from signing.adapters.composing.typesetting import FONTS

# One page: what a page names its fonts and in which order it keeps their glyphs follows
# from the order in which they are met.
_PAGE: Final = """
#set page(width: 2000pt, height: 400pt, margin: 0pt)
#set document(date: datetime(year: 2000, month: 1, day: 1))
#set text(kerning: false, ligatures: false, features: (calt: 0, locl: 0, ccmp: 0))
#let of = json(bytes(sys.inputs.of))
#text(font: "Liberation Serif", weight: "bold", of.words) \\
#text(font: "Liberation Serif", of.words) \\
#text(font: "DejaVu Sans Mono", weight: "bold", of.code) \\
#text(font: "DejaVu Sans Mono", of.digest) \\
#text(font: "Liberation Serif", style: "italic", of.words)
"""
_OF: Final = {
    "words": letters(),
    "code": "0123456789ABCDEFGHJKMNPQRSTVWXYZ-",
    "digest": "0123456789abcdef ",
}
_EPOCH: Final = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)


def main() -> None:
    made = typst.compile(
        _PAGE.encode(),
        format="pdf",
        font_paths=FONTS,
        ignore_system_fonts=True,
        sys_inputs={"of": json.dumps(_OF, ensure_ascii=False)},
        pdf_standards=["a-2b"],
        pdf_tags=False,
        timestamp=_EPOCH,
    )
    FILE.write_bytes(_bare(made))
    sys.stdout.write(f"{read_letters().group.digest()}\n")


def _bare(made: bytes) -> bytes:
    """The page's fonts, named f0 to f4, and the output intent: nothing else of it."""
    with pikepdf.open(BytesIO(made)) as pdf:
        del pdf.docinfo, pdf.Root.Metadata
        del pdf.pages[0].Resources.ColorSpace
        out = BytesIO()
        pdf.save(out, deterministic_id=True, linearize=False)
    return out.getvalue()


if __name__ == "__main__":
    main()
