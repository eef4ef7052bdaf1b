"""The trust document says what it is."""

from datetime import timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from pydantic import ValidationError

from chassis.clock import utc_now
from chassis.trust import UnreadableTrustError, read_trust
from ecopy.trust import PinnedChain, TrustDocument
from onebox.certificates import name_of, self_signed
from onebox.pki import make

NOW = utc_now().replace(microsecond=0)


def chain(name: str) -> PinnedChain:
    key = ec.generate_private_key(ec.SECP256R1())
    root = self_signed("root", name_of(name), key, start=NOW, days=9)
    pem = root.certificate.public_bytes(Encoding.PEM).decode()
    return PinnedChain(
        name=name,
        certificates=(pem,),
        valid_from=NOW,
        valid_until=NOW + timedelta(days=9),
    )


def document(*, demo: bool, name: str) -> TrustDocument:
    """Signers under one authority, timestamps under another."""
    return TrustDocument(
        demo=demo,
        signers=(chain("Some Root"),),
        timestamps=(chain(name),),
        identities=(),
    )


def test_a_development_authority_is_known_by_its_name() -> None:
    """The flag alone can be changed by hand; the names are signed."""
    assert document(demo=True, name="ecopy Development Root CA").demo
    assert not document(demo=False, name="Some TSA Root").demo
    with pytest.raises(ValidationError, match="development authority"):
        document(demo=False, name="ecopy Development Root CA")


def test_what_the_development_pki_makes_is_named_so(tmp_path: Path) -> None:
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
def test_a_file_that_is_none_is_one_sentence(tmp_path: Path, content) -> None:
    path = tmp_path / "trust.json"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(UnreadableTrustError, match=r"trust\.json") as caught:
        read_trust(path)
    assert "\n" not in str(caught.value)
