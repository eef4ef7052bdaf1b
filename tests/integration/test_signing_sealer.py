"""The real sealer over a served authority; pyHanko and qpdf are the second opinion."""

import asyncio
import contextlib
import hashlib
import io
import json
import re
import shutil
import subprocess
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from PIL import Image
from pyhanko.keys import load_cert_from_pemder
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko_certvalidator import ValidationContext
from pyhanko_certvalidator.registry import SimpleCertificateStore

from chassis.clock import utc_now
from chassis.starting import CannotStart
from ecopy.refusals import Hindrance, Reason, Refusal, Trouble
from onebox.certificates import issue, name_of
from onebox.pki_server import PkiAnswers, PkiServer
from onebox.revocation import load_party
from signing.adapters import keyring, keys
from signing.adapters.authorities.governor import RequestLimits
from signing.adapters.authorities.http_client import UnreachableError
from signing.adapters.authorities.security_stores import SecurityStores, UnprovedError
from signing.adapters.authorities.timestamp_tokens import TokenRules
from signing.adapters.authorities.timestamps import Timestamps
from signing.adapters.cms import certificate_chains
from signing.adapters.cms.signed_data import CmsTemplate
from signing.adapters.composer import compose
from signing.adapters.key_caps import KeyCaps
from signing.domain.copies import OrderedOriginal
from signing.domain.rope import MemoryOctets
from storage.domain.gate import compile_trust, gate
from support.authority import Pki, authority
from support.orders import order_of
from support.originals import full_page, jpeg, one_of_each_kind, original_of
from support.sealed import sealed_copy, sealer_of
from support.servers import free_port
from support.settings import found


@pytest.fixture(scope="module")
def pki(tmp_path_factory):
    with authority(tmp_path_factory.mktemp("authority")) as served:
        yield served


@pytest.fixture(scope="module")
def copy(pki):
    return sealed_copy(pki, one_of_each_kind())


@pytest.fixture
def threads():
    with ThreadPoolExecutor(2) as pool:
        yield pool


@pytest.fixture
def work(pki):
    """A draft and its order."""
    original, manifest = original_of([full_page(jpeg())])
    order = order_of(pki, original, manifest)
    draft = compose(
        OrderedOriginal(MemoryOctets(original), order.original.sha256), order, utc_now()
    )
    return draft, order


async def test_the_draft_stands_unchanged_at_the_beginning(pki, threads, work):
    """What is sealed begins with every byte of what was composed."""
    draft, order = work
    sealer = sealer_of(pki, threads)
    sealed = await sealer.seal(draft, sealer.signatories(order, utc_now()))
    composed = bytes(draft.content)
    assert bytes(sealed.content)[: len(composed)] == composed
    assert len(composed) < sealed.content.size


def test_each_revision_starts_where_the_one_before_ends(copy):
    """Four of them; the digest is as announced."""
    ends = [m.end() for m in re.finditer(rb"startxref\n\d+\n%%EOF\n", copy.content)]
    assert len(ends) == 4
    assert ends[-1] == len(copy.content)
    for end in ends[:-1]:
        assert re.match(rb"\d+ 0 obj\n", copy.content[end : end + 20])
    assert hashlib.sha256(copy.content).hexdigest() == copy.sealed.sha256


def test_each_byte_range_ends_at_its_own_revisions_end(copy):
    ends = [m.end() for m in re.finditer(rb"%%EOF\n", copy.content)]
    ranges = re.findall(rb"/ByteRange\[0 (\d+) (\d+) (\d+) *\]", copy.content)
    assert [int(b) + int(c) for _, b, c in ranges] == ends[1:3]
    for a, b, _ in ranges:
        hole = copy.content[int(a) : int(b)]
        assert re.fullmatch(rb"<[0-9a-f]+>", hole)


def test_the_visible_time_is_the_signed_time(copy):
    """Dialect section 4: the line's text equals /M."""
    signed = re.findall(rb"/M\(D:(\d{14})\+07'00'\)", copy.content)
    shown = re.findall(rb"\((\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)\+07:00\)Tj", copy.content)
    assert [re.sub(rb"[-:T]", b"", s) for s in shown] == signed
    assert len(signed) == 2


