"""What every keeper of a key promises: a PKCS#12 file, an HSM (SoftHSM through
PKCS#11), a remote signing service (a stand-in for CSC API v2).
"""

from concurrent.futures import ThreadPoolExecutor

import pytest

from ecopy.refusals import Hindrance, Reason, Refusal, Trouble
from signing.adapters import keys
from signing.adapters.cms.signed_data import check_signature
from signing.adapters.keys.entries import KeyEntry
from support import csc, key_places
from support.waiting import until

MANY = [f"thông điệp {n}".encode() for n in range(12)]


KEEPERS = ("pkcs12", "pkcs11", "csc")
"""Each stands under this name in a table of the keys file."""
NO_KEEPER = {
    *("role", "id", "version", "key", "certificate", "password_file"),
    *("name_lines", "title_lines", "image"),
}
"""What else such a table holds."""


@pytest.fixture(params=KEEPERS)
def keeper(request):
    return request.param


@pytest.fixture(params=["p-256", "p-384", "rsa-2048", "rsa-3072", "rsa-4096"])
def kind(request):
    return request.param


@pytest.fixture
def place(keeper, kind, tmp_path):
    key = key_places.KINDS[kind]()
    certificate = key_places.certified(key)
    if keeper == "csc":
        with csc.Served() as served:
            yield key_places.at_a_service(tmp_path, key, certificate, served)
        return
    put = {"pkcs12": key_places.in_a_file, "pkcs11": key_places.in_an_hsm}
    yield put[keeper](tmp_path, key, certificate)


one_kind = pytest.mark.parametrize("kind", ["p-256"], indirect=True)
devices = pytest.mark.parametrize("keeper", ["pkcs11", "csc"], indirect=True)


def officers_key(place):
    key = keys.load(place.keys_file)["officer"]
    assert isinstance(key, keys.Key), key
    return key


async def ready(place):
    """SoftHSM learns of a new token when it starts again: trouble, then there."""
    key = officers_key(place)
    await until(lambda: is_ready(key))
    return key


def is_ready(key):
    try:
        key.signer.ready()
    except Trouble:
        return False
    return True


def cause_of(place):
    """Why the key can not be used, at start or when it is asked."""
    key = keys.load(place.keys_file)["officer"]
    if isinstance(key, keys.ClosedKey):
        return key.reason, key.why
    for _ in range(2):
        try:
            key.signer.ready()
            key.sign(b"x")
        except Refusal as refusal:
            return refusal.reason, refusal.detail
        except Trouble:
            continue
    raise AssertionError("nothing was wrong")


def test_every_keeper_is_held_to_these_promises():
    """Whatever place the keys file may name, the tests here go through it."""
    assert set(KeyEntry.model_fields) - NO_KEEPER == set(KEEPERS)


async def test_a_signature_verifies_under_the_certificate(place):
    """RSA PKCS#1 v1.5 or ECDSA in DER, over SHA-256, whatever the device returns."""
    place.write()
    key = await ready(place)
    for message in (b"", b"x", bytes(5000)):
        check_signature(key.certificate.public_key(), key.sign(message), message)


async def test_many_are_signed_in_their_order(place):
    """More than one activation may hold; each signature is its own message's."""
    place.write()
    key = await ready(place)
    signatures = key.signer.sign_many(MANY)
    assert len(signatures) == len(MANY)
    for message, signature in zip(MANY, signatures, strict=True):
        check_signature(key.certificate.public_key(), signature, message)


@one_kind
async def test_eight_threads_sign_at_once(place):
    place.write()
    key = await ready(place)
    with ThreadPoolExecutor(8) as threads:
        for message, signature in zip(
            MANY * 4, threads.map(key.sign, MANY * 4), strict=True
        ):
            check_signature(key.certificate.public_key(), signature, message)


@one_kind
def test_a_key_that_is_not_there_is_missing(place):
    place.write("nobody")
    reason, detail = cause_of(place)
    assert reason is Reason.KEY_MISSING
    assert "officer" in detail or "nobody" in detail


@one_kind
def test_a_wrong_pin_locks_here_and_is_not_told(place):
    """And the message names the file to mend, never what stands in it."""
    place.write()
    place.secret.write_text("0000-sai")
    reason, detail = cause_of(place)
    assert reason is Reason.KEY_LOCKED
    assert "secret" in detail
    assert "0000-sai" not in detail


@one_kind
@devices
async def test_a_wrong_pin_is_given_once_and_a_mended_one_works(place, keeper):
    """Even where it would be right by now; a mended file needs no restart."""
    place.write()
    await ready(place)
    key = officers_key(place)
    place.secret.write_text("0000-sai")
    if keeper == "pkcs11":  # this process is logged in: the login must end first
        place.away()
        assert not is_ready(key)
        place.back()
    refused(key)
    place.change_pin(place.right, "0000-sai")
    for _ in range(12):
        refused(key)
    place.change_pin("0000-sai", place.right)
    place.secret.write_text(place.right)
    check_signature(key.certificate.public_key(), key.sign(b"x"), b"x")


def refused(key):
    with pytest.raises(Refusal) as caught:
        key.sign(b"x")
    assert caught.value.reason is Reason.KEY_LOCKED


@one_kind
@devices
async def test_a_keeper_that_is_away_is_trouble_and_comes_back(place):
    """Pulled out or down; signs again when it is back, in the same process."""
    place.write()
    key = await ready(place)
    key.sign(b"x")
    for _ in range(2):
        place.away()
        for _ in range(3):
            with pytest.raises(Trouble) as caught:
                key.sign(b"x")
            assert caught.value.hindrance is Hindrance.KEYS
            assert not is_ready(key)
        place.back()
        await until(lambda: is_ready(key))
        check_signature(key.certificate.public_key(), key.sign(b"x"), b"x")
