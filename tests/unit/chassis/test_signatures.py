import pytest

from chassis.signatures import Signer, Verifier
from ecopy.events import CertificationDelayed, CertificationOrdered, CopySealed
from ecopy.refusals import Poison

SEEDS = {
    name: bytes([n]) * 32 for n, name in enumerate(("intake", "signing", "storage"))
}
SIGNERS = {name: Signer(name, seed) for name, seed in SEEDS.items()}
VERIFIER = Verifier(
    {
        name: signer._key.public_key().public_bytes_raw()
        for name, signer in SIGNERS.items()
    }
)
ORDERED = CertificationOrdered.subject


def test_the_right_publisher_is_believed():
    """A service's signature holds for the subjects that it may say."""
    VERIFIER.check(ORDERED, b"body", SIGNERS["intake"].header(ORDERED, b"body"))
    subject = CertificationDelayed.subject
    for name in ("signing", "storage"):
        VERIFIER.check(subject, b"body", SIGNERS[name].header(subject, b"body"))


@pytest.mark.parametrize(
    ("subject", "body", "header"),
    [
        (ORDERED, b"body", None),
        (ORDERED, b"body", ""),
        (ORDERED, b"body", "intake"),
        (ORDERED, b"body", "intake !!"),
        (ORDERED, b"body", SIGNERS["signing"].header(ORDERED, b"body")),
        (ORDERED, b"bodY", SIGNERS["intake"].header(ORDERED, b"body")),
        (ORDERED, b"body", SIGNERS["intake"].header(CopySealed.subject, b"body")),
        (
            "ecopy.other.v1",
            b"body",
            SIGNERS["intake"].header("ecopy.other.v1", b"body"),
        ),
        (
            ORDERED,
            b"body",
            SIGNERS["signing"].header(ORDERED, b"body").replace("signing", "intake"),
        ),
    ],
)
def test_anything_else_is_poison(subject, body, header):
    """No signature, a stranger's, another's, another body or subject: not believed."""
    with pytest.raises(Poison):
        VERIFIER.check(subject, body, header)
