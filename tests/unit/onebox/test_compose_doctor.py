"""``ecopy doctor --compose``: each planted mistake is found in its file, at its line or
key, with what to do; and a healthy set has none.
"""

import json
import re
import shutil
from dataclasses import fields
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
)

from chassis.clock import utc_now
from intake.domain import agencies
from onebox import cli
from onebox.certificates import name_of, self_signed
from onebox.compose import shapes
from onebox.compose.examine import examine
from onebox.compose.laid import Laid
from onebox.compose.words import as_text
from signing.adapters.keys import entries
from support.laid_out import ROOT, demo_house

NOW = utc_now()


@pytest.fixture(scope="module")
def healthy(tmp_path_factory):
    return demo_house(tmp_path_factory.mktemp("laid"))


@pytest.fixture
def laid(healthy, tmp_path):
    shutil.copytree(healthy, tmp_path / "p")
    return Laid.at(tmp_path / "p")


def _text(path, before, after):
    """Replace a text that is there, as an editor would."""
    text = path.read_text()
    assert re.search(before, text, re.MULTILINE), before
    path.chmod(0o644)
    path.write_text(re.sub(before, after, text, count=1, flags=re.MULTILINE))


def _env(before, after):
    return lambda laid: _text(laid.env, before, after)


def _agencies(before, after):
    return lambda laid: _text(laid.agencies, before, after)


def _keys(before, after):
    return lambda laid: _text(laid.keys, before, after)


def _trust(before, after):
    return lambda laid: _text(laid.trust, before, after)


def _add(name, line):
    return lambda laid: (laid.root / name).write_text(
        (laid.root / name).read_text() + line + "\n"
    )


def _gone(name):
    return lambda laid: (laid.root / name).unlink()


def _folder(name):
    def plant(laid):
        (laid.root / name).unlink()
        (laid.root / name).mkdir()

    return plant


def _mode(name, mode):
    return lambda laid: (laid.root / name).chmod(mode)


def _wrong_password(laid):
    path = laid.key_folder / "seal.password"
    path.chmod(0o644)
    path.write_text("wrong")


def _own_tls(*, host="localhost", days=90, other_key=False):
    """A certificate of the operator's own before the desk."""

    def plant(laid):
        _text(
            laid.env,
            "^ECOPY_DESK_TLS=.*$",
            'ECOPY_DESK_TLS="/certs/desk.pem /certs/desk.key"',
        )
        key = ec.generate_private_key(ec.SECP256R1())
        start = NOW - timedelta(days=10)
        made = _named(host, key, start, days)
        laid.certificates.joinpath("desk.pem").write_bytes(made)
        shown = ec.generate_private_key(ec.SECP256R1()) if other_key else key
        pem = shown.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        laid.certificates.joinpath("desk.key").write_bytes(pem)

    return plant


def _named(host, key, start, days):
    name = x509.Name([])
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(start + timedelta(days=days))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), False)
        .sign(key, hashes.SHA256())
        .public_bytes(Encoding.PEM)
    )


def _stranger_signs(laid):
    """The chain of somebody else, of the same form."""
    key = ec.generate_private_key(ec.SECP256R1())
    made = self_signed("x", name_of("Another CA"), key, start=NOW, days=900)
    pem = made.certificate.public_bytes(Encoding.PEM).decode()
    document = json.loads(laid.trust.read_text())
    document["signers"][0]["certificates"] = [pem]
    laid.trust.chmod(0o644)
    laid.trust.write_text(json.dumps(document, indent=2))


def _backwards(laid):
    document = json.loads(laid.trust.read_text())
    document["timestamps"][0]["certificates"].reverse()
    laid.trust.chmod(0o644)
    laid.trust.write_text(json.dumps(document, indent=2))


def _only_the_seal_is_pinned(laid):
    document = json.loads(laid.trust.read_text())
    document["identities"] = [i for i in document["identities"] if i["role"] == "seal"]
    laid.trust.chmod(0o644)
    laid.trust.write_text(json.dumps(document, indent=2))


def _officer_has_the_seals_key(laid):
    for ending in ("p12", "password"):
        path = laid.key_folder / f"officer.{ending}"
        path.unlink()
        shutil.copy(laid.key_folder / f"seal.{ending}", path)