def test_the_pins_can_be_found_again_in_the_file(copy):
    """The dialect's canonical digest, computed from the file's bytes alone."""
    entries = re.findall(rb"/BBox\[0 0 220 170\]/Resources (\d+) 0 R", copy.content)
    forms = re.findall(
        rb"\n(\d+) 0 obj\n<</Type/XObject/Subtype/Form/BBox", copy.content
    )
    pins = [i.appearance_sha256 for i in copy.trust.identities]
    found_pins = [
        _digest(copy.content, int(first), int(form) - int(first))
        for first, form in zip(entries, forms, strict=True)
    ]
    assert found_pins == pins


def _digest(content, first, count):
    canonical = hashlib.sha256()
    for index in range(count):
        start = content.index(b"\n%d 0 obj\n" % (first + index)) + 1
        end = content.index(b"\nendobj\n%d 0 obj\n" % (first + index + 1), start)
        head, mark, stream = content[start:end].partition(b"\nstream\n")
        body = head.partition(b" 0 obj\n")[2]
        renumbered = re.sub(
            rb"(\d+) 0 R", lambda m: b"%d 0 R" % (int(m[1]) - first), body
        )
        canonical.update(
            b"%d 0 obj\n%b\nendobj\n" % (index, renumbered + mark + stream)
        )
    return canonical.hexdigest()


def test_qpdf_finds_nothing_wrong(copy, tmp_path):
    path = tmp_path / "copy.pdf"
    path.write_bytes(copy.content)
    qpdf = found("qpdf", "usr/bin/qpdf")
    checked = subprocess.run([qpdf, "--check", path], capture_output=True, check=False)
    assert checked.returncode == 0, checked.stdout


@pytest.mark.parametrize("index", [0, 1])
def test_pyhanko_finds_the_signature_sound(pki, copy, index):
    """Integrity, DocMDP, trust with the embedded answers alone, and the timestamp."""
    reader = PdfFileReader(io.BytesIO(copy.content), strict=True)
    root = load_cert_from_pemder(str(pki.folder / "root.pem"))
    registry = SimpleCertificateStore()
    context = ValidationContext(
        trust_roots=[root],
        allow_fetching=False,
        revocation_mode="soft-fail",
        other_certs=registry,
    )
    status = validate_pdf_signature(reader.embedded_signatures[index], context)
    assert status.intact
    assert status.valid
    assert status.trusted
    assert status.docmdp_ok
    assert status.timestamp_validity.valid
    assert status.bottom_line


def test_summaries_say_who_signed_and_who_stamped(copy):
    officer, seal = copy.sealed.signatures
    assert (officer.role, officer.subject_name) == ("officer", "Phạm Quốc Vĩnh")
    assert seal.role == "seal"
    assert "TSA" in seal.tsa_name
    assert officer.certificate_sha256 == copy.order.officer.certificate_sha256


def test_the_order_names_the_wrong_officer(pki, threads):
    """Another name, version or certificate than the key's: refused by the key ring."""
    original, manifest = original_of([full_page(jpeg())])
    order = order_of(pki, original, manifest)
    ring = sealer_of(pki, threads).keyring
    for change in (
        {"name": "Người Khác"},
        {"version": "2"},
        {"certificate_sha256": "0" * 64},
        {"title_lines": ("CHỦ TỊCH",)},
    ):
        officer = order.officer.model_copy(update=change)
        wrong = order.model_copy(update={"officer": officer})
        with pytest.raises(Refusal) as caught:
            ring.signatories(wrong, utc_now())
        assert caught.value.reason is Reason.CERTIFICATE_MISMATCH
    gone = order.model_copy(
        update={"officer": order.officer.model_copy(update={"key": "gone"})}
    )
    with pytest.raises(Refusal) as caught:
        ring.signatories(gone, utc_now())
    assert caught.value.reason is Reason.KEY_MISSING


