"""Copies sealed with keys that are not in a file, judged by the gate; two certificates
of one officer; a token that somebody tried before us.
"""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding

from chassis.clock import utc_now
from ecopy.refusals import Hindrance, Reason, Refusal, Trouble
from ecopy.trust import PinnedIdentity, TrustDocument
from onebox.revocation import load_party
from onebox.ward import IDENTITIES
from signing.adapters import keyring, keys
from signing.adapters.cms import certificate_chains
from signing.adapters.composer import compose
from signing.domain.copies import OrderedOriginal
from signing.domain.rope import MemoryOctets
from storage.domain.gate import compile_trust, gate
from support import csc, hsm, key_places
from support.authority import Pki, authority, key_entry
from support.orders import order_of
from support.originals import full_page, jpeg, original_of
from support.sealed import Made, sealer_of
from support.waiting import until

OFFICER, SEAL = IDENTITIES


@pytest.fixture(scope="module")
def pki(tmp_path_factory):
    with authority(tmp_path_factory.mktemp("authority")) as served:
        yield served


@pytest.fixture
def threads():
    with ThreadPoolExecutor(4) as pool:
        yield pool


class Ward:
    """A keys file and a trust document, entry by entry."""

    def __init__(self, pki: Pki, folder: Path) -> None:
        self.pki, self.folder = pki, folder
        self.text, self.identities = "", []

    def certified(self, who: Any, key: Any, days: int = 300) -> x509.Certificate:
        """As the authority certified *who*, over *key*, with the same serial: its
        OCSP responder knows it.
        """
        before = self.pki.certificate(who.role)
        issuing = load_party(self.pki.folder, "issuing")
        builder = x509.CertificateBuilder(
            before.issuer,
            before.subject,
            key.public_key(),
            before.serial_number,
            before.not_valid_before_utc,
            before.not_valid_before_utc + timedelta(days=days),
        )
        for extension in before.extensions:
            value = extension.value
            if isinstance(value, x509.SubjectKeyIdentifier):
                value = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
            builder = builder.add_extension(value, extension.critical)
        return builder.sign(issuing.key, hashes.SHA256())

    def pin(
        self, who: Any, certificate: x509.Certificate, keeper: str, version: str = "1"
    ) -> PinnedIdentity:
        """Another entry of the keys file, and its pin."""
        name = f"k{len(self.identities)}"
        pem = certificate.public_bytes(Encoding.PEM)
        (self.folder / f"{name}.pem").write_bytes(pem)
        lines = key_entry(replace(who, version=version)).splitlines()
        kept = [line for line in lines if not line.startswith(("pk", "pass", "["))]
        head = f'[keys.{name}]\nkey = "{who.key}"\ncertificate = "{name}.pem"\n'
        self.text += head + "\n".join(kept) + f"\n{keeper}\n\n"
        identity = next(i for i in self.pki.trust.identities if i.role == who.role)
        changes = {
            "version": version,
            "certificate": pem.decode(),
            "certificate_sha256": certificate.fingerprint(hashes.SHA256()).hex(),
        }
        self.identities.append(identity.model_copy(update=changes))
        return self.identities[-1]

    @property
    def trust(self) -> TrustDocument:
        changes = {"identities": tuple(self.identities)}
        return self.pki.trust.model_copy(update=changes)

    def ring(self, tables: str) -> keyring.Keyring:
        path = self.folder / "keys.toml"
        path.write_text(self.text + tables)
        signers = certificate_chains.parsed(self.pki.trust.signers)
        return keyring.assembled(keys.load(path), self.trust, signers)

    def order(self, officer: PinnedIdentity, seal: PinnedIdentity) -> Made:
        """And the original that it orders a copy of."""
        original, manifest = original_of([full_page(jpeg())])
        order = order_of(self.pki, original, manifest)
        changes = {
            "officer": order.officer.model_copy(update=_pinned(officer)),
            "agency": order.agency.model_copy(update=_pinned(seal)),
        }
        order = order.model_copy(update=changes)
        return Made(b"", order, self.trust, original, None)


