"""``ecopy init``: a trial's files, and those of a house with keys of its own."""

import argparse
import os
import shutil
import subprocess

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    pkcs12,
)

from chassis.clock import utc_now
from chassis.starting import CannotStart
from ecopy.trust import TrustDocument
from intake.domain import agencies
from onebox.certificates import authority_extensions, issue, name_of, self_signed
from onebox.compose.asking import PROMPTS, add_options, answers
from onebox.compose.examine import examine
from onebox.compose.laid import Laid
from onebox.compose.words import as_text, run_pin_trust
from signing.adapters.keys import entries
from support.laid_out import ROOT, demo_house, init

NOW = utc_now()
ASKED = (
    *("--agency-code", "H26.11", "--agency-name", 'UBND phường "Mới"'),
    *("--agency-line", "ỦY BAN NHÂN DÂN", "--agency-line", "PHƯỜNG MỚI"),
    *("--place", "Mới", "--officer-id", "vu-an", "--officer-name", "Vũ An"),
    *("--officer-title", "CHỦ TỊCH", "--public-host", "saoy.example.vn"),
    *("--desk-host", "quay.example.vn", "--tsa", "http://tsa.example.vn/tsr"),
    *("--signers", "bought/ca.pem", "--timestamps", "bought/ca.pem"),
)
P12 = tuple(
    word
    for role in ("officer", "seal")
    for word in (
        *(f"--{role}-p12", f"bought/{role}.p12"),
        *(f"--{role}-password-file", f"bought/{role}.password"),
    )
)


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    return demo_house(tmp_path_factory.mktemp("demo"))


@pytest.fixture(scope="module")
def bought_once(tmp_path_factory):
    """A root, an issuing authority and two PKCS#12, as an authority hands them over."""
    folder = tmp_path_factory.mktemp("bought")
    parties = {n: ec.generate_private_key(ec.SECP256R1()) for n in "rios"}
    root = self_signed("root", name_of("Root"), parties["r"], start=NOW, days=4000)
    issuing = issue(
        "issuing",
        name_of("Issuing"),
        parties["i"],
        root,
        start=NOW,
        days=3000,
        extensions=authority_extensions(path_length=0),
    )
    chain = [p.certificate.public_bytes(Encoding.PEM) for p in (issuing, root)]
    (folder / "ca.pem").write_bytes(b"".join(chain))
    for name in ("officer", "seal"):
        key = parties[name[0]]
        leaf = issue(
            name, name_of(name), key, issuing, start=NOW, days=900, extensions=[]
        )
        (folder / f"{name}.p12").write_bytes(
            pkcs12.serialize_key_and_certificates(
                None, key, leaf.certificate, None, BestAvailableEncryption(b"open")
            )
        )
        (folder / f"{name}.password").write_text("open\n")
        (folder / f"{name}.pem").write_bytes(
            leaf.certificate.public_bytes(Encoding.PEM)
        )
    (folder / "pin").write_text("1234")
    return folder


@pytest.fixture
def house(bought_once, tmp_path):
    shutil.copytree(bought_once, tmp_path / "bought")
    return tmp_path


def test_a_trial_is_laid_out_whole(demo):
    """Nothing is wrong with it, its files say what they are, and nobody else reads
    what is secret."""
    laid = Laid.at(demo)
    assert as_text(examine(laid, NOW)) == as_text([])
    assert TrustDocument.model_validate_json(laid.trust.read_bytes()).demo
    assert laid.env.stat().st_mode & 0o777 == 0o600
    assert laid.secrets.stat().st_mode & 0o777 == 0o700
    assert "deploy/docker/demo.yaml" in laid.env.read_text()


def test_again_it_changes_nothing(demo):
    """It says what it keeps, and every byte stays."""
    before = {p: p.read_bytes() for p in demo.rglob("*") if p.is_file()}
    done = init(demo, "--demo")
    assert done.returncode == 0
    assert "kept  config/trust.json" in done.stdout
    assert "wrote" not in done.stdout
    assert {p: p.read_bytes() for p in demo.rglob("*") if p.is_file()} == before


def test_a_house_with_keys_in_files(house):
    """By options alone: intake, signing and the doctor read what was written."""
    done = init(house, *ASKED, *P12)
    assert done.returncode == 0, done.stderr
    laid = Laid.at(house)
    assert as_text(examine(laid, NOW)) == as_text([])
    trust = TrustDocument.model_validate_json(laid.trust.read_bytes())
    assert not trust.demo
    known = agencies.parse(laid.agencies.read_text("utf-8"))
    assert agencies.identities(known["H26.11"], "vu-an", NOW.date(), trust)
    assert 'UBND phường "Mới"' in {v.name for v in known["H26.11"].versions}
    assert "ECOPY_PUBLIC_ORIGIN=https://saoy.example.vn\n" in laid.env.read_text()


