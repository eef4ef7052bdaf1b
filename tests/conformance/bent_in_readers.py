"""What four readers show of copies that a holder of the keys has bent: a table.

    python -m conformance.bent_in_readers [EVERY]

Each EVERY-th bent draft of tests/support/forgeries is drawn by pdfium, poppler, MuPDF
and pdf.js, and compared with the honest draft in the same reader: *other* where a
person sees something else, *same* where not, *no page* where the reader shows none.
Behind it stands the gate's reason for refusing it. Before the gate read the words
(decision 0151), every one that bends only a drawing, a letter or a word passed.
"""

import sys
from collections.abc import Iterator, Sequence
from hashlib import sha256

from PIL import Image

from storage.domain.gate import Refused
from storage.domain.gate.pdf.base_revision import check_base
from storage.domain.gate.pdf.shape import parse
from support import build
from support.forgeries.bent import Desk
from support.forgeries.bent_words import bent_drafts
from support.originals import full_page, jpeg, original_of
from support.readable_copies import without_fields
from support.readers import Show, open_readers

EVERY = 12


def main(every: int) -> None:
    desk = _desk()
    bends = list(bent_drafts(desk.order, desk.original))[::every]
    honest = without_fields(desk.draft(desk.honest))
    with open_readers() as readers:
        own = {name: show(honest) for name, show in readers.items()}
        print("| bent |", " | ".join(readers), "| the gate |")
        print("|---" * (len(readers) + 2) + "|")
        for bent in bends:
            draft = bent.draft
            seen = [
                _seen(show, without_fields(draft), own[name])
                for name, show in readers.items()
            ]
            print("|", " | ".join([str(bent), *seen, _reason(desk, draft)]), "|")


def _desk() -> Desk:
    """An order of two unlike pages, with its original."""
    original, manifest = original_of([full_page(jpeg()), full_page(jpeg(2), 90)])
    digest = sha256(original).hexdigest()
    ref = build.ref().model_copy(update={"sha256": digest, "size": len(original)})
    order = build.ordered(original=ref, manifest=manifest, dialect=3)
    return Desk(order, original)


def _seen(show: Show, draft: bytes, honest: Sequence[Image.Image]) -> str:
    try:
        pages = show(draft)
    # Each reader has an exception of its own for a file that it does not show.
    except Exception as error:  # noqa: BLE001
        return f"no page ({type(error).__name__})"
    if len(pages) != len(honest):
        return f"{len(pages)} pages"
    return ", ".join(_differences(pages, honest)) or "same"


def _differences(
    pages: Sequence[Image.Image], honest: Sequence[Image.Image]
) -> Iterator[str]:
    for number, (page, own) in enumerate(zip(pages, honest, strict=True), 1):
        if (page.size, page.tobytes()) != (own.size, own.tobytes()):
            yield f"other on page {number}"


def _reason(desk: Desk, draft: bytes) -> str:
    try:
        (base,) = parse(draft)
        check_base(base, desk.order)
    except Refused as refused:
        return refused.reason
    return "PASSES"


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else EVERY)