TSA = "^SIGNING__TSA__URLS=.*$"
ENV, CONFIG = ".env", "config/agencies.toml"
KEYS, TRUST = "secrets/signing/keys.toml", "config/trust.json"
PLANTED = [
    # slug, the mistake, file, line or key, a word of the remedy
    ("env-missing", _gone(ENV), ENV, "", "ecopy init"),
    ("env-line", _add(ENV, "ECOPY_DESK_HOST localhost"), ENV, r":\d+", "# in front"),
    ("env-twice", _add(ENV, "ECOPY_DESK_PORT=8443"), ENV, "ECOPY_DESK_PORT", "delete"),
    (
        "env-unknown",
        _add(ENV, "INTAKE__SESION__IDLE_SECONDS=60"),
        ENV,
        "INTAKE__SESION__IDLE_SECONDS",
        "the nearest: INTAKE__SESSION__IDLE_SECONDS",
    ),
    (
        "env-overruled",
        _add(ENV, "STORAGE__ARCHIVE__URL=file:/x"),
        ENV,
        "STORAGE__ARCHIVE__URL",
        "delete it",
    ),
    ("tsa-missing", _env(TSA, "SIGNING__TSA__URLS="), ENV, "TSA__URLS", "as in"),
    ("tsa-list", _env(TSA, "SIGNING__TSA__URLS=http://t"), ENV, "TSA__URLS", "as in"),
    (
        "tsa-address",
        _env(TSA, 'SIGNING__TSA__URLS=["tsa.example.vn"]'),
        ENV,
        r":\d+ SIGNING__TSA__URLS",
        "correct it",
    ),
    (
        "origin",
        _env("(^ECOPY_PUBLIC_ORIGIN=.*$)", r"\1/kiem-tra"),
        ENV,
        "ECOPY_PUBLIC_ORIGIN",
        "no slash at the end",
    ),
    (
        "origin-host",
        _env("^ECOPY_PUBLIC_HOST=.*$", "ECOPY_PUBLIC_HOST=saoy.example.vn"),
        ENV,
        "ECOPY_PUBLIC_ORIGIN",
        "same name",
    ),
    (
        "subnets",
        _env("^ECOPY_SUBNETS=.*$", "ECOPY_SUBNETS=172.30.251.0/24"),
        ENV,
        "ECOPY_SUBNETS",
        "172.30.251",
    ),
    (
        "port",
        _env("^ECOPY_DESK_PORT=.*$", "ECOPY_DESK_PORT=84430"),
        ENV,
        "ECOPY_DESK_PORT",
        "from 1 to 65535",
    ),
    (
        "port-twice",
        _env("^ECOPY_DESK_PORT=.*$", "ECOPY_DESK_PORT=443"),
        ENV,
        "ECOPY_PUBLIC_PORT",
        "choose another",
    ),
    (
        "address",
        _env("^ECOPY_DESK_ADDRESS=.*$", "ECOPY_DESK_ADDRESS=desk.local"),
        ENV,
        "ECOPY_DESK_ADDRESS",
        "192.168.1.10",
    ),
    (
        "demo-off",
        _env("^STORAGE__DEMO=.*$", "STORAGE__DEMO=false"),
        TRUST,
        "demo",
        "STORAGE__DEMO=true",
    ),
    (
        "tls-words",
        _env("^ECOPY_DESK_TLS=.*$", "ECOPY_DESK_TLS=/etc/ssl/desk.pem"),
        ENV,
        "ECOPY_DESK_TLS",
        "/certs/desk.pem",
    ),
    (
        "tls-alike",
        _env("^ECOPY_DESK_TLS=.*$", "ECOPY_DESK_TLS=it@example.vn"),
        ENV,
        r":\d+ ECOPY_DESK_TLS",
        "alike",
    ),
    (
        "tls-missing",
        _env("^ECOPY_DESK_TLS=.*$", 'ECOPY_DESK_TLS="/certs/a.pem /certs/a.key"'),
        "secrets/caddy/a.pem",
        "",
        "put it there",
    ),
    (
        "tls-pair",
        _own_tls(other_key=True),
        "secrets/caddy/desk.key",
        "",
        "belongs together",
    ),
    ("tls-expired", _own_tls(days=1), "secrets/caddy/desk.pem", "", "a new one"),
    (
        "tls-host",
        _own_tls(host="other.example"),
        "secrets/caddy/desk.pem",
        "",
        "get one",
    ),
    (
        "secrets-missing",
        lambda laid: shutil.rmtree(laid.secrets),
        "secrets",
        "",
        "ecopy init",
    ),
    ("secrets-open", _mode("secrets", 0o755), "secrets", "", "chmod 700"),
    (
        "secret-missing",
        _gone("secrets/link_key"),
        "secrets/link_key",
        "",
        "make-secrets",
    ),
    (
        "secret-closed",
        _mode("secrets/postgres_password", 0o600),
        "secrets/postgres_password",
        "",
        "chmod 444",
    ),
    (
        "secret-spoilt",
        lambda laid: _text(laid.secrets / "intake_event_key", "^.{10}", ""),
        "secrets/intake_event_key",
        "",
        "from your backup",
    ),
    (
        "secret-stale",
        lambda laid: _text(laid.secrets / "event_public_keys", '"[0-9a-f]{64}"', '""'),
        "secrets/event_public_keys",
        "",
        "make-secrets",
    ),
    ("file-missing", _gone(CONFIG), CONFIG, "", "deploy/examples"),
    ("is-folder", _folder(TRUST), TRUST, "", "remove it"),
    ("syntax", _agencies("^place = .*$", 'place = "Hoa Ban'), CONFIG, r":\d+", "line"),
    (
        "key-unknown",
        _agencies("^place = ", "palce = "),
        CONFIG,
        r":\d+ agencies.0.versions.0.palce",
        "spelling",
    ),
    (
        "key-missing",
        _agencies("^place = .*$", ""),
        CONFIG,
        "agencies.0.versions.0.place",
        "add it",
    ),
    (
        "value-unusable",
        _agencies("^code = .*$", 'code = "Hoa Ban"'),
        CONFIG,
        r":\d+ agencies.0.code",
        "deploy/examples",
    ),
    (
        "agency-not-begun",
        _agencies("^valid_from = .*$", "valid_from = 2099-01-01"),
        CONFIG,
        "versions.0.valid_from",
        "correct valid_from",
    ),
    (
        "no-officer",
        _agencies("(^key = .officer.*$)", r"\1\nvalid_until = 2026-01-02"),
        CONFIG,
        "agencies.0.code",
        "agencies.officers",
    ),
    (
        "officer-days",
        _agencies("(^key = .officer.*$)", r"\1\nvalid_until = 2000-01-01"),
        CONFIG,
        r":\d+ agencies.0.officers.0.valid_until",
        "correct valid_until",
    ),
    (
        "key-nowhere",
        _agencies("^key = .seal.*$", 'key = "seal"'),
        CONFIG,
        "versions.0.key",
        "[keys.seal]",
    ),
    (
        "key-of-another",
        _keys("^id = .pham.*$", 'id = "phamquocvinh"'),
        CONFIG,
        "officers.0.key",
        "alike in both files",
    ),
    ("key-place", _keys("^pkcs12 = .*$", ""), KEYS, r":\d+ keys.", "one of"),
    ("key-password", _keys("^password_file = .*$", ""), KEYS, r":\d+ keys.", "add it"),
    (
        "provider",
        _keys(
            "^pkcs12 = .*\npassword_file = .*$",
            'certificate = "c.pem"\npkcs11 = { provider = "hsm", label = "x" }',
        ),
        KEYS,
        "pkcs11",
        "add it",
    ),
    (
        "key-outside",
        _keys('"officer.p12"', '"/home/officer.p12"'),
        KEYS,
        r":\d+ keys.officer-pham-quoc-vinh.pkcs12",
        "copy it there",
    ),
    (
        "key-file",
        _gone("secrets/signing/seal.p12"),
        KEYS,
        r":\d+ keys.seal-hoa-ban.pkcs12",
        "put it there",
    ),
    (
        "key-closed",
        _mode("secrets/signing/seal.p12", 0o600),
        KEYS,
        "keys.seal-hoa-ban.pkcs12",
        "chmod 444",
    ),
    (
        "key-locked",
        _wrong_password,
        KEYS,
        "keys.seal-hoa-ban.password_file",
        "right password",
    ),
    ("misspelt-trust", _trust('"demo"', '"dmeo"'), TRUST, "dmeo", "spelling"),
    (
        "pin-digest",
        _trust('("certificate_sha256": ")[0-9a-f]{8}', r"\g<1>00000000"),
        TRUST,
        r":\d+ certificate_sha256",
        "pin-trust",
    ),
    ("pin-issuer", _stranger_signs, TRUST, "signers", "pin-trust"),
    ("pin-missing", _only_the_seal_is_pinned, TRUST, "officer-pham", "pin-trust"),
    ("pin-other", _officer_has_the_seals_key, TRUST, "officer-pham", "pin-trust"),
    ("chain-broken", _backwards, TRUST, r":\d+ certificates", "pin-trust"),
    (
        "chain-days",
        _trust('("valid_until": ")20\\d\\d', r"\g<1>2020"),
        TRUST,
        r":\d+ valid_until",
        "get the new one",
    ),
]


