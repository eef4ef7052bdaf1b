"""The trust document says what it is."""

from datetime import date, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from pydantic import ValidationError

from chassis.clock import utc_now
from chassis.starting import CannotStart, not_started
from chassis.trust import open_trust, read_trust
from ecopy.trust import Merger, PinnedChain, PinnedIdentity, TrustDocument
from onebox.certificates import name_of, self_signed
from onebox.pki import make

NOW = utc_now().replace(microsecond=0)
DAY = timedelta(days=1)


def chain(name):
    key = ec.generate_private_key(ec.SECP256R1())
    root = self_signed("root", name_of(name), key, start=NOW, days=9)
    pem = root.certificate.public_bytes(Encoding.PEM).decode()
    return PinnedChain(
        name=name,
        certificates=(pem,),
        valid_from=NOW,
        valid_until=NOW + timedelta(days=9),
    )


def document(*, demo, name):
    """Signers under one authority, timestamps under another."""
    return TrustDocument(
        demo=demo,
        signers=(chain("Some Root"),),
        timestamps=(chain(name),),
        identities=(),
    )


def test_a_development_authority_is_known_by_its_name():
    """The flag alone can be changed by hand; the names are signed."""
    assert document(demo=True, name="ecopy Development Root CA").demo
    assert not document(demo=False, name="Some TSA Root").demo
    with pytest.raises(ValidationError, match="development authority"):
        document(demo=False, name="ecopy Development Root CA")


def test_what_the_development_pki_makes_is_named_so(tmp_path):
    make(tmp_path, base="http://127.0.0.1:1", now=NOW)
    roots = (tmp_path / "roots.pem").read_text()
    pinned = PinnedChain(
        name="root",
        certificates=(roots,),
        valid_from=NOW,
        valid_until=NOW + timedelta(days=9),
    )
    with pytest.raises(ValidationError, match="development authority"):
        TrustDocument(demo=False, signers=(pinned,), timestamps=(), identities=())


@pytest.mark.parametrize("content", [None, b"{}", b"\xff", b'{"demo": 1}'])
def test_a_file_that_is_none_is_one_sentence(tmp_path, content):
    path = tmp_path / "trust.json"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(CannotStart, match=r"trust\.json") as caught:
        read_trust(path)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("demo", "development", "sentence"),
    [
        (True, True, None),
        (False, False, None),
        (False, True, "SIGNING__DEMO=true for a trial"),
        (True, False, "Leave SIGNING__DEMO out"),
    ],
)
def test_a_service_starts_only_with_the_kind_it_is(
    tmp_path, demo, development, sentence
):
    """A trial with a real document, and production with a trial's, are refused alike,
    by each of the three services: one of them alone would refuse every copy.
    """
    name = "ecopy Development Root CA" if development else "Some TSA Root"
    path = tmp_path / "trust.json"
    path.write_text(document(demo=development, name=name).model_dump_json())
    if sentence is None:
        assert open_trust(path, demo=demo, prefix="SIGNING").demo is demo
        return
    with pytest.raises(CannotStart, match=sentence) as caught:
        open_trust(path, demo=demo, prefix="SIGNING")
    assert "SIGNING__DEMO" in caught.value.vi
    assert not_started("signing", caught.value).startswith("signing: Không khởi động:")


LAST_DAY = date(2026, 6, 30)
MERGED = Merger(
    agency="H99.42.05.13", into="H99.42.05.20", into_name="UBND phường Mới", on=LAST_DAY
)


def identity(role="seal", **changes):
    digest = "0" * 64
    return PinnedIdentity(
        role=role,
        id="H99.42.05.13",
        version="1",
        key="k",
        certificate="",
        certificate_sha256=digest,
        appearance_sha256=digest,
        **changes,
    )


@pytest.mark.parametrize(
    ("days", "mergers", "role", "day", "holds"),
    [
        ({}, (), "seal", LAST_DAY, True),
        ({"valid_from": LAST_DAY}, (), "seal", LAST_DAY, True),
        ({"valid_from": LAST_DAY}, (), "seal", LAST_DAY - DAY, False),
        ({"valid_until": LAST_DAY}, (), "officer", LAST_DAY - DAY, True),
        ({"valid_until": LAST_DAY}, (), "officer", LAST_DAY, False),
        ({}, (MERGED,), "seal", LAST_DAY - DAY, True),
        ({}, (MERGED,), "seal", LAST_DAY, False),
        ({}, (MERGED,), "officer", LAST_DAY, True),
    ],
)
def test_a_version_counts_on_its_days(days, mergers, role, day, holds):
    """The first day is within, the last named one is not; the seal of an agency that
    was merged counts no more from that day on, and a document of before says no days.
    """
    document = TrustDocument(
        demo=True, signers=(), timestamps=(), identities=(), mergers=mergers
    )
    assert document.in_force(identity(role, **days), day) is holds


@pytest.mark.parametrize(
    "mergers",
    [(MERGED, MERGED), (MERGED.model_copy(update={"into": MERGED.agency}),)],
)
def test_an_agency_is_merged_once_and_into_another(mergers):
    """What no reader could understand is no trust document."""
    with pytest.raises(ValidationError, match="merged"):
        TrustDocument(
            demo=True, signers=(), timestamps=(), identities=(), mergers=mergers
        )
