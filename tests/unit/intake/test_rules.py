"""What a use case may look up: by the agency's own entry, and by the day in Hà Nội."""

import base64
import hashlib
import hmac
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from ecopy.trust import Merger, PinnedIdentity, TrustDocument
from intake.domain import agencies, calendar, fee
from intake.domain.agencies import NoOffice
from intake.domain.people import Actor
from intake.domain.records import NotFound
from intake.domain.rules import Rules
from intake.domain.states import NotAllowed
from intake.wiring import configuration

TABLES = configuration.HERE / "tables"
HANOI = ZoneInfo("Asia/Ho_Chi_Minh")
AGENCIES = """
[[agencies]]
code = "H99.42.05.13"
close_of_business = 16:30:00
[[agencies.versions]]
version = "1"
valid_from = 2025-07-01
name = "UBND phường Hoa Ban"
name_lines = ["UBND PHƯỜNG HOA BAN"]
place = "Hoa Ban"
key = "seal"
[[agencies.officers]]
id = "vinh"
version = "1"
name = "Phạm Quốc Vĩnh"
title_lines = ["PHÓ CHỦ TỊCH"]
key = "officer"
valid_from = 2026-07-01
valid_until = 2027-01-01

[[agencies]]
code = "H99.42.05.14"
versions = []
"""
VINH = Actor("vinh", "Phạm Quốc Vĩnh", "H99.42.05.13", officer="vinh")
LAST_OF_2026 = datetime(2026, 12, 31, 16, 59, 59, tzinfo=UTC)
"""Seven hours behind the desk, where the year ends a second later."""
FIRST_OF_2027 = datetime(2026, 12, 31, 17, 0, tzinfo=UTC)


def pinned(role, name, key):
    return PinnedIdentity(
        role=role,
        id=name,
        version="1",
        key=key,
        certificate="",
        certificate_sha256=hashlib.sha256(role.encode()).hexdigest(),
        appearance_sha256="0" * 64,
    )


@pytest.fixture(scope="module")
def rules():
    of_2027 = fee.FeeRule("2027", date(2027, 1, 1), 2, 3000, 1000, 200000)
    fees = fee.parse((TABLES / "fees.toml").read_text("utf-8"))
    years = sorted(TABLES.glob("calendar-*.toml"))
    pins = pinned("officer", "vinh", "officer"), pinned("seal", "H99.42.05.13", "seal")
    return Rules(
        agencies=agencies.parse(AGENCIES),
        calendar=calendar.parse(year.read_text("utf-8") for year in years),
        fees=(of_2027, *fees),
        rows=(),
        national={},
        extensions=(),
        on_vneid={},
        trust=TrustDocument(demo=True, signers=(), timestamps=(), identities=pins),
        public_host="https://hoaban.example",
        link_key=bytes(range(32)),
        file_bytes=1,
        document_pages=1,
        demo=True,
    )


def test_an_agency_that_is_not_in_the_file_is_not_found(rules):
    """The one asked for is named, for whoever reads the log."""
    assert rules.agency("H99.42.05.14").code == "H99.42.05.14"
    with pytest.raises(NotFound, match=r"^H1$"):
        rules.agency("H1")


def test_each_agency_closes_at_its_own_hour(rules):
    """What is complete on Monday morning is due that day, at half past four here."""
    morning = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
    due = {
        code: rules.due_at(code, morning) for code in ("H99.42.05.13", "H99.42.05.14")
    }
    day = date(2026, 11, 23)
    assert due == {
        "H99.42.05.13": datetime.combine(day, time(16, 30), HANOI),
        "H99.42.05.14": datetime.combine(day, time(17), HANOI),
    }


def test_a_due_hour_passes_over_days_off(rules):
    """Saturday's is due on Monday: the calendar is the country's."""
    due = rules.due_at("H99.42.05.13", datetime(2026, 11, 21, 2, 0, tzinfo=UTC))
    assert due == datetime(2026, 11, 23, 16, 30, tzinfo=HANOI)


def test_the_fee_is_of_the_day_at_the_desk(rules):
    """The new rule begins with the new year in Hà Nội, not in Greenwich."""
    assert (
        rules.fee_rule("H99.42.05.13", LAST_OF_2026, "counter").rule_set == "TT226/2016"
    )
    assert rules.fee_rule("H99.42.05.13", FIRST_OF_2027, "counter").rule_set == "2027"


def test_an_office_ends_with_its_last_day_at_the_desk(rules):
    """A second later nobody signs; who has no office never does."""
    signs = rules.identities(VINH, LAST_OF_2026)
    assert (signs.officer.id, signs.officer.key) == ("vinh", "officer")
    assert (signs.agency.code, signs.agency.key) == ("H99.42.05.13", "seal")
    with pytest.raises(NoOffice):
        rules.identities(VINH, FIRST_OF_2027)
    with pytest.raises(NotAllowed) as refused:
        rules.identities(replace(VINH, officer=None), LAST_OF_2026)
    assert refused.value.key == "error.no-office"


def test_a_link_is_made_with_the_key_of_links(rules):
    """Host, path, and the capability of that entry in that generation."""
    entry = "H99.42.05.13/E/2026/1180"
    mac = hmac.digest(bytes(range(32)), entry.encode() + b"\x003", "sha256")
    token = base64.urlsafe_b64encode(mac[:20]).decode().rstrip("=")
    assert rules.link(entry, 3) == f"https://hoaban.example/c/{token}"


def test_what_one_document_may_cost_unless_the_settings_say(rules):
    """Four hundred files, two hundred in one request, and a minute for those."""
    assert (rules.document_files, rules.request_files) == (400, 200)
    assert rules.upload_seconds == 60.0


def test_an_agency_that_was_merged_takes_nothing_new(rules):
    """From the day on it is part of another one, by the desk's own calendar; whoever
    tries is told where to.
    """
    merger = Merger(
        agency="H99.42.05.13",
        into="H99.42.05.14",
        into_name="UBND phường Mới",
        on=date(2026, 12, 31),
    )
    trust = rules.trust.model_copy(update={"mergers": (merger,)})
    after, at = replace(rules, trust=trust), LAST_OF_2026
    after.check_takes_cases("H99.42.05.14", at)
    after.check_takes_cases("H99.42.05.13", at - timedelta(days=1))
    for refused in (
        lambda: after.check_takes_cases("H99.42.05.13", at),
        lambda: after.identities(VINH, at),
    ):
        with pytest.raises(NotAllowed) as no:
            refused()
        assert no.value.values == {"into": "UBND phường Mới", "day": "31/12/2026"}


def test_nobody_signs_with_a_version_whose_days_are_over(rules):
    """As signing and the gate would refuse it later, after a number was taken."""
    officer, seal = rules.trust.identities
    old = seal.model_copy(update={"valid_until": date(2026, 12, 31)})
    trust = rules.trust.model_copy(update={"identities": (officer, old)})
    ended = replace(rules, trust=trust)
    assert ended.identities(VINH, LAST_OF_2026 - timedelta(days=1)).agency.key == "seal"
    with pytest.raises(NoOffice, match="seal"):
        ended.identities(VINH, LAST_OF_2026)