def _pinned(identity):
    names = ("version", "key", "certificate_sha256")
    return {name: getattr(identity, name) for name in names}


async def sealed(work, sealer):
    original = OrderedOriginal(MemoryOctets(work.original), work.order.original.sha256)
    signatories = sealer.signatories(work.order, utc_now())
    await until(lambda: _is_prepared(sealer, signatories))
    draft = compose(original, work.order, utc_now())
    return await sealer.seal(draft, signatories)


async def _is_prepared(sealer, signatories):
    """SoftHSM sees a new token at its next start: trouble with keys, then there."""
    try:
        await sealer.prepare(signatories)
    except Trouble as trouble:
        if trouble.hindrance is not Hindrance.KEYS:
            raise
        return False
    return True


def passes(copy, order, trust):
    content = bytes(copy.content)
    passed = gate(content, order, compile_trust(trust), sha256(content).hexdigest())
    return passed.pages == len(order.manifest) + 1


@pytest.fixture
def token(tmp_path):
    (tmp_path / "secret").write_text(hsm.PIN)
    return hsm.soft_hsm().token()


def at(label):
    return f'pkcs11 = {{ provider = "hsm", label = "{label}" }}'


def in_the_token(pki, threads, folder, token):
    """Both keys there, pinned and ordered: an officer's RSA-2048, a seal's P-256."""
    ward = Ward(pki, folder)
    officer_key = rsa.generate_private_key(65537, 2048)
    seal_key = ec.generate_private_key(ec.SECP256R1())
    token.store(officer_key, "officer", "01")
    token.store(seal_key, "seal", "02")
    officer = ward.pin(OFFICER, ward.certified(OFFICER, officer_key), at("officer"))
    seal = ward.pin(SEAL, ward.certified(SEAL, seal_key), at("seal"))
    ring = ward.ring(key_places.hsm_table(token))
    sealer = sealer_of(pki, threads, keyring=ring)
    return ward, ward.order(officer, seal), sealer


async def test_a_copy_by_keys_in_an_hsm_passes_the_gate(pki, threads, tmp_path, token):
    """The keys never leave the token."""
    ward, work, sealer = in_the_token(pki, threads, tmp_path, token)
    assert passes(await sealed(work, sealer), work.order, ward.trust)


async def test_an_hsm_that_was_restarted_signs_again(pki, threads, tmp_path, token):
    """Its sessions are gone from one call to the next; nobody restarts the service."""
    ward, work, sealer = in_the_token(pki, threads, tmp_path, token)
    assert passes(await sealed(work, sealer), work.order, ward.trust)
    token.hsm.restart()
    assert passes(await sealed(work, sealer), work.order, ward.trust)


async def test_a_copy_by_a_remote_officer_and_an_hsm_seal_passes_the_gate(
    pki, threads, tmp_path, token
):
    """One by itself, then eight at once over four threads."""
    ward = Ward(pki, tmp_path)
    officer_key = ec.generate_private_key(ec.SECP384R1())
    seal_key = rsa.generate_private_key(65537, 3072)
    token.store(seal_key, "seal", "02")
    certificate = ward.certified(OFFICER, officer_key)
    (tmp_path / "client.secret").write_text(csc.SECRET)
    keeper = 'csc = { provider = "remote", credential = "o", pin_file = "secret" }'
    officer = ward.pin(OFFICER, certificate, keeper)
    seal = ward.pin(SEAL, ward.certified(SEAL, seal_key), at("seal"))
    with csc.Served() as served:
        served.service.credentials["o"] = csc.Credential(
            officer_key, certificate, hsm.PIN, raw=True
        )
        tables = key_places.hsm_table(token) + key_places.csc_table(served)
        work = ward.order(officer, seal)
        sealer = sealer_of(pki, threads, keyring=ward.ring(tables))
        first = await sealed(work, sealer)
        copies = await asyncio.gather(*(sealed(work, sealer) for _ in range(8)))
        assert all(passes(c, work.order, ward.trust) for c in (first, *copies))


