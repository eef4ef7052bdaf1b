"""Each kind of scan of the corpus, from intake's rebuilder through the composer."""

import io

import pikepdf
import pypdfium2
import pytest
from PIL import ImageChops

from chassis.clock import utc_now
from corpus.odd_images import ODD
from corpus.scans import SCANS
from signing.adapters.composer import compose
from signing.domain.copies import OrderedOriginal
from signing.domain.rope import MemoryOctets
from support import build
from support.corpus import rebuilt, shared_folder

KINDS = {name: make for name, make in (SCANS | ODD).items() if name != "w3.pdf"}
"""The workload is a colour JPEG, as small.pdf, and takes as long as all the others."""


@pytest.fixture(scope="module")
def originals(tmp_path_factory):
    # From the end: the tests of intake rebuild most of these in the other process.
    scans = dict(reversed(KINDS.items()))
    return rebuilt(scans, shared_folder(tmp_path_factory))


@pytest.mark.parametrize("name", KINDS)
def test_the_copy_looks_as_the_original_outside_the_margin(originals, name):
    """Page by page the same pixels, where the copy's box is cut back to the
    original's: nothing is covered, moved, scaled or recoloured."""
    original = originals[name]
    order = build.ordered(manifest=original.manifest, demo=True)
    stage = OrderedOriginal(MemoryOctets(original.content), order.original.sha256)
    draft = bytes(compose(stage, order, utc_now()).content)
    before, after = rasters(original.content), rasters(without_margin(draft, order))
    assert len(before) == len(after) == len(original.manifest)
    for page, copied in zip(before, after, strict=True):
        assert copied.size == page.size
        assert ImageChops.difference(page, copied).getbbox() is None


def without_margin(draft, order):
    with pikepdf.open(io.BytesIO(draft)) as pdf:
        del pdf.pages[-1]
        for page, ordered in zip(pdf.pages, order.manifest, strict=True):
            page.obj.MediaBox = [0, 0, ordered.width, ordered.height]
        out = io.BytesIO()
        pdf.save(out)
    return out.getvalue()


def rasters(content):
    pdf = pypdfium2.PdfDocument(content)
    pages = [page.render(scale=1).to_pil().convert("RGB") for page in pdf]
    pdf.close()
    return pages
