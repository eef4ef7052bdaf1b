"""The OpenAPI document tells the truth about the route table, both ways."""

import json

import pytest

from bench import fuzz_desk
from contract.openapi import FILE, text
from intake.app.application import described
from intake.app.routes import ROUTES

JSON = [route for route in ROUTES if route.answer is not None]
OPERATIONS = {
    (method.upper(), path): operation
    for path, methods in described()["paths"].items()
    for method, operation in methods.items()
}


def test_the_generated_document_is_fresh():
    """The committed file is what the generator writes today."""
    assert FILE.read_text("utf-8") == text(), "run: python tests/contract/openapi.py"
    assert json.loads(text()) == described()


def test_every_answer_for_programs_is_described_and_no_page_is():
    """Rows with an answer are in the document, and nothing else."""
    assert set(OPERATIONS) == {(route.method, route.path) for route in JSON}
    assert {"/healthz", "/v1/cases/{code}"} <= {route.path for route in JSON}


@pytest.mark.parametrize("route", JSON, ids=lambda route: route.path)
def test_a_described_field_is_one_that_the_desk_asks_for(route):
    """What the document tells programs to send is read by the desk's code."""
    fields = set(route.takes.model_fields) if route.takes else set()
    assert fields <= set(fuzz_desk.names())


@pytest.mark.parametrize("route", JSON, ids=lambda route: route.path)
def test_a_route_that_wants_a_session_says_so(route):
    """Only the two probes and the sign-in itself are open."""
    secured = "security" in OPERATIONS[route.method, route.path]
    assert secured == route.rule.signed_in
    assert secured or route.path in {"/healthz", "/readyz", "/v1/sign-in"}