async def test_the_orders_pin_decides_between_two_certificates(
    pki, threads, tmp_path, token
):
    """A rotation: one key id, two keys; orders of both days are signed rightly."""
    ward = Ward(pki, tmp_path)
    seal_key = ec.generate_private_key(ec.SECP256R1())
    token.store(seal_key, "seal", "03")
    seal = ward.pin(SEAL, ward.certified(SEAL, seal_key), at("seal"))
    pins = []
    for version, days in (("1", 20), ("2", 700)):
        key = rsa.generate_private_key(65537, 2048)
        token.store(key, f"officer-{version}", f"0{version}")
        certificate = ward.certified(OFFICER, key, days)
        pins.append(ward.pin(OFFICER, certificate, at(f"officer-{version}"), version))
    sealer = sealer_of(pki, threads, keyring=ward.ring(key_places.hsm_table(token)))
    for pin in pins:
        work = ward.order(pin, seal)
        copy = await sealed(work, sealer)
        assert copy.signatures[0].certificate_sha256 == pin.certificate_sha256
        assert passes(copy, work.order, ward.trust)
    mixed = pins[0].model_copy(update={"version": "2"})
    with pytest.raises(Refusal) as caught:
        sealer.signatories(ward.order(mixed, seal).order, utc_now())
    assert caught.value.reason is Reason.CERTIFICATE_MISMATCH


async def test_another_key_of_the_token_never_signs(pki, threads, tmp_path, token):
    """A wrong label: what the token gives is verified before it is embedded."""
    ward = Ward(pki, tmp_path)
    seal_key = ec.generate_private_key(ec.SECP256R1())
    token.store(seal_key, "seal", "02")
    other = ec.generate_private_key(ec.SECP256R1())
    officer = ward.pin(OFFICER, ward.certified(OFFICER, other), at("seal"))
    seal = ward.pin(SEAL, ward.certified(SEAL, seal_key), at("seal"))
    sealer = sealer_of(pki, threads, keyring=ward.ring(key_places.hsm_table(token)))
    with pytest.raises(Refusal, match="not the certificate's") as caught:
        await sealed(ward.order(officer, seal), sealer)
    assert caught.value.reason is Reason.CERTIFICATE_MISMATCH


async def test_a_missing_seal_is_told_before_the_officers_key_is_used(
    pki, threads, tmp_path, token
):
    ward = Ward(pki, tmp_path)
    officer_key = rsa.generate_private_key(65537, 2048)
    token.store(officer_key, "officer", "01")
    seal_key = ec.generate_private_key(ec.SECP256R1())
    officer = ward.pin(OFFICER, ward.certified(OFFICER, officer_key), at("officer"))
    seal = ward.pin(SEAL, ward.certified(SEAL, seal_key), at("seal"))
    sealer = sealer_of(pki, threads, keyring=ward.ring(key_places.hsm_table(token)))
    signatories = sealer.signatories(ward.order(officer, seal).order, utc_now())
    with pytest.raises(Refusal) as caught:
        await until(lambda: _is_prepared(sealer, signatories))
    assert caught.value.reason is Reason.KEY_MISSING
    assert SEAL.key in caught.value.detail


async def test_a_token_that_was_tried_wrongly_is_not_tried_again(tmp_path):
    """Another process, perhaps this one before its restart, gave a wrong PIN: no
    login until the device has seen the right one, so no chain of restarts locks it.
    """
    key = ec.generate_private_key(ec.SECP256R1())
    place = key_places.in_an_hsm(tmp_path, key, key_places.certified(key))
    place.write()
    signer = keys.load(place.keys_file)["officer"].signer
    with pytest.raises(hsm.ToolFailedError):
        place.change_pin("0000-sai", "1111-sai")
    place.away()
    with pytest.raises(Trouble):
        signer.ready()
    place.back()
    with pytest.raises(Refusal) as caught:
        signer.ready()
    assert caught.value.reason is Reason.KEY_LOCKED
    place.change_pin(place.right, place.right)
    place.away()
    with pytest.raises((Trouble, Refusal)):
        signer.ready()
    place.back()
    await until(lambda: _is_ready(signer))


def _is_ready(signer):
    try:
        signer.ready()
    except (Trouble, Refusal):
        return False
    return True
