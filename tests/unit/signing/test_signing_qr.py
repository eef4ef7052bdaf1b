"""The QR code of the clause page, after paper: printed, scanned, read by a stranger."""

import io
import random

import pypdfium2
import pytest
import segno
import zxingcpp
from PIL import Image, ImageChops, ImageFilter

from chassis.clock import utc_now
from signing.adapters.composer import compose
from signing.adapters.composing.qr import MASK, QrCode
from signing.domain.copies import OrderedOriginal
from signing.domain.rope import MemoryOctets
from support import build
from support.originals import full_page, jpeg, original_of

DPI = 150
CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def clause_page(template):
    original, manifest = original_of([full_page(jpeg())])
    clause = build.ordered().clause.model_copy(update={"template": template})
    order = build.ordered(manifest=manifest, clause=clause)
    draft = compose(
        OrderedOriginal(MemoryOctets(original), order.original.sha256), order, utc_now()
    )
    pdf = pypdfium2.PdfDocument(bytes(draft.content))
    page = pdf[1].render(scale=DPI / 72).to_pil().convert("L")
    pdf.close()
    return page


def printed_and_scanned(page, degrees, seed):
    """Ink spreads, the sheet lies askew, the sensor is noisy, all saved as JPEG."""
    chance = random.Random(seed)
    askew = page.filter(ImageFilter.GaussianBlur(0.9)).rotate(
        degrees, Image.Resampling.BICUBIC, expand=True, fillcolor=255
    )
    grain = Image.frombytes(
        "L", askew.size, chance.randbytes(askew.width * askew.height)
    )
    noisy = ImageChops.add(askew, grain.point(lambda v: v // 6), offset=-21)
    out = io.BytesIO()
    noisy.save(out, "JPEG", quality=45)
    return Image.open(io.BytesIO(out.getvalue()))


@pytest.mark.parametrize("template", ["clause/3", "clause/4"])
@pytest.mark.parametrize("degrees", [-1.0, 1.0, 181.0])
def test_the_code_survives_a_print_and_a_scan(template, degrees):
    """At 150 dpi, blurred, turned by a degree, noisy, as a poor JPEG: still the
    address of this copy, and the page has no other code."""
    scanned = printed_and_scanned(clause_page(template), degrees, seed=1180)
    (found,) = zxingcpp.read_barcodes(scanned)
    assert found.text == "https://hoaban.example/k/7K2F9MQX4TBD"


@pytest.mark.parametrize("host", ["https://hoaban.example", "http://127.0.0.1:8421"])
def test_the_sum_of_changed_bits_is_the_code(host):
    """Each module as the library makes it from the whole address, for any code."""
    chance = random.Random(12)
    for _ in range(60):
        address = f"{host}/k/{''.join(chance.choices(CROCKFORD, k=12))}"
        whole = segno.make_qr(
            address, error="m", mask=MASK, mode="byte", boost_error=False
        )
        made_up = QrCode(address)
        assert made_up._rows == ["".join(map(str, row)) for row in whole.matrix]


def test_a_page_without_its_code_is_not_read():
    """The decoder reads the code and nothing else on the page."""
    page = clause_page("clause/3")
    blank = page.crop((0, 0, page.width, page.height // 2))
    assert not zxingcpp.read_barcodes(printed_and_scanned(blank, 1.0, seed=1))
