"""The development PKI, judged by openssl and by cryptography's own verifier."""

import stat
import subprocess
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding, pkcs12
from cryptography.x509 import ocsp

from onebox import pki
from onebox.revocation import KEPT, Responder, load_certificate, load_party, revoke
from onebox.timestamps import Tsa
from support.settings import found

NOW = datetime(2026, 11, 23, 9, 0, 0, 123456, tzinfo=UTC)


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("onebox") / "pki"
    pki.make(folder, base="http://127.0.0.1:18427", now=NOW)
    return folder


@pytest.fixture
def folder(made, tmp_path):
    """Its own revocation record: a copy that a test may revoke in."""
    copied = tmp_path / "pki"
    copied.mkdir()
    for file in made.iterdir():
        (copied / file.name).write_bytes(file.read_bytes())
    return copied


def ocsp_query(folder, name, algorithm=None):
    builder = ocsp.OCSPRequestBuilder().add_certificate(
        load_certificate(folder, name),
        load_certificate(folder, "issuing"),
        algorithm or hashes.SHA1(),
    )
    return builder.build().public_bytes(Encoding.DER)


def answered(folder, name, *, now=NOW, responder=None):
    der = (responder or Responder.load(folder)).answer(
        ocsp_query(folder, name), now=now
    )
    return ocsp.load_der_ocsp_response(der)


def test_openssl_verifies_every_leaf(made, tmp_path):
    """Chains are good to openssl's strict rules, with both CRLs."""
    responder = Responder.load(made)
    pem = b"".join(
        x509.load_der_x509_crl(responder.crl(i, now=NOW)).public_bytes(Encoding.PEM)
        for i in ("root", "issuing")
    )
    (tmp_path / "crls.pem").write_bytes(pem)
    done = subprocess.run(
        [found("openssl"), "verify", "-x509_strict", "-crl_check_all"]
        + ["-attime", str(int(NOW.timestamp())), "-CAfile", made / "roots.pem"]
        + ["-untrusted", made / "issuing.pem", "-CRLfile", tmp_path / "crls.pem"]
        + [made / f"{name}.pem" for name in ("officer", "seal", "tsa", "ocsp")],
        check=True,
        capture_output=True,
        text=True,
    )
    assert done.stdout.count(": OK") == 4


def test_whole_seconds(made):
    """NSS calls fractions malformed: no time has any."""
    answer = answered(made, "officer").responses
    times = [t for r in answer for t in (r.this_update_utc, r.next_update_utc)]
    for name in ("root", "issuing", "officer", "tsa"):
        certificate = load_certificate(made, name)
        times += [certificate.not_valid_before_utc, certificate.not_valid_after_utc]
    assert {t.microsecond for t in times} == {0}


def test_keys_are_secret(made):
    """Every key and password is readable by its owner only."""
    secret = [*made.glob("*.key"), *made.glob("*.p12"), *made.glob("*.password")]
    assert len(secret) == 8
    assert {stat.S_IMODE(p.stat().st_mode) for p in secret} == {0o600}


def test_key_opens_with_its_password(made):
    """The PKCS#12 holds the key of the certificate beside it, and its chain."""
    password = (made / "officer.password").read_bytes()
    held = pkcs12.load_pkcs12((made / "officer.p12").read_bytes(), password)
    assert held.cert.certificate == load_certificate(made, "officer")
    assert len(held.additional_certs) == 2


def test_certificates_name_the_server(made):
    """OCSP, CRL and issuer addresses are the PKI server's."""
    extensions = load_certificate(made, "seal").extensions
    access = extensions.get_extension_for_class(x509.AuthorityInformationAccess).value
    points = extensions.get_extension_for_class(x509.CRLDistributionPoints).value
    assert [a.access_location.value for a in access] == [
        "http://127.0.0.1:18427/ocsp",
        "http://127.0.0.1:18427/ca/issuing.cer",
    ]
    assert points[0].full_name[0].value == "http://127.0.0.1:18427/crl/issuing.crl"


def test_good_until_revoked(folder):
    """OCSP and CRL say good, then revoked from the second that was recorded."""
    responder = Responder.load(folder)
    before = answered(folder, "officer", responder=responder)
    revoke(folder, "officer", now=NOW)
    after = answered(folder, "officer", responder=responder)
    serial = load_certificate(folder, "officer").serial_number
    crl = x509.load_der_x509_crl(responder.crl("issuing", now=NOW))
    assert before.certificate_status == ocsp.OCSPCertStatus.GOOD
    assert after.certificate_status == ocsp.OCSPCertStatus.REVOKED
    assert after.revocation_time_utc == NOW.replace(microsecond=0)
    assert crl.get_revoked_certificate_by_serial_number(serial) is not None


def test_a_renewed_certificate_is_another_and_the_old_stays_revoked(folder):
    """A new key, good at once; OCSP and the CRL still say what happened to the old."""
    old = ocsp_query(folder, "officer")
    old_serial = load_certificate(folder, "officer").serial_number
    revoke(folder, "officer", now=NOW)
    pki.renew(folder, "officer", start=NOW, days=30)
    responder = Responder.load(folder)
    status = ocsp.load_der_ocsp_response(responder.answer(old, now=NOW))
    crl = x509.load_der_x509_crl(responder.crl("issuing", now=NOW))
    renewed = load_certificate(folder, "officer")
    assert status.certificate_status == ocsp.OCSPCertStatus.REVOKED
    assert answered(folder, "officer").certificate_status == ocsp.OCSPCertStatus.GOOD
    assert crl.get_revoked_certificate_by_serial_number(old_serial) is not None
    assert crl.get_revoked_certificate_by_serial_number(renewed.serial_number) is None
    password = (folder / "officer.password").read_bytes()
    held = pkcs12.load_pkcs12((folder / "officer.p12").read_bytes(), password)
    assert held.cert.certificate == renewed


