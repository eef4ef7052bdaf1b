"""The public face on one screen: what each route is counted as, and what OpenAPI says
of the three that programs use.
"""

import pytest

from storage.app.application import create_app
from storage.app.office import Office
from storage.app.routes import ROUTES
from storage.app.throttling import PublicRule
from storage.settings import PublicLimitSettings
from support.build import NOON

OFFICE = Office("UBND phường", "Committee", "", "", "")
COUNTED = {
    ("GET", "/c/{token}"): PublicRule.LINKS,
    ("POST", "/c/{token}"): PublicRule.LINKS,
    ("GET", "/c/{token}/download"): PublicRule.LINKS,
    ("POST", "/c/{token}/rating"): PublicRule.LINKS,
    ("GET", "/k/{code}"): PublicRule.CODES,
    ("POST", "/kiem-tra"): PublicRule.UPLOADS,
    ("POST", "/verify"): PublicRule.UPLOADS,
    ("POST", "/v1/verify"): PublicRule.UPLOADS,
    ("GET", "/v1/digests/{sha256}"): PublicRule.FILES,
    ("GET", "/v1/codes/{code}"): PublicRule.CODES,
}
FREE = {
    *("/", "/k", "/kiem-tra", "/verify", "/cach-kiem-tra", "/how-to-check"),
    *("/so-lieu", "/figures", "/so-lieu/{agency}/{year}"),
    "/so-lieu/{agency}/{year}.csv",
    *("/robots.txt", "/healthz", "/readyz", "/metrics"),
}


@pytest.fixture(scope="module")
def document():
    app = create_app(
        None,
        clock=lambda: NOON,
        office=OFFICE,
        demo=False,
        limits=PublicLimitSettings(),
        trusted_proxies=(),
        public_host="https://hoaban.example",
    )
    return app.openapi()


def test_every_route_is_counted_as_this_table_says():
    """Whatever looks something up is counted; only what looks nothing up, or what
    is read once a minute for everybody, is free.
    """
    counted = {
        (route.methods[0], route.path): route.rule
        for route in ROUTES
        if route.rule is not PublicRule.FREE
    }
    assert counted == COUNTED
    free = [route for route in ROUTES if route.rule is PublicRule.FREE]
    assert {route.path for route in free} == FREE
    assert all("POST" not in route.methods for route in free)


def test_programs_are_told_of_three_questions(document):
    """Paths, methods, what is sent and what comes back: others' programs are built on
    it, so it changes on purpose only.
    """
    questions = {
        (path, method): (
            operation["operationId"],
            [one["name"] for one in operation.get("parameters", [])],
            sorted(operation["responses"]),
            sorted(operation.get("requestBody", {}).get("content", {})),
        )
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    }
    assert questions == {
        ("/v1/verify", "post"): (
            "verify_v1_verify_post",
            [],
            ["200"],
            ["application/pdf", "multipart/form-data"],
        ),
        ("/v1/digests/{sha256}", "get"): (
            "digest_v1_digests__sha256__get",
            ["sha256"],
            ["200", "422"],
            [],
        ),
        ("/v1/codes/{code}", "get"): (
            "code_v1_codes__code__get",
            ["code"],
            ["200", "422"],
            [],
        ),
    }


def test_answers_have_these_members(document):
    """What programs read of a verdict, a copy and a code."""
    schemas = document["components"]["schemas"]
    members = {name: set(one.get("properties", ())) for name, one in schemas.items()}
    assert members["VerdictResponse"] == {
        *("verdict", "finding", "checked_at", "file", "certified_copy", "sealed"),
        *("type_its_code", "signatures"),
    }
    assert members["CopyResponse"] == {
        *("entry", "agency", "number", "book", "date", "kind", "officer_title"),
        *("pages", "size", "sha256", "code", "status", "demo", "officer_signed_at"),
        *("sealed_at", "timestamp_authority"),
        *("agency_merged_into", "agency_merged_on"),
    }
    assert members["CodeResponse"] == {"status", "certified_copy"}
    assert members["CheckedFile"] == {"name", "sha256", "size"}
    digest = document["paths"]["/v1/digests/{sha256}"]["get"]["parameters"][0]
    assert digest["schema"]["pattern"] == "^[0-9a-f]{64}$"
