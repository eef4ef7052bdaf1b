"""What each role may do, written out by hand and nowhere derived from the table."""

import pytest

from intake.app.routes import ROUTES
from intake.domain import duties
from intake.domain.duties import DUTIES
from intake.domain.people import Role

TABLE = """
clerk          receive read-cases
examiner       examine read-cases
certifier      certify read-cases
seal-keeper    release read-cases
leader         lead read-cases read-office
administrator  administer read-office
auditor        read-cases read-office
"""
OWN = {
    ("POST", "/sign-in"),
    ("POST", "/v1/sign-in"),
    ("POST", "/sign-out"),
    ("POST", "/account/password"),
    ("POST", "/views"),
    ("POST", "/views/remove"),
}
"""What everybody does to the own account."""
ACTS = {
    Role.CLERK: {"/cases", "/documents/{document}/submit", "/inbox/assign"},
    Role.EXAMINER: {"/documents/{document}/send-back"},
    Role.CERTIFIER: {"/documents/{document}/approve", "/register/close"},
    Role.SEAL_KEEPER: {"/seal/release", "/documents/{document}/withhold"},
    Role.LEADER: set(),
    Role.ADMINISTRATOR: {"/accounts", "/templates/{handout}"},
    Role.AUDITOR: set(),
}
"""Some acts of each role, and all of them where none is named."""


def acts(role):
    return {
        route.path
        for route in ROUTES
        if route.method not in {"GET", "HEAD", "OPTIONS"}
        and (route.method, route.path) not in OWN
        and route.rule.signed_in
        and route.rule.admits(frozenset({role}))
    }


def pages(*roles):
    return {
        route.path
        for route in ROUTES
        if route.method == "GET" and route.rule.admits(frozenset(roles))
    }


def test_the_table_of_roles_is_this_one():
    rows = dict(line.split(maxsplit=1) for line in TABLE.strip().splitlines())
    written = {role: set(words.split()) for role, words in rows.items()}
    assert {str(role): set(map(str, has)) for role, has in DUTIES.items()} == written
    assert set(DUTIES) == set(Role)


@pytest.mark.parametrize("role", Role)
def test_a_role_acts_where_the_law_lets_it(role):
    """Leader and auditor press nothing; the others not each other's."""
    mine = acts(role)
    assert mine >= ACTS[role]
    if not ACTS[role]:
        assert mine == set()
    if role in {Role.EXAMINER, Role.SEAL_KEEPER}:
        assert mine == ACTS[role]
    others = set().union(*(ACTS[each] for each in Role if each is not role))
    assert mine & (others - {"/documents/{document}/send-back"}) == set()


def test_every_act_is_somebodys():
    """A route without a role would be everybody's: none changes anything."""
    open_to_all = {
        (route.method, route.path)
        for route in ROUTES
        if not route.rule.roles and route.method not in {"GET", "HEAD"}
    }
    assert {key for key in open_to_all if key[0] != "OPTIONS"} == OWN


def test_an_auditor_sees_what_the_desk_sees():
    """Cases, papers, their pages, the register, the office and the machinery; not what
    is handed to the citizen, which opens the copy, nor the inbox of scans, nor a form
    that changes a case.
    """
    read = pages(Role.CLERK, Role.CERTIFIER) | pages(Role.ADMINISTRATOR)
    assert {"/cases/{code}", "/register", "/accounts", "/system"} <= pages(Role.AUDITOR)
    assert {path.split("/")[1] for path in read - pages(Role.AUDITOR)} <= {
        *("inbox", "wall", "v1", "templates"),
        *("cases", "documents", "accounts", "system"),
    }
    handed = {path for path in read - pages(Role.AUDITOR) if "{code}" in path}
    forms = {route.path for route in ROUTES if route.method == "POST"}
    assert all("/handouts/" in path for path in handed - forms)
    assert "/documents/{document}/link.svg" not in pages(Role.AUDITOR)


def test_the_link_is_for_those_who_hand_it_over():
    assert duties.hands_over({Role.CERTIFIER})
    assert duties.hands_over({Role.CLERK})
    others = set(Role) - {Role.CERTIFIER, Role.CLERK}
    assert not duties.hands_over(others)