@pytest.mark.parametrize(
    "place",
    [
        (
            *("--officer-pkcs11", "vu-an", "--seal-pkcs11", "seal"),
            *("--pkcs11-module", "/usr/lib/hsm.so", "--pkcs11-token", "ecopy"),
            *("--pkcs11-pin-file", "bought/pin"),
        ),
        (
            *("--officer-csc", "VN-1", "--seal-csc", "VN-2"),
            *("--csc-url", "https://sign.example.vn/csc/v2", "--csc-client-id", "e"),
            *("--csc-client-secret-file", "bought/pin"),
        ),
    ],
    ids=["pkcs11", "csc"],
)
def test_a_house_with_keys_elsewhere(house, place):
    """In an HSM or at a signing service: only the certificates are here."""
    certificates = (
        *("--officer-certificate", "bought/officer.pem"),
        *("--seal-certificate", "bought/seal.pem"),
    )
    done = init(house, *ASKED, *place, *certificates)
    assert done.returncode == 0, done.stderr
    laid = Laid.at(house)
    assert as_text(examine(laid, NOW)) == as_text([])
    assert len(entries.read(laid.keys).keys) == 2
    assert len(TrustDocument.model_validate_json(laid.trust.read_bytes()).identities)


def test_what_is_missing_is_named_by_its_option(house):
    """Where nobody can be asked, and nothing is written."""
    done = init(house, *ASKED[2:], *P12)
    assert done.returncode == 1
    assert "--agency-code" in done.stderr
    assert not (house / ".env").exists()


def test_a_file_that_is_not_there_is_named(house):
    (house / "bought/seal.p12").unlink()
    done = init(house, *ASKED, *P12)
    assert done.returncode == 1
    assert "bought/seal.p12" in done.stderr
    assert "Traceback" not in done.stderr


def test_pin_trust_keeps_the_former_document(house):
    """After a renewal of a key the document is made anew, beside the former one."""
    assert init(house, *ASKED, *P12).returncode == 0
    laid = Laid.at(house)
    before = laid.trust.read_bytes()
    assert run_pin_trust(argparse.Namespace(folder=house)) == 0
    assert laid.trust.read_bytes() == before
    assert laid.trust.with_name("trust.json.former").read_bytes() == before


def test_a_person_is_asked_for_what_is_missing():
    """Every question once, lines apart by a slash."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--demo", action="store_true")
    add_options(parser)
    said = iter(["A / B"] * 40)
    told = answers(parser.parse_args([]), ask=lambda _: next(said), at_terminal=True)
    for prompt in PROMPTS:
        wanted = ["A", "B"] if prompt.many else "A / B"
        assert getattr(told, prompt.name) == wanted
    assert told.officer_p12
    assert told.officer_password_file


def test_without_answers_and_without_a_terminal_it_ends():
    parser = argparse.ArgumentParser()
    parser.add_argument("--demo", action="store_true")
    add_options(parser)
    with pytest.raises(CannotStart, match="--agency-code"):
        answers(parser.parse_args([]), at_terminal=False)


def test_the_command_sees_one_folder_and_no_network(tmp_path):
    """``deploy/docker/ecopy`` runs the operator's image as whoever calls."""
    docker = tmp_path / "docker"
    docker.write_text('#!/bin/sh\nprintf "%s\\n" "$@"\n')
    docker.chmod(0o755)
    done = subprocess.run(
        [ROOT / "deploy/docker/ecopy", "doctor", "--json"],
        cwd=tmp_path,
        env={"PATH": f"{tmp_path}:{os.defpath}"},
        stdin=subprocess.DEVNULL,
        check=True,
        capture_output=True,
        text=True,
    )
    words = done.stdout.split()
    assert words[words.index("--volume") + 1] == f"{tmp_path}:{tmp_path}"
    assert words[words.index("--network") + 1] == "none"
    assert words[-5:] == ["python", "-m", "onebox.compose", "doctor", "--json"]
    text = (ROOT / "deploy/docker/Dockerfile").read_text()
    assert "FROM signing AS operator\n" in text
    assert words.count("ecopy-operator:local") == 1
