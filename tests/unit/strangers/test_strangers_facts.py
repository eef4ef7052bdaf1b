"""What pyHanko says of files that strangers signed: facts, never a verdict."""

import io
import random
import tarfile
import time
from pathlib import Path

import pikepdf
import pytest

from corpus import signed
from strangers import hanko
from strangers.facts import Findings
from support.settings import share

PERSON, OFFICE = "Trần Thị Bích Hạnh", "Sở Tư pháp tỉnh Lâm Sơn"
CA, ROOT = "SaoMai-CA SHA-256", "Gốc Thử Nghiệm Sao Mai"


COPIES = Path(__file__).parents[2] / "corpus/files/copies/2-base-by-us.tar.xz"


def read(data):
    reports: list[Findings] = []
    hanko.read(io.BytesIO(data), reports.append)
    return reports[-1]


def only(data):
    found = read(data)
    assert (found.outcome, found.more, found.whole) == ("read", 0, True)
    (one,) = found.signatures
    return one


def test_a_signed_file_names_its_signer_and_who_certified_them():
    """Name, organisation, authorities up to the root, dates, reason, place."""
    one = only(signed.plain())
    assert one.kind == "signature"
    assert one.signer.subject.name == PERSON
    assert one.signer.subject.organisation == "Văn phòng Luật Hoa Sen"
    assert one.signer.subject.country == "VN"
    assert one.signer.issuer.name == CA
    assert [issuer.name for issuer in one.signer.issuers] == [CA, ROOT]
    assert one.signer.ends == "root"
    assert one.signer.not_before < one.claimed_at < one.signer.not_after
    assert (one.purpose, one.place) == ("Tôi đồng ý", "Đà Lạt")
    assert (one.field, one.stamp, one.docmdp) == ("Chu ky 1", None, 0)


def test_no_personal_number_is_repeated():
    """The certificate holds the signer's citizen number; no fact does."""
    assert b"001085012345" in signed.strangers_pki.person().asn1_certificate.dump()
    assert "001085012345" not in read(signed.plain()).model_dump_json()


@pytest.mark.parametrize(
    ("make", "intact", "coverage", "later", "unchanged"),
    [
        (signed.plain, "yes", "file", "none", "yes"),
        (signed.stamped, "yes", "file", "none", "yes"),
        (signed.self_signed, "yes", "file", "none", "yes"),
        (signed.without_issuers, "yes", "file", "none", "yes"),
        (signed.expired, "yes", "file", "none", "yes"),
        (signed.certified, "yes", "file", "none", "yes"),
        (signed.certified_then_filled, "yes", "revision", "form", "no"),
        (signed.text_added, "yes", "revision", "other", "no"),
        (signed.bytes_altered, "no", "file", "none", "no"),
        (signed.signature_altered, "no", "file", "none", "no"),
        (signed.only_stamped, "yes", "file", "none", "yes"),
        (signed.hidden_gap, "unsaid", "part", "unsaid", "unsaid"),
        (signed.borrowed_gap, "unsaid", "part", "unsaid", "unsaid"),
        (signed.overlapping_range, "unsaid", "part", "unsaid", "unsaid"),
        (signed.range_beyond_the_end, "unsaid", "part", "unsaid", "unsaid"),
        (signed.encrypted, "unsaid", "part", "unsaid", "unsaid"),
        (signed.broken_cms, "unsaid", "unsaid", "unsaid", "unsaid"),
    ],
)
def test_whether_the_file_is_as_it_was_signed(make, intact, coverage, later, unchanged):
    """Each way to change a file after its signature has its own facts."""
    one = only(make())
    assert (one.intact, one.coverage, one.later) == (intact, coverage, later)
    assert one.unchanged == unchanged
    assert (one.reason == "") == (intact != "unsaid")


@pytest.mark.parametrize("algorithm", ["rsa", "rsa-pss", "ecdsa", "ed25519"])
def test_every_usual_algorithm_is_read(algorithm):
    one = only(signed.by_algorithm(algorithm))
    assert (one.intact, one.signer.ends) == ("yes", "root")


def test_a_signature_and_a_seal_are_told_apart():
    """In the order in which they were made; the second was added after the first."""
    found = read(signed.signed_and_sealed())
    assert [(one.kind, one.signer.subject.name) for one in found.signatures] == [
        ("signature", PERSON),
        ("seal", OFFICE),
    ]
    assert [one.unchanged for one in found.signatures] == ["no", "yes"]
    assert found.signatures[0].later_revisions == 1
    assert only(signed.seal_by_statement()).kind == "seal"


def test_both_times_are_given_and_told_apart():
    """The signer's clock, and the timestamp with the name of its authority."""
    one = only(signed.stamped())
    assert one.claimed_at != one.stamp.at
    assert one.stamp.at == signed.SIGNED
    assert one.stamp.authority.subject.name == "SaoMai-TSA 2"
    assert one.stamp.fits == "yes"
    assert only(signed.only_stamped()).kind == "document-timestamp"


def test_who_stands_behind_a_certificate():
    """Itself, nobody in the file, or a chain up to a root that anybody could make."""
    assert only(signed.self_signed()).signer.ends == "self-signed"
    alone = only(signed.without_issuers()).signer
    assert (alone.ends, alone.issuers, alone.issuer.name) == ("open", (), CA)