def test_a_development_key_signs_no_copy_that_hides_it(pki, threads):
    """The order must say demo under a development authority: each page then does."""
    original, manifest = original_of([full_page(jpeg())])
    order = order_of(pki, original, manifest, demo=False)
    with pytest.raises(Refusal) as caught:
        sealer_of(pki, threads).signatories(order, utc_now())
    assert caught.value.reason is Reason.CERTIFICATE_MISMATCH


def test_a_drawing_that_is_not_the_pinned_one_closes_its_key_alone(pki):
    """Checked at start, not after a key was used; the others go on."""
    first, second = pki.trust.identities
    wrong = first.model_copy(update={"appearance_sha256": "0" * 64})
    trust = pki.trust.model_copy(update={"identities": (wrong, second)})
    ring = keyring.assembled(
        keys.load(pki.keys_file), trust, certificate_chains.parsed(trust.signers)
    )
    _is_closed(ring, pki, first.role)


@pytest.mark.parametrize("image", [None, b"no image", "large"])
def test_a_picture_that_can_not_be_used_closes_its_key_alone(pki, image):
    """Missing, none, or larger than its room: told by the file's name."""
    picture = pki.folder / "stamp.png"
    picture.unlink(missing_ok=True)
    if image == "large":
        Image.new("L", (9, 9)).save(picture, dpi=(1, 1))
    elif image is not None:
        picture.write_bytes(image)
    text = pki.keys_file.read_text()
    other = pki.folder / "pictured.toml"
    other.write_text(
        text.replace('role = "seal"', 'role = "seal"\nimage = "stamp.png"')
    )
    assert other.read_text() != text
    ring = keyring.assembled(
        keys.load(other), pki.trust, certificate_chains.parsed(pki.trust.signers)
    )
    assert "stamp.png" in _is_closed(ring, pki, "seal")


def _is_closed(ring, pki, role):
    """Of this role, and the other one is open; what a person reads."""
    original, manifest = original_of([full_page(jpeg())])
    with pytest.raises(Refusal) as caught:
        ring.signatories(order_of(pki, original, manifest), utc_now())
    assert caught.value.reason is Reason.APPEARANCE_UNUSABLE
    (left,) = {"officer", "seal"} - {role}
    assert [hand.pin.role for hand in ring.values()] == [left]
    return caught.value.detail


@pytest.mark.parametrize(
    ("line", "instead", "reason"),
    [
        ('"officer.password"', '"seal.password"', Reason.KEY_LOCKED),
        ('"officer.p12"', '"gone.p12"', Reason.KEY_MISSING),
        ('"officer.password"', '"gone.password"', Reason.KEY_MISSING),
        ('"officer.p12"', '"root.pem"', Reason.KEY_LOCKED),
    ],
)
def test_a_key_that_does_not_open_is_refused(pki, line, instead, reason):
    """Orders that name it are refused, with the files and never the password; another
    officer's would go on.
    """
    other = pki.folder / "wrong.toml"
    other.write_text(pki.keys_file.read_text().replace(line, instead))
    ring = keyring.assembled(
        keys.load(other), pki.trust, certificate_chains.parsed(pki.trust.signers)
    )
    original, manifest = original_of([full_page(jpeg())])
    with pytest.raises(Refusal) as caught:
        ring.signatories(order_of(pki, original, manifest), utc_now())
    assert caught.value.reason is reason
    assert (pki.folder / "officer.password").read_text() not in str(caught.value)
    assert [hand.pin.role for hand in ring.values()] == ["seal"]