@pytest.mark.parametrize(("begins", "days"), [(-10, 5), (10, 5)])
def test_certificates_of_other_days_are_made_for_trials(folder, begins, days):
    """Expired and not yet valid ones, by the same authority."""
    pki.renew(folder, "seal", start=NOW + timedelta(days=begins), days=days)
    made = load_certificate(folder, "seal")
    made.verify_directly_issued_by(load_certificate(folder, "issuing"))
    assert not made.not_valid_before_utc <= NOW <= made.not_valid_after_utc


def test_an_answer_is_signed_once(made):
    """Within minutes the same bytes are served; then a new answer is signed."""
    responder = Responder.load(made)
    first = responder.answer(ocsp_query(made, "seal"), now=NOW)
    again = responder.answer(ocsp_query(made, "seal"), now=NOW + KEPT / 2)
    later = responder.answer(
        ocsp_query(made, "seal"), now=NOW + KEPT + timedelta(seconds=1)
    )
    assert first == again != later


def test_strangers_and_noise(made):
    """Another issuer, an unknown serial, no request at all: each its own answer."""
    responder = Responder.load(made)
    root = load_certificate(made, "root")
    builder = ocsp.OCSPRequestBuilder().add_certificate(
        load_certificate(made, "issuing"), root, hashes.SHA256()
    )
    other = builder.build().public_bytes(Encoding.DER)
    statuses = [
        ocsp.load_der_ocsp_response(responder.answer(r, now=NOW)).response_status
        for r in (other, b"", b"\x30\x03\x02\x01\x01")
    ]
    assert statuses == [
        ocsp.OCSPResponseStatus.UNAUTHORIZED,
        ocsp.OCSPResponseStatus.MALFORMED_REQUEST,
        ocsp.OCSPResponseStatus.MALFORMED_REQUEST,
    ]


def stamped(made, tmp_path, *options):
    openssl = found("openssl")
    (tmp_path / "x").write_bytes(b"hello")
    subprocess.run(
        [
            openssl,
            "ts",
            "-query",
            "-data",
            tmp_path / "x",
            "-out",
            tmp_path / "q",
            *list(options),
        ],
        check=True,
        capture_output=True,
    )
    issuing, tsa = load_certificate(made, "issuing"), load_party(made, "tsa")
    answer = Tsa(tsa.key, tsa.certificate, issuing).answer(
        (tmp_path / "q").read_bytes(), now=NOW
    )
    (tmp_path / "r").write_bytes(answer)
    return answer


@pytest.mark.parametrize(
    "options",
    [("-sha256", "-cert"), ("-sha512", "-cert"), ("-sha256", "-cert", "-no_nonce")],
)
def test_openssl_verifies_a_token(made, tmp_path, options):
    """A token is good to openssl: imprint, nonce, certificate, usage, chain."""
    stamped(made, tmp_path, *options)
    done = subprocess.run(
        [
            found("openssl"),
            "ts",
            "-verify",
            "-queryfile",
            tmp_path / "q",
            "-attime",
            str(int(NOW.timestamp())),
            "-in",
            tmp_path / "r",
            "-CAfile",
            made / "roots.pem",
        ],
        check=False,
        capture_output=True,
        text=True,
    )
    assert "Verification: OK" in done.stdout + done.stderr


def test_token_of_other_data_is_refused(made, tmp_path):
    """The check above can fail: the same token for other data does not verify."""
    stamped(made, tmp_path, "-sha256", "-cert")
    (tmp_path / "x").write_bytes(b"other")
    done = subprocess.run(
        [
            found("openssl"),
            "ts",
            "-verify",
            "-data",
            tmp_path / "x",
            "-attime",
            str(int(NOW.timestamp())),
            "-in",
            tmp_path / "r",
            "-CAfile",
            made / "roots.pem",
        ],
        check=False,
        capture_output=True,
    )
    assert done.returncode != 0


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        (("-sha1", "-cert"), "unrecognized or unsupported algorithm identifier"),
        (("-sha256", "-tspolicy", "1.2.3.4"), "the requested TSA policy is not supp"),
    ],
)
def test_query_that_gets_no_token(made, tmp_path, query, sentence):
    """SHA-1 and a foreign policy are rejected, with the failure's own code."""
    stamped(made, tmp_path, *query)
    done = subprocess.run(
        [found("openssl"), "ts", "-reply", "-in", tmp_path / "r", "-text"],
        check=True,
        capture_output=True,
        text=True,
    )
    assert "Status: Rejected." in done.stdout
    assert sentence in done.stdout


def test_noise_to_the_tsa(made):
    """Bytes that are no query are rejected, not raised."""
    issuing, tsa = load_certificate(made, "issuing"), load_party(made, "tsa")
    answer = Tsa(tsa.key, tsa.certificate, issuing).answer(b"\x30\x00", now=NOW)
    assert answer == bytes.fromhex("3009300702010203020204")


def test_certificates_only_when_asked(made, tmp_path):
    """Without certReq the token carries no certificate (RFC 3161 section 2.4.1)."""
    bare = stamped(made, tmp_path, "-sha256")
    full = stamped(made, tmp_path, "-sha256", "-cert")
    der = load_certificate(made, "tsa").public_bytes(Encoding.DER)
    assert der in full
    assert der not in bare
