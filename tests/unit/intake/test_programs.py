"""What a program may, and whose token opens what: rules without a desk."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import get_args

import pytest

from chassis.addresses import network_of
from intake.app import allowance
from intake.app.allowance import Allowance, TooOften
from intake.app.routes import ROUTES
from intake.app.v1 import asked, steps_asked
from intake.domain import answering, intake_form, programs
from intake.domain.answering import KeptAnswer, KeyRow
from intake.domain.duties import Duty, roles_with
from intake.domain.people import Actor, Role
from intake.domain.programs import DUTY_OF, ProgramForm, Scope
from intake.domain.states import NotAllowed
from intake.usecases.arranging import PLAIN
from support.intake import AGENCY, MORNING, Hands

LONG = Actor("long", "Hà Bảo Long", AGENCY, frozenset({Role.ADMINISTRATOR}))
TOKEN = programs.token("aaaa2345", "s" * 43)
TODAY = date(2026, 11, 23)
FORM = ProgramForm("Một cửa tỉnh", frozenset({Scope.READ_CASES}), date(2026, 12, 31))


def made(*others, form=FORM, token=TOKEN):
    return programs.issued(form, token, others, by=LONG, at=MORNING).program


def test_no_scope_is_more_than_a_clerk_does():
    """A program never approves, and administers nothing: no scope has such a duty."""
    assert set(DUTY_OF) == set(Scope)
    assert set(DUTY_OF.values()) <= {Duty.RECEIVE, Duty.READ_CASES, Duty.READ_OFFICE}
    assert programs.roles_of(Scope) == {Role.CLERK}
    assert programs.roles_of({Scope.READ_CASES, Scope.READ_REGISTER}) == frozenset()


def test_a_route_for_programs_is_one_of_that_duty():
    """Who has a scope may nothing that nobody with its duty may, and pages are for
    people alone.
    """
    open_to_programs = [route for route in ROUTES if route.rule.scope is not None]
    assert {route.rule.scope for route in open_to_programs} == set(Scope)
    for route in open_to_programs:
        duty = DUTY_OF[route.rule.scope]
        reads = {Duty.READ_CASES, Duty.READ_OFFICE, Duty.CERTIFY}
        assert route.rule.roles <= roles_with(Duty.RECEIVE, *reads), route
        assert duty is not Duty.RECEIVE or Role.CLERK in route.rule.roles, route
        assert route.path.startswith("/v1/"), route
        assert "approve" not in route.path, route


@pytest.mark.parametrize(
    ("sent", "at", "opens"),
    [
        (TOKEN, MORNING, True),
        (TOKEN, datetime(2026, 12, 31, 16, 59, tzinfo=UTC), True),
        (TOKEN, datetime(2026, 12, 31, 17, 0, tzinfo=UTC), False),
        (TOKEN[:-1] + "t", MORNING, False),
        ("", MORNING, False),
    ],
)
def test_a_token_opens_until_the_end_of_its_last_day_in_vietnam(sent, at, opens):
    program = made()
    assert programs.opens(program, sent, at) is opens
    assert not programs.opens(None, sent, at)
    ended = programs.revoked(program, by=LONG, at=MORNING)
    assert ended is not None
    assert not programs.opens(ended.program, sent, at)
    assert programs.revoked(ended.program, by=LONG, at=MORNING) is None


def test_the_token_itself_is_kept_nowhere():
    """Neither the program's row nor the audit's line holds what opens."""
    change = programs.issued(FORM, TOKEN, (), by=LONG, at=MORNING)
    assert "s" * 43 not in repr(change)
    assert change.note.values["prefix"] == "aaaa2345"


@pytest.mark.parametrize(
    ("name", "scopes", "last_day", "key"),
    [
        ("", ["read-cases"], TODAY, "error.program-name"),
        ("x" * 81, ["read-cases"], TODAY, "error.program-name"),
        ("x", ["approve"], TODAY, "error.program-scopes"),
        ("x", ["read-cases"], None, "error.program-day"),
        ("x", ["read-cases"], TODAY - timedelta(days=1), "error.program-day"),
        ("x", ["read-cases"], TODAY + timedelta(days=367), "error.program-day"),
    ],
)
def test_what_is_no_program_is_told(name, scopes, last_day, key):
    with pytest.raises(NotAllowed, match=key):
        programs.parse_form(name, scopes, last_day, TODAY)


def test_a_name_is_one_programs_while_it_is_in_force():
    first = made()
    again = replace(FORM, name="MỘT CỬA TỈNH")
    with pytest.raises(NotAllowed, match="program-taken"):
        made(first, form=again)
    ended = programs.revoked(first, by=LONG, at=MORNING).program
    assert made(ended, form=again).name == "MỘT CỬA TỈNH"


def test_a_minute_has_so_many_requests():
    """The allowance is of one program, or of one network of strangers, whose neighbours
    at work are let through.
    """
    clock = Hands()
    limits = Allowance(clock, requests=2, strangers=1)
    for _ in range(2):
        limits.count("a")
    limits.count("b")
    with pytest.raises(TooOften) as often:
        limits.count("a")
    assert often.value.seconds == 60
    here, there = network_of("192.0.2.1"), network_of("198.51.100.1")
    limits.count_stranger(here)
    limits.check_strangers(there, "new")
    limits.check_strangers(here, "b")
    with pytest.raises(TooOften):
        limits.check_strangers(here, "new")
    clock.on(minutes=1)
    limits.count("a")
    limits.check_strangers(here, "new")
    limits.count_stranger(here)
    limits.check_strangers(here, "b")
    clock.on(minutes=1)
    limits.count_stranger(here)
    with pytest.raises(TooOften):
        limits.check_strangers(here, "b")


@pytest.mark.parametrize(
    ("header", "key"),
    [
        ('"8e03978e-40d5"', "8e03978e-40d5"),
        ("8e03978e-40d5", "8e03978e-40d5"),
        ("", None),
        ('""', None),
        ('"a', None),
        ("a b", None),
        ("é", None),
        ("a" * 201, None),
    ],
)
def test_a_key_is_a_string_of_a_structured_field(header, key):
    assert answering.key_of(header) == key


def test_a_key_is_one_request():
    request = answering.request("p", "k", "POST", "/v1/cases", body=b"{}", at=MORNING)
    other = answering.request("p", "k", "POST", "/v1/cases", body=b"[]", at=MORNING)
    later = answering.request(
        "p", "k", "POST", "/v1/cases", body=b"{}", at=MORNING + answering.IN_FLIGHT
    )
    open_row = KeyRow(request.content, MORNING)
    closed = replace(open_row, answer=KeptAnswer(201, {}, b"{}"))
    assert (
        request.id
        == other.id
        != answering.request("q", "k", "", "", body=b"", at=MORNING).id
    )
    assert answering.standing(None, request) == "mine"
    assert answering.standing(open_row, request) == "in-flight"
    assert answering.standing(open_row, later) == "mine"
    assert answering.standing(closed, later) == "answered"
    assert answering.standing(closed, other) == "other"


def test_what_programs_may_send_is_what_the_desk_takes():
    """The words that stand in the OpenAPI document are those of the forms."""
    assert get_args(asked.Channel) == intake_form.CHANNELS
    assert get_args(asked.IdKind) == intake_form.ID_KINDS
    assert get_args(asked.OriginalsBack) == intake_form.ORIGINALS_BACK
    assert set(get_args(steps_asked.Step)) == {*PLAIN, "place"}


def test_the_guide_names_each_scope_and_the_limits():
    """Whoever connects a program reads docs/api.md, and nothing of the code."""
    guide = (Path(__file__).parents[3] / "docs" / "api.md").read_text("utf-8")
    assert all(f"| `{scope}` |" in guide for scope in Scope)
    assert f"ask {allowance.REQUESTS_PER_MINUTE} times a minute" in guide
    assert timedelta(days=3) == answering.KEYED
    assert "for three days" in guide