def test_a_certificate_that_is_not_the_pinned_one_is_refused(pki):
    """The officer's key id opens the seal's certificate, or one that nobody pinned."""
    swapped = pki.folder / "swapped.toml"
    text = pki.keys_file.read_text()
    text = text.replace('"officer.p12"', '"seal.p12"')
    swapped.write_text(text.replace('"officer.password"', '"seal.password"'))
    signers = certificate_chains.parsed(pki.trust.signers)
    nobody = pki.trust.model_copy(update={"identities": pki.trust.identities[1:]})
    original, manifest = original_of([full_page(jpeg())])
    order = order_of(pki, original, manifest)
    for file, trust in ((swapped, pki.trust), (pki.keys_file, nobody)):
        ring = keyring.assembled(keys.load(file), trust, signers)
        with pytest.raises(Refusal) as caught:
            ring.signatories(order, utc_now())
        assert caught.value.reason is Reason.CERTIFICATE_MISMATCH


def test_a_keys_file_that_makes_no_sense_stops_the_start(tmp_path):
    file = tmp_path / "keys.toml"
    for text in ("[keys", "[keys.a]\nrole = 'officer'\n"):
        file.write_text(text)
        with pytest.raises(CannotStart, match=r"keys\.toml"):
            keys.load(file)


@pytest.mark.parametrize("days", [-400, 4000])
def test_a_certificate_out_of_its_time_is_refused(pki, threads, days):
    original, manifest = original_of([full_page(jpeg())])
    order = order_of(pki, original, manifest)
    ring = sealer_of(pki, threads).keyring
    with pytest.raises(Refusal) as caught:
        ring.signatories(order, utc_now() + timedelta(days=days))
    assert caught.value.reason is Reason.CERTIFICATE_EXPIRED


@pytest.mark.parametrize(
    ("party", "expected"),
    [
        ("officer", Reason.CERTIFICATE_REVOKED),
        ("seal", Reason.CERTIFICATE_REVOKED),
        ("issuing", Reason.CERTIFICATE_REVOKED),
        ("tsa", Hindrance.TSA),
    ],
)
async def test_a_revoked_certificate_never_signs(pki, threads, work, party, expected):
    """Asked before the key is used; the TSA's own is trouble, not a dead end."""
    _, order = work
    sealer = sealer_of(pki, threads)
    with _revoked(pki, party), pytest.raises((Refusal, Trouble)) as caught:
        await sealer.prepare(sealer.signatories(order, utc_now()))
    no = caught.value
    assert (no.reason if isinstance(no, Refusal) else no.hindrance) is expected


async def test_without_an_authority_no_key_is_used(pki, threads, work):
    """Nobody listens: prepare says so; and the next one in the list is asked."""
    _, order = work
    dead = f"http://127.0.0.1:{free_port()}/tsa"
    sealer = sealer_of(pki, threads, timestamps=_stamps(pki, dead))
    with pytest.raises(Trouble) as caught:
        await sealer.prepare(sealer.signatories(order, utc_now()))
    assert caught.value.hindrance is Hindrance.TSA
    both = sealer_of(pki, threads, timestamps=_stamps(pki, dead, pki.tsa_url))
    await both.prepare(both.signatories(order, utc_now()))


async def test_the_next_authority_serves_when_the_firsts_certificate_is_revoked(
    pki, threads, work, tmp_path
):
    """In the same prepare; the first then rests, and is not asked for stamps."""
    draft, order = work
    with _other_served(pki, tmp_path) as other:
        both = _Counted(pki, pki.tsa_url, other)
        sealer = sealer_of(pki, threads, timestamps=both.stamps)
        signatories = sealer.signatories(order, utc_now())
        with _revoked(pki, "tsa"):
            for _ in range(2):
                await sealer.prepare(signatories)
            copy = await sealer.seal(draft, signatories)
    assert both.asked == {pki.tsa_url: 1, other: 3}
    assert [s.tsa_name for s in copy.signatures] == ["The other TSA"] * 2
    measures = dict(both.stamps.measures())
    assert [v for k, v in measures.items() if 'kind="revoked"' in k] == [1]


