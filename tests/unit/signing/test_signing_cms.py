import subprocess
from datetime import timedelta
from hashlib import sha256

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding

from chassis.clock import utc_now
from onebox.certificates import issue, key_usage, name_of, self_signed
from onebox.timestamps import Tsa
from signing.adapters.authorities.timestamp_tokens import timestamp_request
from signing.adapters.cms.signed_data import CmsTemplate, WrongKeyError
from signing.adapters.keys import software_key
from support.settings import found

NOW = utc_now().replace(microsecond=0)
START = NOW - timedelta(days=1)
ROOT = self_signed(
    "root",
    name_of("root"),
    ec.generate_private_key(ec.SECP256R1()),
    start=START,
    days=9,
)
KEYS = {
    "rsa-2048": lambda: rsa.generate_private_key(65537, 2048),
    "rsa-3072": lambda: rsa.generate_private_key(65537, 3072),
    "p-256": lambda: ec.generate_private_key(ec.SECP256R1()),
    "p-384": lambda: ec.generate_private_key(ec.SECP384R1()),
}


def party(key):
    usage = [(key_usage(content_commitment=True), True)]
    return issue("leaf", name_of("leaf"), key, ROOT, start=START, extensions=usage)


@pytest.mark.parametrize("kind", KEYS)
def test_openssl_accepts_the_signature(kind, tmp_path):
    """Detached, CAdES attributes, timestamp in place, for every kind of key."""
    key = KEYS[kind]()
    leaf = party(key)
    identity = CmsTemplate(leaf.certificate)
    signed = identity.sign(sha256(b"content").digest(), software_key(key))
    asked = timestamp_request(signed.value, b"12345678")
    answer = Tsa(ROOT.key, ROOT.certificate, ROOT.certificate).answer(
        asked.query(), now=NOW
    )
    token = answer[answer.index(b"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02") - 4 :]
    (tmp_path / "cms").write_bytes(identity.signed_data(signed, token))
    (tmp_path / "content").write_bytes(b"content")
    (tmp_path / "root").write_bytes(ROOT.certificate.public_bytes(Encoding.PEM))
    openssl = found("openssl", "usr/bin/openssl")
    checked = subprocess.run(
        [
            *(openssl, "cms", "-verify", "-cades", "-binary", "-inform", "DER"),
            *("-in", "cms", "-content", "content"),
            *("-CAfile", "root", "-purpose", "any"),
        ],
        cwd=tmp_path,
        capture_output=True,
        check=False,
    )
    assert checked.returncode == 0, checked.stderr


@pytest.mark.parametrize("kind", ["rsa-2048", "p-256"])
def test_a_key_that_is_not_the_certificates_never_signs(kind):
    """Every signature is verified before it is believed: a wrong slot, a fault."""
    identity = CmsTemplate(party(KEYS[kind]()).certificate)
    another = software_key(KEYS[kind]())
    with pytest.raises(WrongKeyError):
        identity.sign(bytes(32), another)


@pytest.mark.parametrize(
    "weak",
    [
        lambda: rsa.generate_private_key(65537, 1024),
        lambda: ec.generate_private_key(ec.SECP521R1()),
    ],
)
def test_a_weak_or_unknown_key_is_not_accepted(weak):
    key = weak()
    identity = CmsTemplate(party(key).certificate)
    with pytest.raises(WrongKeyError, match="not accepted"):
        identity.sign(bytes(32), software_key(key))


def test_room_is_kept_for_the_longest_signature():
    """The size without a token holds for RSA-4096 too."""
    leaf = party(KEYS["p-256"]())
    identity = CmsTemplate(leaf.certificate)
    signed = identity.sign(bytes(32), software_key(leaf.key))
    assert len(identity.signed_data(signed, bytes(5000))) <= identity.size + 5000 + 32
