"""What ``python -m intake`` refuses to start with, and what it then says."""

import unicodedata

import pytest
from pydantic import SecretStr
from structlog.testing import capture_logs

from chassis.settings import (
    DatabaseSettings,
    NatsSettings,
    ObjectsSettings,
)
from chassis.starting import CannotStart
from intake import wiring
from intake.settings import DeskBindSettings, Settings
from support import intake


def settings(directory, **changes):
    (directory / "trust.json").write_text(intake.trust().model_dump_json())
    (directory / "agencies.toml").write_text(intake.AGENCIES)
    (directory / "link.key").write_text(bytes(32).hex())
    fields = {
        "database": DatabaseSettings(url=SecretStr(f"sqlite:///{directory}/x.db")),
        "nats": NatsSettings(
            signing_key_file=directory / "k", public_keys_file=directory / "p"
        ),
        "scans": ObjectsSettings(url=f"file:{directory}/scans"),
        "public_host": "https://hoaban.example",
        "trust_file": directory / "trust.json",
        "agencies_file": directory / "agencies.toml",
        "link_key_file": directory / "link.key",
        "demo": True,
    }
    return Settings(**fields | changes)


def test_production_refuses_a_development_authority(tmp_path):
    """Demo off and a demo's trust document: no start, and a sentence why."""
    with pytest.raises(CannotStart, match="development authority"):
        wiring.load_rules(settings(tmp_path, demo=False))
    rules = wiring.load_rules(settings(tmp_path))
    assert rules.public_host == "https://hoaban.example"
    assert set(rules.agencies) == {intake.AGENCY, intake.OTHER}


UNTIL = "valid_until = 2027-01-01"
UNKNOWN_LAYOUT = """
[[agencies.layouts]]
template = "clause/99"
valid_from = 2026-01-01
"""


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ('name = "Phạm Quốc Vĩnh"', 'name = "Phạm 漢"', "mục name = “Phạm 漢”"),
        ('place = "Hoa Ban"', 'place = ""', "entry place"),
        ('name_lines = ["', f'name_lines = ["{"W" * 60}", "', "entry name_lines"),
        (
            "[[agencies.versions]]",
            f"{UNKNOWN_LAYOUT}[[agencies.versions]]",
            "entry template = “clause/99”",
        ),
    ],
    ids=["letter", "empty", "long", "layout"],
)
def test_an_agency_whose_words_no_page_can_hold_is_named(tmp_path, old, new, sentence):
    """In the log, at the start: not first at the desk. The other agencies work on."""
    known = settings(tmp_path)
    text = known.agencies_file.read_text().replace(UNTIL, "")
    assert old in text
    known.agencies_file.write_text(text.replace(old, new, 1))
    with capture_logs() as logs:
        assert intake.OTHER in wiring.load_rules(known).agencies
    (line,) = (one for one in logs if one["event"] == "agency_words_unfit")
    assert (line["log_level"], line["file"]) == ("warning", "agencies.toml")
    assert sentence in line["said"]
    assert intake.AGENCY in line["said"]


def test_the_words_of_an_officer_who_has_left_are_left_alone(tmp_path):
    """Nobody approves with them any more; nor with those of a plain house."""
    known = settings(tmp_path)
    text = known.agencies_file.read_text()
    gone = text.replace('name = "Phạm Quốc Vĩnh"', 'name = "Phạm 漢"', 1)
    for content in (text, gone.replace(UNTIL, "valid_until = 2026-07-02")):
        known.agencies_file.write_text(content)
        with capture_logs() as logs:
            wiring.load_rules(known)
        assert not logs


def test_an_agency_written_with_its_marks_apart_is_read(tmp_path):
    """Some editors write a letter and its hat one after the other."""
    known = settings(tmp_path)
    text = unicodedata.normalize("NFD", known.agencies_file.read_text())
    known.agencies_file.write_text(text)
    place = wiring.load_rules(known).agencies[intake.AGENCY].versions[0].name
    assert unicodedata.is_normalized("NFC", place)


