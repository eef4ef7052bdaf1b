"""The client of a remote signing service against a stand-in as strict as CSC API v2."""

import base64
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from hashlib import sha256
from pathlib import Path

import pytest

from chassis.clock import utc_now
from chassis.starting import CannotStart
from ecopy.refusals import Hindrance, Reason, Refusal, Trouble
from signing.adapters import keys
from signing.adapters.cms.signed_data import check_signature
from support import csc, key_places
from support.key_places import PIN
from support.waiting import until

AUTHORIZE, SIGN = "credentials/authorize", "signatures/signHash"


class Clock:
    def __init__(self) -> None:
        self.now = utc_now()
        self.step = timedelta()

    def __call__(self):
        self.now += self.step
        return self.now


class Remote:
    """One officer's credential, and the key over it."""

    def __init__(self, served: csc.Served, folder: Path) -> None:
        self.served, self.folder, self.clock = served, folder, Clock()
        key = key_places.KINDS["p-256"]()
        self.place = key_places.at_a_service(
            folder, key, key_places.certified(key), served
        )
        self.credential = self.service.credentials["officer"]

    @property
    def service(self) -> csc.Service:
        return self.served.service

    def key(self, more: str = "", entry: str = "") -> keys.Key:
        """*more*: of the account; *entry*: of the credential, beside its name."""
        lines = self.place.lines("officer").replace(" }", f"{entry} }}")
        head = key_places.ENTRY.format(name="o", role="officer", id="phamquocvinh")
        tables = key_places.csc_table(self.served, more)
        self.place.keys_file.write_text(head + lines + tables)
        return keys.load(self.place.keys_file, self.clock)["o"]

    def verify(self, message: bytes, signature: bytes) -> None:
        public = self.credential.certificate.public_key()
        check_signature(public, signature, message)


@pytest.fixture
def remote(tmp_path):
    with csc.Served() as served:
        yield Remote(served, tmp_path)


def test_many_hashes_share_an_activation_that_is_bound_to_them(remote):
    """Twelve with a multisign of five: three activations, each bound to its hashes."""
    messages = [bytes([n]) for n in range(12)]
    signatures = remote.key().signer.sign_many(messages)
    for message, signature in zip(messages, signatures, strict=True):
        remote.verify(message, signature)
    asked = [a for method, a in remote.service.asked if method == AUTHORIZE]
    assert [a["numSignatures"] for a in asked] == [5, 5, 2]
    hashes = [base64.b64encode(sha256(m).digest()).decode() for m in messages]
    assert [h for a in asked for h in a["hashes"]] == hashes


async def test_calls_that_come_together_are_activated_together(remote):
    """While the first waits for its confirmation, seven others gather behind it."""
    remote.credential.multisign = 50
    key = remote.key()
    with ThreadPoolExecutor(8) as threads:
        with remote.service.lock:  # the service does not answer anybody yet
            waiting = [threads.submit(key.sign, bytes([n])) for n in range(8)]
            await until(lambda: len(key.signer._gathered._waiting) == 8)
        for n, future in enumerate(waiting):
            remote.verify(bytes([n]), future.result(10))
    assert remote.service.count(AUTHORIZE) == 1


@pytest.mark.parametrize("raw", [True, False])
def test_both_ways_to_write_an_ecdsa_signature_are_read(remote, raw):
    """Services differ: DER, or r ‖ s."""
    remote.credential.raw = raw
    key = remote.key()
    for n in range(20):
        remote.verify(bytes([n]), key.sign(bytes([n])))


def test_a_person_confirms_on_a_phone(remote):
    """202 and a handle, asked again until the activation is confirmed."""
    remote.credential.confirmations = 1
    remote.verify(b"x", remote.key().sign(b"x"))
    assert remote.service.count("credentials/authorizeCheck") == 1


def test_nobody_confirms(remote):
    """Trouble after the named patience: the order waits, and asks again later."""
    remote.credential.confirmations = 1000
    remote.clock.step = timedelta(seconds=20)
    key = remote.key("activation_seconds = 30")
    with pytest.raises(Trouble, match="nobody confirmed"):
        key.sign(b"x")


def test_activation_data_that_are_too_old_are_not_used(remote):
    """Known here by expiresIn, said by the service: either way a later try."""
    remote.service.seconds = 0
    with pytest.raises(Trouble, match="ran out") as caught:
        remote.key().sign(b"x")
    assert caught.value.hindrance is Hindrance.KEYS
    assert remote.service.count(SIGN) == 0
    remote.service.seconds = 300
    remote.verify(b"x", remote.key().sign(b"x"))


def test_an_access_token_that_was_forgotten_is_renewed(remote):
    key = remote.key()
    key.sign(b"x")
    remote.service.tokens.clear()
    remote.verify(b"y", key.sign(b"y"))
    assert remote.service.count("oauth2/token") == 2


def test_an_access_token_is_renewed_before_it_ends(remote):
    key = remote.key()
    key.sign(b"x")
    remote.clock.now += timedelta(seconds=3599)
    key.sign(b"y")
    assert remote.service.count("oauth2/token") == 2


