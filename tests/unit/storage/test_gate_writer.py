"""Writer and gate agree: what signing makes of each kind of scan, the gate passes.

Two codes that share nothing but docs/dialect.md; run it after any upgrade of typst,
pikepdf or cryptography.
"""

import random
import re
from hashlib import sha256
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from storage.domain.gate import Refused, compile_trust, gate
from storage.domain.verdict import VerdictCode
from support.authority import authority
from support.originals import ScanPage, full_page, jpeg, one_of_each_kind, palette_image
from support.sealed import sealed_copy
from support.settings import share
from support.verdicts import verdict_on

FLIPS = 400


@pytest.fixture(scope="module")
def pki(tmp_path_factory):
    folder: Path = tmp_path_factory.mktemp("authority")
    with authority(folder) as served:
        yield served


@pytest.fixture(scope="module")
def each_kind(pki):
    return sealed_copy(pki, one_of_each_kind())


def test_each_kind_of_scan_passes(each_kind):
    """Colour, grey, fax, flate, strips, every rotation, a landscape A5."""
    data = each_kind.content
    trust = compile_trust(each_kind.trust)
    passed = gate(data, each_kind.order, trust, sha256(data).hexdigest())
    assert passed.pages == len(each_kind.order.manifest) + 1


def test_palettes_and_pictures_placed_in_any_way_pass(pki):
    """Two depths of palette; mirrored, turned and skewed; one picture on all pages,
    which is one object of the copy.
    """
    picture, other = palette_image(4, 11), palette_image(1, 2, seed=2)
    placements = [
        (-400.0, 0, 0, 600.0, 500, 100),
        (0, 400.0, -600.0, 0, 600, 100),
        (399.8, 12.5, -18.7, 599.7, 90, 100),
        (400.0, 0, 40.0, 600.0, 60, 100),
    ]
    pages = [
        ScanPage([(picture, matrix), (other, (50.0, 0, 0, 50.0, 5, 5))], rotation=turn)
        for matrix, turn in zip(placements, (0, 90, 180, 270), strict=True)
    ]
    made = sealed_copy(pki, pages)
    data = made.content
    assert data[: data.index(b"%%EOF")].count(b"/Subtype /Image") == 2
    trust = compile_trust(made.trust)
    assert gate(data, made.order, trust, sha256(data).hexdigest()).pages == 5


@pytest.mark.parametrize("level", ["B-LT", "B-LTA"])
@pytest.mark.parametrize("template", ["clause/1", "clause/2", "clause/3", "clause/4"])
def test_each_layout_passes_with_its_own_fields(pki, template, level):
    """Where the writer puts the fields is where the gate looks for them, and nowhere
    else: under another layout's name the same file is refused."""
    plain = sealed_copy(pki).order.clause
    clause = plain.model_copy(update={"template": template})
    made = sealed_copy(pki, clause=clause, level=level)
    trust, digest = compile_trust(made.trust), sha256(made.content).hexdigest()
    assert gate(made.content, made.order, trust, digest).pages == 2
    other = "clause/1" if template in ("clause/3", "clause/4") else "clause/3"
    elsewhere = clause.model_copy(update={"template": other})
    with pytest.raises(Refused) as refused:
        gate(
            made.content,
            made.order.model_copy(update={"clause": elsewhere}),
            trust,
            digest,
        )
    assert refused.value.reason == "info"


@pytest.mark.parametrize("demo", [True, False])
def test_a_page_passes_with_and_without_the_demo_line(pki, demo):
    """The footer's words differ; its shape does not."""
    made = sealed_copy(pki, [full_page(jpeg())], demo=demo)
    data = made.content
    passed = gate(data, made.order, compile_trust(made.trust), sha256(data).hexdigest())
    assert passed.officer_at <= passed.seal_at


def test_a_copy_whose_clause_page_was_filled_in_passes(pki):
    """The third of a kind is not typeset (decision 0017); its shape is the same."""
    for code in ("7K2F9MQX4TBD", "A0B1C3D4E5G6", "QQWWMMZZVV88"):
        made = sealed_copy(pki, [full_page(jpeg())], code=code)
    digest = sha256(made.content).hexdigest()
    passed = gate(made.content, made.order, compile_trust(made.trust), digest)
    assert passed.pages == 2


@pytest.mark.drawn
def test_a_bit_flipped_anywhere_is_refused(pki, each_kind):
    """400 places by a seeded hand, and each certificate that a token carries; left out
    is the free half of the last /ID.
    """
    data, chance = each_kind.content, random.Random(400)
    trust = compile_trust(each_kind.trust)
    end = data.rindex(b"]>>\nstartxref") - 1
    free = range(end - 32, end)
    idle = pki.certificate("issuing").public_bytes(Encoding.DER).hex().encode()
    unsigned = [found.start() + 300 for found in re.finditer(idle, data)]
    assert len(unsigned) > 2
    for at in (*unsigned, *(chance.randrange(len(data)) for _ in range(share(FLIPS)))):
        if at in free:
            continue
        flipped = bytearray(data)
        flipped[at] ^= 1 << chance.randrange(8)
        edited = bytes(flipped)
        with pytest.raises(Refused) as refused:
            gate(edited, each_kind.order, trust, sha256(edited).hexdigest())
        assert refused.value.reason != "unexpected", refused.value.detail


def test_the_writers_signatures_are_found_in_a_cut_copy(each_kind):
    """Not archived, cut back to the officer's revision: signed by us, changed."""
    data = each_kind.content
    second = data.index(b"%%EOF\n", data.index(b"%%EOF\n") + 1) + 6
    cut = data[:second]
    verdict = verdict_on(cut, trust=compile_trust(each_kind.trust))
    assert verdict.code is VerdictCode.CHANGED
    assert verdict.signers == (each_kind.order.officer.certificate_sha256,)