def test_a_trial_under_a_real_authority_is_refused(tmp_path):
    """Orders would say trial, and signing would refuse each of them."""
    given = settings(tmp_path)
    given.trust_file.write_text(intake.trust(demo=False).model_dump_json())
    with pytest.raises(CannotStart, match="INTAKE__DEMO"):
        wiring.load_rules(given)


@pytest.mark.parametrize(
    "origin",
    [
        "https://hoaban.example",
        "https://xn--phng-hoa-ban-hec.example:8443",
        "http://127.0.0.1:8421",
        "http://[::1]:8421",
        "https://localhost",
    ],
)
def test_public_origin_is_frozen_as_it_is_told(tmp_path, origin):
    """What browsers call an origin goes into the copies letter by letter."""
    rules = wiring.load_rules(settings(tmp_path, public_host=origin))
    assert rules.public_host == origin


@pytest.mark.parametrize(
    "origin",
    [
        "https://phường-hoa-ban.example",
        "https://hoaban.example\u212a",
        "https://HoaBan.example",
        "https://hoaban.example/",
        "https://hoaban.example/chung-thuc",
        "https://hoaban.example?x=1",
        "https://me@hoaban.example",
        "https://hoaban.example:0",
        "https://hoaban.example:https",
        "https://hoaban.example\n",
        "https://",
        "hoaban.example",
        "ftp://hoaban.example",
        f"https://{'a' * 300}.example",
        "",
    ],
)
def test_public_host_that_is_no_origin_is_refused(tmp_path, origin):
    """At the start, in one sentence: else each copy would wait for ever, or point its
    readers to a page that is not there.
    """
    with pytest.raises(CannotStart, match="xn--") as refused:
        wiring.load_rules(settings(tmp_path, public_host=origin))
    assert "https://host:port" in str(refused.value)


def test_short_link_key_is_refused(tmp_path):
    """Links are as strong as the key they come from."""
    given = settings(tmp_path)
    given.link_key_file.write_text("00" * 16)
    with pytest.raises(CannotStart, match="32 random bytes"):
        wiring.load_rules(given)


@pytest.mark.parametrize(
    ("host", "behind_tls", "secure"),
    [("127.0.0.1", False, False), ("::1", False, False), ("10.0.0.5", True, True)],
)
def test_cookie_says_secure_behind_tls(tmp_path, host, behind_tls, secure):
    """Loopback may speak HTTP; behind TLS the cookie is Secure."""
    proxies = ("172.30.251.0/28",) if behind_tls else ()
    given = settings(
        tmp_path,
        bind=DeskBindSettings(host=host),
        behind_tls=behind_tls,
        trusted_proxies=proxies,
    )
    assert wiring.secured(given) is secure


@pytest.mark.parametrize("host", ["127.0.0.1", "10.0.0.5"])
def test_tls_without_a_named_proxy_is_refused(tmp_path, host):
    """Else all staff have one address: one person locks out all, and the audit lies."""
    given = settings(tmp_path, bind=DeskBindSettings(host=host), behind_tls=True)
    with pytest.raises(CannotStart, match="INTAKE__TRUSTED_PROXIES"):
        wiring.secured(given)


@pytest.mark.parametrize("proxy", ["caddy", "172.30.251.1/28", "0.0.0.0/0", "::/0", ""])
def test_proxy_that_is_no_network_of_its_own_is_refused(tmp_path, proxy):
    """In one sentence that names the setting. A network of everybody is none."""
    with pytest.raises(CannotStart, match="INTAKE__TRUSTED_PROXIES"):
        wiring.clients(settings(tmp_path, trusted_proxies=(proxy,)))


def test_http_beyond_loopback_is_refused(tmp_path):
    """Passwords would travel in the clear."""
    with pytest.raises(CannotStart, match="TLS"):
        wiring.secured(settings(tmp_path, bind=DeskBindSettings(host="10.0.0.5")))