async def test_the_next_authority_serves_when_the_first_is_not_proved(
    pki, threads, work, tmp_path
):
    """As long as nobody answers about its certificate, and asks for patience."""
    _, order = work
    with _other_served(pki, tmp_path) as other:
        both = _Counted(pki, pki.tsa_url, other)
        sealer = sealer_of(pki, threads, timestamps=both.stamps)
        silent = _SilentAbout(pki.certificate("tsa"), sealer.revocation)
        sealer = replace(sealer, revocation=silent)
        await sealer.prepare(sealer.signatories(order, utc_now()))
        assert both.asked == {pki.tsa_url: 1, other: 1}
        alone = replace(sealer, timestamps=_stamps(pki, pki.tsa_url))
        with pytest.raises(Trouble, match="unproved") as caught:
            await alone.prepare(sealer.signatories(order, utc_now()))
    assert caught.value.hindrance is Hindrance.TSA
    assert timedelta(seconds=110) < caught.value.again_in <= timedelta(seconds=120)


async def test_an_authority_revoked_after_the_probe_rests_too(
    pki, threads, work, tmp_path
):
    """The key was used, no copy came of it; the next delivery goes to the other."""
    draft, order = work
    with _other_served(pki, tmp_path) as other:
        both = _Counted(pki, pki.tsa_url, other)
        sealer = sealer_of(pki, threads, timestamps=both.stamps)
        signatories = sealer.signatories(order, utc_now())
        await sealer.prepare(signatories)
        with _revoked(pki, "tsa"):
            late = replace(sealer, revocation=SecurityStores(pki.web.fetch, utc_now))
            with pytest.raises(Trouble, match="revoked") as caught:
                await late.seal(draft, signatories)
            assert caught.value.hindrance is Hindrance.TSA
            assert (await late.seal(draft, signatories)).signatures
    assert both.asked == {pki.tsa_url: 3, other: 2}


async def test_revocation_that_cannot_be_had_is_trouble(pki, threads, work):
    _, order = work
    sealer = sealer_of(pki, threads)

    def nobody(call):
        raise UnreachableError(call.url)

    deaf = replace(sealer, revocation=SecurityStores(nobody, utc_now))
    with pytest.raises(Trouble) as caught:
        await deaf.prepare(deaf.signatories(order, utc_now()))
    assert caught.value.hindrance is Hindrance.REVOCATION


async def test_a_token_larger_than_its_room_is_tried_again_with_more(
    pki, threads, work
):
    """The first try fails whole, the next one keeps room for what was seen."""
    draft, order = work
    sealer = sealer_of(pki, threads)
    small = _Small(sealer.timestamps)
    tight = replace(sealer, timestamps=small)
    signatories = tight.signatories(order, utc_now())
    with pytest.raises(Trouble, match="larger than its room"):
        await tight.seal(draft, signatories)
    copy = await sealer.seal(draft, signatories)
    assert bytes(copy.content).endswith(b"%%EOF\n")


async def test_a_document_timestamp_larger_than_its_room_is_trouble(pki, threads):
    """The signatures had theirs; nothing of the try is a copy."""
    original, manifest = original_of([full_page(jpeg())])
    order = order_of(pki, original, manifest, level="B-LTA")
    ordered = OrderedOriginal(MemoryOctets(original), order.original.sha256)
    draft = compose(ordered, order, utc_now())
    shrinking = _Shrinking(_stamps(pki, pki.tsa_url))
    sealer = sealer_of(pki, threads, timestamps=shrinking)
    with pytest.raises(Trouble, match="larger than its room") as caught:
        await sealer.seal(draft, sealer.signatories(order, utc_now()))
    assert caught.value.hindrance is Hindrance.TSA


@pytest.mark.parametrize(("minutes", "sealed"), [(4, True), (-4, True), (6, False)])
async def test_a_stamp_far_from_the_shown_time_is_no_stamp(
    pki, threads, work, minutes, sealed
):
    """The gate takes five minutes between a token and /M: more is not signed away."""
    draft, order = work
    sealer = sealer_of(
        pki, threads, clock=lambda: utc_now() + timedelta(minutes=minutes)
    )
    signatories = sealer.signatories(order, utc_now())
    if sealed:
        assert (await sealer.seal(draft, signatories)).signatures
        return
    with pytest.raises(Trouble, match="genTime") as caught:
        await sealer.seal(draft, signatories)
    assert caught.value.hindrance is Hindrance.TSA