def test_a_healthy_set_has_no_finding(laid):
    assert as_text(examine(laid, NOW)) == as_text([])


@pytest.mark.parametrize("planted", PLANTED, ids=[p[0] for p in PLANTED])
def test_a_planted_mistake_is_found(laid, planted):
    """By its own words: the file, the line or the key, and what to do about it."""
    slug, plant, file, place, remedy = planted
    plant(laid)
    found = list(examine(laid, NOW))
    kind = {"misspelt-trust": "key-unknown"}.get(slug, slug)
    mine = [f for f in found if f.slug == kind and f.file == file]
    assert mine, as_text(found)
    assert any(re.search(place, f.where) for f in mine), as_text(mine)
    assert any(remedy in f.en for f in mine), as_text(mine)
    assert all(f.vi and f.vi != f.en for f in mine)


def test_every_planted_mistake_has_words_of_its_own(healthy, tmp_path):
    """No two kinds are told in the same sentence."""
    told = {}
    for slug, plant, *_ in PLANTED:
        copy = Path(shutil.copytree(healthy, tmp_path / slug))
        plant(Laid.at(copy))
        for finding in examine(Laid.at(copy), NOW):
            told.setdefault(finding.en, set()).add(finding.slug)
    assert len({slug for slugs in told.values() for slug in slugs}) >= 45
    assert [slugs for slugs in told.values() if len(slugs) > 1] == []