def test_a_wrong_client_secret_is_sent_once(remote):
    """Until its file holds another one."""
    (remote.folder / "client.secret").write_text("sai")
    key = remote.key()
    for _ in range(3):
        with pytest.raises(Refusal) as caught:
            key.sign(b"x")
        assert caught.value.reason is Reason.KEY_LOCKED
    assert remote.service.count("oauth2/token") == 1
    (remote.folder / "client.secret").write_text(csc.SECRET)
    remote.verify(b"x", key.sign(b"x"))


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize("method", ["credentials/info", AUTHORIZE, SIGN])
def test_a_service_that_asks_for_patience_is_left_alone(remote, method, status):
    """Retry-After is kept: nothing is sent before."""
    key = remote.key()
    remote.service.faults.append((method, status, {"Retry-After": "120"}))
    for _ in range(3):
        with pytest.raises(Trouble) as caught:
            key.sign(b"x")
        assert caught.value.hindrance is Hindrance.KEYS
    asked = len(remote.service.asked)
    remote.clock.now += timedelta(seconds=119)
    with pytest.raises(Trouble):
        key.sign(b"x")
    assert len(remote.service.asked) == asked
    remote.clock.now += timedelta(seconds=2)
    remote.verify(b"x", key.sign(b"x"))


@pytest.mark.parametrize("status", [500, 502, 504])
def test_a_service_that_fails_is_trouble(remote, status):
    key = remote.key()
    remote.service.faults.append((SIGN, status, {}))
    with pytest.raises(Trouble) as caught:
        key.sign(b"x")
    assert caught.value.hindrance is Hindrance.KEYS
    remote.verify(b"x", key.sign(b"x"))


@pytest.mark.parametrize("fault", [0, 1], ids=["silence", "drops"])
def test_a_service_that_never_answers_is_trouble_in_time(remote, fault):
    """The timeout is the account's own, named in the keys file, and of a whole call.

    Neither answer has an end. Ten seconds are what an account waits that names no
    timeout, and fifty times what this one names: a busy machine does not reach them.
    """
    key = remote.key("timeout_seconds = 0.2")
    remote.service.faults.append((AUTHORIZE, fault, {}))
    started = time.monotonic()
    with pytest.raises(Trouble) as caught:
        key.sign(b"x")
    assert caught.value.hindrance is Hindrance.KEYS
    assert time.monotonic() - started < 10
    remote.verify(b"x", key.sign(b"x"))


def test_a_one_time_password_is_sent_once(remote):
    """A wrong one is trouble until another is there; a used one too."""
    (remote.folder / "otp").write_text("000000")
    remote.credential.otp = "111111"
    key = remote.key(entry=', otp_file = "otp"')
    for _ in range(3):
        with pytest.raises(Trouble):
            key.sign(b"x")
    assert remote.service.count(AUTHORIZE) == 1
    remote.credential.otp = "222222"
    (remote.folder / "otp").write_text("222222")
    remote.verify(b"x", key.sign(b"x"))
    with pytest.raises(Trouble, match="new password"):
        key.signer.ready()


def test_a_locked_credential_is_refused_and_says_so(remote):
    remote.credential.wrong = 3
    with pytest.raises(Refusal, match="Credential locked") as caught:
        remote.key().sign(b"x")
    assert caught.value.reason is Reason.KEY_LOCKED
    assert PIN not in str(caught.value)


def test_a_disabled_key_is_told_before_it_is_used(remote):
    remote.credential.enabled = False
    with pytest.raises(Refusal) as caught:
        remote.key().signer.ready()
    assert caught.value.reason is Reason.KEY_LOCKED
    assert remote.service.count(AUTHORIZE) == 0


def test_a_credential_with_another_certificate_is_refused(remote):
    """A rotation at the service that the keys file has not heard of."""
    other = key_places.KINDS["p-256"]()
    remote.credential.certificate = key_places.certified(other)
    with pytest.raises(Refusal) as caught:
        remote.key().signer.ready()
    assert caught.value.reason is Reason.CERTIFICATE_MISMATCH


def test_the_stand_in_refuses_a_hash_that_was_not_authorised(remote):
    """What SCAL2 means: the activation of one hash signs no other."""
    sad, other = remote.service, base64.b64encode(sha256(b"y").digest()).decode()
    mine = base64.b64encode(sha256(b"x").digest()).decode()
    asked = {"credentialID": "officer", "numSignatures": 1, "hashes": [mine]}
    given = {"authData": [{"id": "PIN", "value": PIN}]}
    _, answer = sad.authorize(asked | given)
    wanted = {"credentialID": "officer", "SAD": answer["SAD"], "hashes": [other]}
    with pytest.raises(csc.DeclinedError, match="not authorized"):
        sad.sign(wanted | {"signAlgo": "1.2.840.10045.4.3.2"})


@pytest.mark.parametrize(
    "table",
    [
        'url = "http://sign.example/csc/v2"\ntoken_file = "t"',
        'url = "https://sign.example/csc/v2"',
        (
            'url = "https://a.example"\ntoken_file = "t"\nclient_secret_file = "s"\n'
            'client_id = "c"'
        ),
        'url = "https://sign.example/csc/v2"\ntoken_file = "t"\npin = "8152"',
    ],
)
def test_an_account_that_makes_no_sense_stops_the_start(tmp_path, table):
    """No clear text on the way, exactly one way in, no secret in the file or told."""
    path = tmp_path / "keys.toml"
    path.write_text(f"[keys]\n[csc.remote]\n{table}\n")
    with pytest.raises(CannotStart, match=r"keys\.toml") as caught:
        keys.load(path)
    assert "8152" not in str(caught.value)


def test_a_wait_that_outlasts_the_five_minutes_stops_the_start(remote):
    """Two confirmations lie between /M and the last genTime: 120 s each."""
    with pytest.raises(CannotStart, match="activation_seconds is at most 120"):
        remote.key("activation_seconds = 121")
    assert remote.key("activation_seconds = 120")