def test_what_the_signer_allowed_is_stated():
    assert only(signed.certified()).docmdp == 2


def test_a_copy_of_ours_is_read_like_any_other():
    """Signature, seal, both timestamps; after a tool saved it anew nothing fits."""
    with tarfile.open(COPIES) as opened:
        member = next(one for one in opened if one.name.endswith("flate.pdf.pdf"))
        copy = opened.extractfile(member).read()
    found = read(copy).signatures
    assert [one.kind for one in found] == ["signature", "seal"]
    assert [(one.intact, one.stamp.fits) for one in found] == [("yes", "yes")] * 2
    assert [one.later for one in found] == ["form", "proofs"]
    saved = io.BytesIO()
    with pikepdf.open(io.BytesIO(copy)) as pdf:
        pdf.save(saved)
    again = read(saved.getvalue()).signatures
    assert [(one.intact, one.reason) for one in again] == [("unsaid", "byte-range")] * 2


def test_usage_rights_are_called_so():
    """They stand outside every field, and are no person's signature."""
    found = read(signed.with_usage_rights()).signatures
    assert [one.kind for one in found] == ["signature", "usage-rights"]
    assert [one.intact for one in found] == ["yes", "yes"]
    assert [one.unchanged for one in found] == ["no", "no"]


def test_of_two_tables_in_one_file_nothing_is_said():
    """Which revision shows what depends on the reader: the signed part is unchanged,
    and of the rest nothing can be said.
    """
    one = only(signed.hybrid())
    assert (one.intact, one.coverage, one.later) == ("yes", "unsaid", "unsaid")
    assert (one.state, one.unchanged) == ("part", "unsaid")


def test_an_old_encoding_is_named_and_not_judged():
    one = only(signed.old_format())
    assert (one.intact, one.reason) == ("unsaid", "format")


def test_names_cannot_do_harm():
    """No control, no turned direction, no second line, no endless text."""
    one = only(signed.harmful_names())
    for text in (one.purpose, one.place):
        assert len(text) <= 120
        assert not set(text) & set("\u202e\u2066\x07\x1b\n\r")
        assert text.startswith("Sở Tư pháp")


def test_only_so_many_are_explained():
    """Twenty signatures one by one, the others counted."""
    found = read(signed.many_signatures(22))
    assert (len(found.signatures), found.more) == (20, 2)


@pytest.mark.parametrize(
    ("make", "outcome"),
    [
        (signed.unsigned, "none"),
        (signed.form_removed, "none"),
        (signed.locked, "encrypted"),
        (signed.nested, "unreadable"),
        (lambda: b"\xff\xd8\xff\xe0 a photo, named .pdf", "unreadable"),
        (lambda: b"", "unreadable"),
    ],
)
def test_what_cannot_be_read_says_so(make, outcome):
    assert read(make()).outcome == outcome


def test_a_file_that_turns_in_circles_is_answered():
    assert read(signed.circular()).outcome in ("read", "none", "unreadable")


def test_the_cheap_facts_are_reported_before_the_slow_ones():
    """Should the time end in the difference analysis, the names are there."""
    reports: list[Findings] = []
    hanko.read(io.BytesIO(signed.signed_and_sealed()), reports.append)
    first, last = reports
    assert (first.whole, last.whole) == (False, True)
    assert first.signatures[0].signer == last.signatures[0].signer
    assert first.signatures[0].later == "unsaid"


def _damaged(data, chance):
    if chance.random() < 0.3:
        return data[: chance.randrange(len(data))]
    broken = bytearray(data)
    # Two thirds of the damage near the end, where the signature's own objects stand.
    start = len(data) - 12_000 if chance.random() < 0.7 else 0
    for _ in range(chance.randrange(1, 12)):
        broken[chance.randrange(start, len(data))] = chance.randrange(256)
    return bytes(broken)


@pytest.mark.parametrize("seed", range(10))
@pytest.mark.drawn
def test_damage_never_gives_more_than_facts_or_a_sentence(seed):
    """Thirty truncated or altered files each: an answer, soon, that can be shown."""
    chance = random.Random(seed)
    makers = (signed.stamped, signed.signed_and_sealed, signed.certified_then_filled)
    for _ in range(share(30)):
        data = _damaged(chance.choice(makers)(), chance)
        started = time.process_time()
        found = read(data)
        assert time.process_time() - started < 5
        assert Findings.model_validate_json(found.model_dump_json()) == found


@pytest.mark.parametrize("seed", range(100, 104))
@pytest.mark.drawn
def test_no_altered_byte_goes_unnoticed(seed):
    """One byte outside the signature itself is another one: never *unchanged*."""
    chance = random.Random(seed)
    good = signed.stamped()
    gap = signed.CONTENTS.search(good)
    for _ in range(share(25)):
        at = chance.choice(
            [chance.randrange(gap.start(1)), chance.randrange(gap.end(1), len(good))]
        )
        altered = bytearray(good)
        altered[at] ^= 1 << chance.randrange(8)
        found = read(bytes(altered))
        assert [one for one in found.signatures if one.unchanged == "yes"] == []