def test_a_certificate_that_ends_soon_is_named(laid):
    """Thirty days before, while there is still time."""
    soon = NOW + timedelta(days=1096 - 20)
    found = [f for f in examine(laid, soon) if f.slug == "certificate-ends"]
    assert len(found) == 2
    ended = [f.slug for f in examine(laid, NOW + timedelta(days=2000))]
    assert ended.count("certificate-days") == 2


def test_the_command_says_it_to_people_and_to_programs(laid, capsys):
    """Exit status 0 and 1; the same findings as JSON."""
    words = ["doctor", "--compose", "--folder", str(laid.root)]
    assert cli.main(words) == 0
    (laid.secrets / "link_key").unlink()
    capsys.readouterr()
    assert cli.main(words) == 1
    assert "✗ secrets/link_key" in capsys.readouterr().out
    assert cli.main([*words, "--json"]) == 1
    (finding,) = json.loads(capsys.readouterr().out)["findings"]
    assert (finding["slug"], finding["file"]) == ("secret-missing", "secrets/link_key")


def test_the_names_are_those_that_the_services_read():
    """What the doctor takes for unknown is unknown to intake and signing, and the other
    way round."""
    pairs = [
        (shapes.AgencyVersionTable, {f.name for f in fields(agencies.AgencyVersion)}),
        (shapes.LayoutTable, {f.name for f in fields(agencies.Layout)}),
        (shapes.OfficerTable, {f.name for f in fields(agencies.OfficerVersion)}),
        (shapes.BookTable, {f.name for f in fields(agencies.RegisterBook)}),
        (
            shapes.AgencyTable,
            {"code", "versions", "officers", "layouts", "book", *agencies.OPTIONAL},
        ),
        (shapes.KeysToml, set(entries.KeysFile.model_fields)),
        (shapes.KeyTable, set(entries.KeyEntry.model_fields)),
        (shapes.HsmKeyTable, set(entries.HsmKeyEntry.model_fields)),
        (shapes.CscKeyTable, set(entries.CscKeyEntry.model_fields)),
        (shapes.HsmTable, set(entries.HsmEntry.model_fields)),
        (shapes.CscTable, set(entries.CscEntry.model_fields)),
    ]
    for shape, names in pairs:
        assert set(shape.model_fields) == names, shape


def test_the_examples_are_read_by_the_services_and_show_every_name():
    """Each commented example is a file that works, with every key of its shape."""
    folder = ROOT / "deploy/examples"
    assert agencies.parse((folder / "agencies.toml").read_text("utf-8"))
    assert entries.read(folder / "keys.toml").keys
    for file, parts in (
        (
            "agencies.toml",
            (shapes.AgencyTable, shapes.AgencyVersionTable, shapes.OfficerTable),
        ),
        ("keys.toml", (shapes.KeyTable, shapes.HsmTable, shapes.CscTable)),
    ):
        text = (folder / file).read_text("utf-8")
        for part in parts:
            missing = [n for n in part.model_fields if not re.search(rf"\b{n}\b", text)]
            assert not missing, (file, part, missing)