async def test_the_key_of_another_place_is_refused_before_its_signature_leaves(
    pki, threads, work
):
    """The officer's place has the seal's key: a person must mend it, a retry would only
    use that key once more.
    """
    draft, order = work
    sealer = sealer_of(pki, threads)
    officer, seal = sealer.keyring.values()
    wrong = keyring.Keyring([replace(officer, signer=seal.signer), seal], (), demo=True)
    swapped = replace(sealer, keyring=wrong)
    with pytest.raises(Refusal) as caught:
        await swapped.seal(draft, swapped.signatories(order, utc_now()))
    assert caught.value.reason is Reason.CERTIFICATE_MISMATCH
    assert officer.pin.key in caught.value.detail


async def test_a_key_at_its_cap_is_neither_prepared_nor_used(pki, threads, work):
    """One copy in an hour: asking does not count, sealing does, for both keys."""
    draft, order = work
    caps = KeyCaps(1, utc_now)
    sealer = sealer_of(pki, threads, caps=caps)
    signatories = sealer.signatories(order, utc_now())
    for _ in range(3):
        await sealer.prepare(signatories)
    await sealer.seal(draft, signatories)
    assert {left for _, left in caps.measures()} == {0}
    for again in (sealer.prepare(signatories), sealer.seal(draft, signatories)):
        with pytest.raises(Trouble) as caught:
            await again
        assert caught.value.hindrance is Hindrance.RATE_CAP
        assert timedelta(minutes=59) < caught.value.again_in <= timedelta(hours=1)


@pytest.mark.parametrize(("level", "stamps"), [("B-T", 2), ("B-LT", 2), ("B-LTA", 3)])
async def test_all_timestamps_of_a_level_are_reserved_before_a_key_is_used(
    pki, threads, level, stamps
):
    """A budget of one less: no request, no signature, and the key is not counted."""
    original, manifest = original_of([full_page(jpeg())])
    order = order_of(pki, original, manifest, level=level)
    ordered = OrderedOriginal(MemoryOctets(original), order.original.sha256)
    draft = compose(ordered, order, utc_now())
    caps, asked = KeyCaps(9, utc_now), []

    def fetch(call):
        asked.append(call.url)
        return pki.web.fetch(call)

    rules = TokenRules(certificate_chains.parsed(pki.trust.timestamps))
    few = {pki.tsa_url: RequestLimits(requests=stamps - 1)}
    timestamps = Timestamps((pki.tsa_url,), rules, fetch, utc_now, limits=few)
    sealer = sealer_of(pki, threads, caps=caps, timestamps=timestamps)
    with pytest.raises(Trouble) as caught:
        await sealer.seal(draft, sealer.signatories(order, utc_now()))
    assert caught.value.hindrance is Hindrance.TSA
    assert asked == []
    assert dict(caps.measures()) == {}


def test_a_key_under_a_chain_that_does_not_stand_is_refused(pki):
    """The certificate is valid; what the operator pinned above it has ended, has not
    begun, or is not there.
    """
    original, manifest = original_of([full_page(jpeg())])
    order, now = order_of(pki, original, manifest), utc_now()
    (chain,) = pki.trust.signers
    for changes, reason in (
        ({"valid_until": now - timedelta(hours=1)}, Reason.CERTIFICATE_EXPIRED),
        ({"valid_from": now + timedelta(hours=1)}, Reason.CERTIFICATE_EXPIRED),
        (None, Reason.CERTIFICATE_MISMATCH),
    ):
        chains = () if changes is None else (chain.model_copy(update=changes),)
        ring = keyring.assembled(
            keys.load(pki.keys_file), pki.trust, certificate_chains.parsed(chains)
        )
        with pytest.raises(Refusal) as caught:
            ring.signatories(order, now)
        assert caught.value.reason is reason


