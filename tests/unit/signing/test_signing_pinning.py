"""The trust document that an operator has made, against the one that tests trust."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from chassis.clock import utc_now
from chassis.starting import CannotStart
from ecopy.trust import TrustDocument
from onebox import pki as development_pki
from onebox import settings
from signing.wiring.pinning import pinned_trust
from support.authority import keys_file_of, trust_of


@pytest.fixture(scope="module")
def made_once(tmp_path_factory):
    folder = tmp_path_factory.mktemp("pinning") / "pki"
    development_pki.make(folder, base="http://127.0.0.1:1", now=utc_now())
    chain = "".join((folder / f"{n}.pem").read_text() for n in ("issuing", "root"))
    (folder / "chain.pem").write_text(chain)
    return folder


@pytest.fixture
def pki(made_once, tmp_path):
    return Path(shutil.copytree(made_once, tmp_path / "pki"))


def _made(pki: Path, *, demo: bool = True) -> TrustDocument:
    chain = [pki / "chain.pem"]
    return pinned_trust(keys_file_of(pki), chain, chain, demo=demo)


def test_it_pins_what_the_keys_file_holds(pki):
    """Certificates, digests, appearances and days: all but the chain's name is what the
    tests' own document says."""
    made, expected = _made(pki), trust_of(pki)
    assert made.identities == expected.identities
    named = {"name": made.signers[0].name}
    assert made.signers == (expected.signers[0].model_copy(update=named),)
    assert made.timestamps == made.signers


def test_the_command_prints_it(pki):
    """As the documentation has an operator call it."""
    chain = str(pki / "chain.pem")
    words = (
        "--keys",
        str(keys_file_of(pki)),
        "--signers",
        chain,
        "--timestamps",
        chain,
    )
    done = subprocess.run(
        [sys.executable, "-m", "signing", "pin-trust", *words, "--demo"],
        env=settings.for_child({}),
        check=True,
        capture_output=True,
        text=True,
    )
    assert TrustDocument.model_validate(json.loads(done.stdout)) == _made(pki)


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda p: (p / "chain.pem").write_text("nothing"), "chain.pem"),
        (lambda p: (p / "chain.pem").unlink(), "No such file"),
        (
            lambda p: (p / "chain.pem").write_bytes((p / "issuing.pem").read_bytes()),
            "is not issued by",
        ),
        (
            lambda p: (p / "chain.pem").write_bytes((p / "root.pem").read_bytes()),
            "give its file with --signers",
        ),
        (lambda p: (p / "seal.password").write_text("wrong"), "seal-hoa-ban"),
    ],
)
def test_what_is_wrong_is_named(pki, spoil, said):
    """No certificate, no file, a chain with a hole or of somebody else, a wrong
    password: each in a sentence that names the file or the key."""
    spoil(pki)
    with pytest.raises(CannotStart, match=said):
        _made(pki)


def test_a_development_authority_is_said_to_be_one(pki):
    """Production would refuse the document; whoever makes it hears it first."""
    with pytest.raises(CannotStart, match="--demo"):
        _made(pki, demo=False)
