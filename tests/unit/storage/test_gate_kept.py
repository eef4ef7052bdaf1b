"""Good copies of an earlier day: what was sealed once is believed for ever."""

import io
import tarfile
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import pikepdf
import pytest

from ecopy.events import CertificationOrdered
from ecopy.trust import TrustDocument
from signing.adapters.composer import compose
from signing.adapters.pdf.increments import GrowingPdf
from signing.domain.copies import OrderedOriginal
from signing.domain.rope import MemoryOctets, Rope
from storage.domain.gate import Refused, compile_trust, gate

COPIES = Path(__file__).parents[2] / "corpus" / "files" / "copies"
LARGEST_BYTES = 800_000
ALL_BYTES = 1_800_000


def _read(archive):
    with tarfile.open(archive) as opened:
        return {
            member.name: opened.extractfile(member).read()
            for member in opened.getmembers()
        }


KEPT = {archive.name: _read(archive) for archive in sorted(COPIES.glob("*.tar.xz"))}
KINDS = [
    (writer, name.removesuffix(".pdf"))
    for writer, files in KEPT.items()
    for name in files
    if f"{name.removesuffix('.pdf')}.json" in files and name.endswith(".pdf")
]


@dataclass(frozen=True)
class Kept:
    content: bytes
    order: CertificationOrdered
    trust: TrustDocument


@pytest.fixture(params=KINDS, ids="-".join)
def kept(request):
    writer, kind = request.param
    files = KEPT[writer]
    return Kept(
        files[f"{kind}.pdf"],
        CertificationOrdered.model_validate_json(files[f"{kind}.json"]),
        TrustDocument.model_validate_json(files["trust.json"]),
    )


def test_the_gate_passes_it(kept):
    """Whatever the day is: a copy is judged at the time of its timestamps."""
    digest = sha256(kept.content).hexdigest()
    passed = gate(kept.content, kept.order, compile_trust(kept.trust), digest)
    assert passed.pages == len(kept.order.manifest) + 1


def test_an_older_signers_copy_is_refused_for_an_order_of_today(kept):
    """While a house is upgraded, a signer of before writes the dialect that it knows:
    for an order of that dialect it passes (above), and for another one never.
    """
    digest = sha256(kept.content).hexdigest()
    for dialect in {1, 2, 3} - {kept.order.dialect}:
        other = kept.order.model_copy(update={"dialect": dialect})
        with pytest.raises(Refused) as refused:
            gate(kept.content, other, compile_trust(kept.trust), digest)
        assert refused.value.reason != "unexpected"


def test_its_pages_are_composed_alike_today(kept):
    """The writer of this day reads the pages of that one as an original, and gives
    every page the same box, matrices and image bytes again."""
    original = _original_in(kept)
    draft = compose(original, kept.order, kept.order.approved_at)
    then, now = (list(_pages(c)) for c in (kept.content, bytes(draft.content)))
    assert now == then


def _original_in(kept):
    """The normalised original, taken out of its copy."""
    with pikepdf.open(io.BytesIO(kept.content)) as pdf:
        del pdf.pages[-1]
        for page, ordered in zip(pdf.pages, kept.order.manifest, strict=True):
            drawn = page.obj.Contents.read_bytes().splitlines(keepends=True)
            page.obj.Contents = pdf.make_stream(b"".join(drawn[:-4]))
            page.obj.MediaBox = [0, 0, ordered.width, ordered.height]
            del page.obj["/Annots"], page.obj.Resources.XObject["/F"]
        out = io.BytesIO()
        pdf.save(out)
    return OrderedOriginal(MemoryOctets(out.getvalue()), kept.order.original.sha256)


def _pages(content):
    with pikepdf.open(io.BytesIO(content)) as pdf:
        for page in list(pdf.pages)[:-1]:
            images = page.obj.Resources.XObject
            yield (
                page.obj.MediaBox.unparse(),
                page.obj.get("/Rotate", 0),
                page.obj.Contents.read_bytes(),
                [
                    (str(key), sha256(images[key].read_raw_bytes()).hexdigest())
                    for key in sorted(images.keys())
                    if key != "/F"
                ],
                images["/F"].BBox.unparse(),
            )


def test_todays_writer_would_sign_its_draft(kept):
    """The base revision, cut out, is still a draft to the code that adds signatures."""
    base = kept.content[: kept.content.index(b"%%EOF\n") + 6]
    fields = GrowingPdf(Rope([MemoryOctets(base)])).fields
    archival = {"Timestamp"} if kept.order.level == "B-LTA" else set()
    assert fields.keys() == {"Officer", "Seal"} | archival


def test_they_stay_small():
    """They travel with every clone."""
    sizes = [path.stat().st_size for path in COPIES.iterdir()]
    assert KINDS
    assert max(sizes) < LARGEST_BYTES
    assert sum(sizes) < ALL_BYTES