def test_a_certificate_that_may_not_sign_is_refused(pki, threads):
    """Pinned, alive, under our chain; its usage is another, or it is an authority's."""
    original, manifest = original_of([full_page(jpeg())])
    order = order_of(pki, original, manifest)
    officer, seal = sealer_of(pki, threads).keyring.values()
    issuing, now = load_party(pki.folder, "issuing"), utc_now()
    start = now - timedelta(hours=1)
    for extensions in ([], [(x509.BasicConstraints(ca=True, path_length=None), True)]):
        key = ec.generate_private_key(ec.SECP256R1())
        unfit = issue(
            "officer",
            name_of("officer"),
            key,
            issuing,
            start=start,
            extensions=extensions,
        )
        identity = CmsTemplate(unfit.certificate, officer.chain.intermediates)
        wrong = replace(officer, template=identity)
        ring = keyring.Keyring([wrong, seal], (), demo=True)
        with pytest.raises(Refusal) as caught:
            ring.signatories(order, now)
        assert caught.value.reason is Reason.CERTIFICATE_USAGE


class _Shrinking:
    """Room for two tokens, then for none."""

    def __init__(self, real: Timestamps) -> None:
        self.ready, self.reserve = real.ready, real.reserve
        self._real, self._stamped = real, 0

    @property
    def room(self) -> int:
        return 8192 if self._stamped < 2 else 100

    def stamp(self, content: bytes):
        self._stamped += 1
        return self._real.stamp(content)


class _Turns:
    """Another authority answers from the third token on."""

    def __init__(self, first: Timestamps, then: Timestamps) -> None:
        self._first, self._then, self._asked = first, then, 0
        self.ready, self.room = first.ready, then.room
        self.reserve = first.reserve

    def stamp(self, content: bytes):
        self._asked += 1
        turn = self._first if self._asked <= 2 else self._then
        return turn.stamp(content)


@contextlib.contextmanager
def _revoked(pki, party):
    record = pki.folder / "revoked.json"
    record.write_text(json.dumps({party: utc_now().isoformat(timespec="seconds")}))
    try:
        yield
    finally:
        record.unlink()


class _Counted:
    """Authorities in order, and how often each was asked."""

    def __init__(self, pki: Pki, *urls: str) -> None:
        self._fetch, self.asked = pki.web.fetch, Counter()
        rules = TokenRules(certificate_chains.parsed(pki.trust.timestamps))
        self.stamps = Timestamps(urls, rules, self.fetch, utc_now)

    def fetch(self, call):
        self.asked[call.url] += 1
        return self._fetch(call)


class _SilentAbout:
    """Nobody answers about one certificate, for two minutes."""

    def __init__(self, certificate, revocation: SecurityStores) -> None:
        self._certificate, self._revocation = certificate, revocation

    def store(self, holders, uses=()):
        if self._certificate in [h.certificate for h in holders]:
            raise UnprovedError(self._certificate, "silence", timedelta(minutes=2))
        return self._revocation.store(holders, uses)


@contextlib.contextmanager
def _other_served(pki, folder):
    """A second authority under the same pinned chain, on a port of its own."""
    own = folder / "other"
    shutil.copytree(pki.folder, own)
    issuing = load_party(pki.folder, "issuing")
    before = pki.certificate("tsa")
    key = ec.generate_private_key(ec.SECP256R1())
    kept = [(e.value, e.critical) for e in before.extensions]
    party = issue(
        "tsa",
        name_of("The other TSA"),
        key,
        issuing,
        start=before.not_valid_before_utc,
        extensions=[
            pair
            for pair in kept
            if not isinstance(
                pair[0], x509.SubjectKeyIdentifier | x509.AuthorityKeyIdentifier
            )
        ],
    )
    (own / "tsa.pem").write_bytes(party.certificate.public_bytes(Encoding.PEM))
    (own / "tsa.key").write_bytes(
        key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    )
    port = free_port()
    server = PkiServer(port, PkiAnswers(own, clock=utc_now))
    serving = threading.Thread(target=server.serve_forever)
    serving.start()
    try:
        yield f"http://127.0.0.1:{port}/tsa"
    finally:
        server.shutdown()
        serving.join()
        server.server_close()


