"""Bytes in pieces read as if they were one, and a draft woven of them."""

import hashlib
import io
import random
import re
from concurrent.futures import ThreadPoolExecutor

import pikepdf
import pytest

from chassis.clock import utc_now
from chassis.objects.directory import DirectoryObjects
from chassis.objects.durable import opened
from ecopy.refusals import Reason, Refusal
from signing.adapters.composer import compose
from signing.adapters.objects import HELD_BYTES, StoredOriginals
from signing.domain.copies import OrderedOriginal
from signing.domain.rope import MemoryOctets, Rope, Stretch
from support import build
from support.originals import ScanImage, full_page, jpeg, one_of_each_kind, original_of


@pytest.fixture
def threads():
    with ThreadPoolExecutor(1) as pool:
        yield pool


def test_pieces_are_read_as_one(tmp_path):
    """In memory, in a file, a stretch of either, empty ones between; any range."""
    content, chance = random.Random(4).randbytes(5000), random.Random(5)
    (tmp_path / "file").write_bytes(content)
    with opened(tmp_path / "file") as source:
        rope = Rope(
            [
                MemoryOctets(content[:1000]),
                Stretch(source, 1000, 1500),
                MemoryOctets(b""),
                Stretch(MemoryOctets(content), 2500, 2400),
            ]
        ).extended(content[4900:])
        assert rope.size == len(content)
        assert bytes(rope) == content
        for _ in range(300):
            start, length = chance.randrange(5000), chance.randrange(3000)
            assert bytes(rope.read(start, length)) == content[start : start + length]
    assert bytes(Rope([])) == b""
    assert Rope([]).read(0, 9) == b""


def test_extending_leaves_the_shorter_one_as_it_was():
    short = Rope([MemoryOctets(b"draft")])
    assert bytes(short.extended(b" sealed")) == b"draft sealed"
    assert bytes(short) == b"draft"


def test_a_draft_holds_no_image_of_its_own():
    """What is in memory beside the original is the skeleton; qpdf finds no fault."""
    content, manifest = original_of(one_of_each_kind())
    order = build.ordered(manifest=manifest)
    original = OrderedOriginal(MemoryOctets(content), order.original.sha256)
    draft = compose(original, order, utc_now()).content
    images = [image for page in manifest for image in page.images]
    stretches = [part for part in draft._parts if isinstance(part, Stretch)]
    assert sorted(
        hashlib.sha256(part.read(0, part.size)).hexdigest() for part in stretches
    ) == sorted(image.sha256 for image in images)
    assert all(part.of is original.content for part in stretches)
    with pikepdf.open(io.BytesIO(bytes(draft))) as pdf:
        assert pdf.check_pdf_syntax() == []
        table = pdf.get_xref_table()
    for (number, _), entry in table.items():
        assert bytes(draft.read(entry.offset, 20)).startswith(b"%d 0 obj\n" % number)


async def test_a_large_original_is_never_held(tmp_path, threads):
    """Its draft, composed from a file, is that of the same bytes in memory."""
    filler = bytes(HELD_BYTES // 2)
    images = [jpeg(n) for n in (1, 2)]
    pages = [
        full_page(ScanImage(image.content + filler, image.size)) for image in images
    ]
    content, manifest = original_of(pages)
    digest = hashlib.sha256(content).hexdigest()
    ref = build.ref(content).model_copy(update={"key": "originals/large.pdf"})
    store = DirectoryObjects(tmp_path)
    await store.put(ref.key, content)
    order = build.ordered(manifest=manifest, original=ref)
    at = utc_now()
    async with StoredOriginals(store, threads).open(ref) as original:
        assert not isinstance(original.content, MemoryOctets)
        drafts = [
            bytes(compose(one, order, at).content)
            for one in (original, OrderedOriginal(MemoryOctets(content), digest))
        ]
    ids = re.compile(rb"/ID \[<.*?>\]")
    assert ids.sub(b"", drafts[0]) == ids.sub(b"", drafts[1])


async def test_an_original_is_the_ordered_one_or_is_not_opened(tmp_path, threads):
    content, _ = original_of([full_page(jpeg())])
    ref = build.ref(content).model_copy(update={"key": "originals/one.pdf"})
    store = DirectoryObjects(tmp_path)
    originals = StoredOriginals(store, threads)
    with pytest.raises(Refusal) as missing:
        async with originals.open(ref):
            pass
    await store.put(ref.key, content[:-1] + b"?")
    with pytest.raises(Refusal) as changed:
        async with originals.open(ref):
            pass
    await store.delete(ref.key)
    await store.put(ref.key, content + b"?")
    with pytest.raises(Refusal) as longer:
        async with originals.open(ref):
            pass
    assert missing.value.reason is Reason.ORIGINAL_MISSING
    assert changed.value.reason is longer.value.reason is Reason.ORIGINAL_MISMATCH
