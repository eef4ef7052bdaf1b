"""The programs' interface as an OpenAPI document, from the rows of the route table.

FastAPI would read parameters and bodies out of a function's signature. Here they are
read behind the guard, so each row names its models and this module puts them where
FastAPI would have put its own. Every status that a route may answer with is named,
so that a program, and a test, can tell an answer that nobody promised. Start reading
at ``responses``.
"""

import inspect
import re
from collections.abc import Iterable
from http import HTTPStatus
from typing import Any, Final

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic import BaseModel

from intake.app.responses import ProblemResponse
from intake.app.route import Route

PROBLEM: Final = "application/problem+json"
JSON: Final = "application/json"
SCHEMAS: Final = "#/components/schemas/{model}"
SESSION: Final = "session"
ALWAYS: Final = (400, 404, 500, 503)
_PART: Final = re.compile(r"\{(\w+)\}")
_BEARER: Final = (
    "A program's token, made by the agency's administrator (`ecopy_…`); or `session` of"
    " the answer to POST /v1/sign-in."
)


def document(app: FastAPI, routes: Iterable[Route]) -> dict[str, Any]:
    """Every described route of *app*, and how a program shows who it is."""
    made = get_openapi(
        title=app.title,
        version=app.version,
        description="Why not is answered as RFC 9457 problem+json to every request"
        " under /v1 and to those that accept JSON. How to use it: docs/api.md.",
        routes=app.routes,
    )
    parts = made["components"]
    parts["securitySchemes"] = {
        SESSION: {"type": "http", "scheme": "bearer", "description": _BEARER}
    }
    for route in routes:
        if route.answer is not None and route.takes is not None:
            parts["schemas"].update(_schema(route.takes).get("$defs", {}))
        if route.answer is not None:
            operation = made["paths"][route.path][route.method.lower()]
            _name_media(operation["responses"], route)
    parts["schemas"] = dict(sorted(parts["schemas"].items()))
    return made


def name(route: Route) -> str:
    """One name for each operation: two rows may share an endpoint's name."""
    module = route.endpoint.__module__.rpartition(".")[2]
    return f"{module}_{route.endpoint.__name__}"


def description(route: Route) -> str:
    """What the endpoint's docstring promises, and to whom."""
    promise = inspect.getdoc(route.endpoint) or ""
    if route.rule.scope is not None:
        promise += f"\n\nScope of a program: `{route.rule.scope}`."
    roles = ", ".join(sorted(route.rule.roles))
    return f"{promise}\n\nRoles: {roles}." if roles else promise


def success(route: Route) -> int:
    return HTTPStatus.CREATED if route.terms.created else HTTPStatus.OK


def statuses(route: Route) -> tuple[int, ...]:
    """Every status of a "no" that the route may answer with."""
    rule, terms = route.rule, route.terms
    posts = route.method == "POST"
    found = {
        401: rule.signed_in or route.path == "/v1/sign-in",
        403: rule.signed_in,
        429: rule.signed_in or route.path == "/v1/sign-in",
        408: posts,
        409: posts and not terms.matched,
        412: terms.matched,
        413: posts,
        415: rule.json,
        422: posts or route.takes is not None or terms.forbidden_by_state,
        428: terms.matched,
        507: rule.streams,
    }
    found[409] |= bool(terms.keyed)
    return tuple(sorted((*ALWAYS, *(status for status, may in found.items() if may))))


def responses(route: Route, answer: type[BaseModel]) -> dict[int | str, dict[str, Any]]:
    """The answer, and each "no" with its phrase."""
    found: dict[int | str, dict[str, Any]] = {success(route): {"model": answer}}
    for status in statuses(route):
        found[status] = {
            "model": ProblemResponse,
            "description": HTTPStatus(status).phrase,
        }
    if route.terms.tagged:
        found[success(route)]["headers"] = {
            "ETag": {"schema": {"type": "string"}, "required": True}
        }
    if route.terms.tagged and route.method == "GET":
        found[304] = {"description": "It is as If-None-Match has it."}
    return found


def extras(route: Route) -> dict[str, Any]:
    """Parameters, body and session, as a part of the operation."""
    parameters = [
        _parameter("path", part, {"type": "string"})
        for part in _PART.findall(route.path)
    ]
    parameters += _query(route) + _headers(route)
    extra: dict[str, Any] = {}
    if route.takes is not None and route.method == "POST":
        kind = "multipart/form-data" if route.rule.streams else JSON
        schema = {k: v for k, v in _schema(route.takes).items() if k != "$defs"}
        extra["requestBody"] = {"required": True, "content": {kind: {"schema": schema}}}
    if route.rule.signed_in:
        extra["security"] = [{SESSION: []}]
    return extra | ({"parameters": parameters} if parameters else {})


def _name_media(answers: dict[str, Any], route: Route) -> None:
    """FastAPI names one media type for all answers of a route."""
    for status, answer in answers.items():
        if int(status) >= HTTPStatus.BAD_REQUEST:
            answer["content"] = {PROBLEM: answer["content"][JSON]}
        elif int(status) == HTTPStatus.NOT_MODIFIED:
            answer.pop("content", None)
        elif route.terms.media != JSON:
            answer["content"] = {route.terms.media: answer["content"][JSON]}


def _query(route: Route) -> list[dict[str, Any]]:
    if route.takes is None or route.method != "GET":
        return []
    schema = _schema(route.takes)
    needed = schema.get("required", ())
    return [
        _parameter("query", field, said, required=field in needed)
        for field, said in schema["properties"].items()
    ]


def _headers(route: Route) -> list[dict[str, Any]]:
    text = {"type": "string"}
    found: list[dict[str, Any]] = []
    if route.terms.keyed:
        found.append(_parameter("header", "Idempotency-Key", text))
    if route.terms.matched:
        found.append(_parameter("header", "If-Match", text))
    if route.terms.tagged and route.method == "GET":
        found.append(_parameter("header", "If-None-Match", text, required=False))
    return found


def _schema(model: type[BaseModel]) -> dict[str, Any]:
    return model.model_json_schema(ref_template=SCHEMAS)


def _parameter(
    where: str, named: str, schema: dict[str, Any], *, required: bool = True
) -> dict[str, Any]:
    return {"name": named, "in": where, "required": required, "schema": schema}