async def test_another_authority_for_the_document_timestamp_brings_its_proofs(
    pki, threads, tmp_path
):
    """Six revisions: the store is written once more, longer, and the gate passes it."""
    original, manifest = original_of([full_page(jpeg())])
    order = order_of(pki, original, manifest, level="B-LTA")
    draft = compose(
        OrderedOriginal(MemoryOctets(original), order.original.sha256), order, utc_now()
    )
    with _other_served(pki, tmp_path) as other:
        turns = _Turns(_stamps(pki, pki.tsa_url), _stamps(pki, other))
        sealer = sealer_of(pki, threads, timestamps=turns)
        copy = await sealer.seal(draft, sealer.signatories(order, utc_now()))
    content = bytes(copy.content)
    assert content.count(b"startxref") == 6
    assert gate(content, order, compile_trust(pki.trust), copy.sha256).pages == 2


@pytest.mark.parametrize(
    ("level", "revisions"), [("B-T", 3), ("B-LT", 4), ("B-LTA", 5)]
)
def test_the_order_says_the_level(pki, level, revisions):
    """Summaries, revisions and the gate say the same one."""
    copy = sealed_copy(pki, level=level)
    assert [s.level for s in copy.sealed.signatures] == [level, level]
    assert copy.content.count(b"startxref") == revisions
    trust = compile_trust(pki.trust)
    assert gate(copy.content, copy.order, trust, copy.sealed.sha256).pages == 2


class _Small:
    """Timestamps that have not seen a token yet, and guess too low."""

    room = 100

    def __init__(self, real: Timestamps) -> None:
        self.stamp, self.ready = real.stamp, real.ready
        self.reserve = real.reserve


@pytest.mark.parametrize(
    ("status", "headers", "pause"),
    [(429, {"Retry-After": "120"}, 120), (503, {}, 10), (200, {}, 10)],
)
def test_an_authority_that_asks_for_patience_is_left_alone(status, headers, pause, pki):
    """429 with Retry-After, 5xx, garbage: not asked again before its time."""
    with _faulty(status, headers) as (url, asked):
        clock = _Clock()
        stamps = _stamps(pki, url, clock=clock)
        for _ in range(2):
            with pytest.raises(Trouble):
                stamps.stamp(b"x")
        assert len(asked) == 1
        clock.now += timedelta(seconds=pause + 1)
        with pytest.raises(Trouble):
            stamps.stamp(b"x")
        assert len(asked) == 2


async def test_many_are_sealed_at_once(pki, work):
    """Eight deliveries over four threads: eight sound copies, each its own."""
    draft, order = work
    with ThreadPoolExecutor(4) as threads:
        sealer = sealer_of(pki, threads)
        signatories = sealer.signatories(order, utc_now())
        copies = await asyncio.gather(
            *(sealer.seal(draft, signatories) for _ in range(8))
        )
    assert len({c.sha256 for c in copies}) == 8
    for copy in copies:
        assert hashlib.sha256(bytes(copy.content)).hexdigest() == copy.sha256


class _Clock:
    def __init__(self) -> None:
        self.now = utc_now()

    def __call__(self):
        return self.now


def _stamps(pki, *urls, clock=utc_now):
    rules = TokenRules(certificate_chains.parsed(pki.trust.timestamps))
    return Timestamps(urls, rules, pki.web.fetch, clock)


class _faulty:  # noqa: N801 - reads as a verb
    """A server that gives one answer for ever."""

    def __init__(self, status: int, headers: dict[str, str]) -> None:
        asked = self._asked = []

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                asked.append(self.path)
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", "4")
                self.end_headers()
                self.wfile.write(b"junk")

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever)

    def __enter__(self):
        self._thread.start()
        return f"http://127.0.0.1:{self._server.server_port}/", self._asked

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
