"""The programs' interface as an OpenAPI document, from the rows of the route table.

FastAPI would read parameters and bodies out of a function's signature. Here they are
read by ``visit.typed`` behind the guard, so each row names its models and this module
puts them where FastAPI would have put its own. Start reading at ``extras``.
"""

import inspect
import re
from http import HTTPStatus
from typing import Any, Final

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic import BaseModel

from intake.app.responses import ProblemResponse
from intake.app.route import Route

PROBLEM: Final = "application/problem+json"
SESSION: Final = "session"
_PART: Final = re.compile(r"\{(\w+)\}")


def document(app: FastAPI) -> dict[str, Any]:
    """Every described route of *app*, and how a program shows its session."""
    made = get_openapi(
        title=app.title,
        version=app.version,
        description="Why not is answered as RFC 9457 problem+json to every request"
        " under /v1 and to those that accept JSON.",
        routes=app.routes,
    )
    made["components"]["securitySchemes"] = {
        SESSION: {
            "type": "http",
            "scheme": "bearer",
            "description": "`session` of the answer to POST /v1/sign-in.",
        }
    }
    for path in made["paths"].values():
        for operation in path.values():
            refused = operation["responses"]["default"]
            # FastAPI names one media type for all answers of a route.
            refused["content"] = {PROBLEM: refused["content"]["application/json"]}
    return made


def description(route: Route) -> str:
    """What the endpoint's docstring promises, and to whom."""
    promise = inspect.getdoc(route.endpoint) or ""
    roles = ", ".join(sorted(route.rule.roles))
    return f"{promise}\n\nRoles: {roles}." if roles else promise


def responses(answer: type[BaseModel]) -> dict[int | str, dict[str, Any]]:
    refused = {"model": ProblemResponse, "description": "Why not."}
    return {int(HTTPStatus.OK): {"model": answer}, "default": refused}


def extras(route: Route) -> dict[str, Any]:
    """Parameters, body and session, as a part of the operation."""
    parameters = [
        _parameter("path", name, {"type": "string"})
        for name in _PART.findall(route.path)
    ]
    extra: dict[str, Any] = {}
    if route.takes is not None and route.method == "GET":
        fields = route.takes.model_json_schema()["properties"]
        parameters += [
            _parameter("query", name, schema) for name, schema in fields.items()
        ]
    if route.takes is not None and route.method == "POST":
        kind = "multipart/form-data" if route.rule.streams else "application/json"
        content = {kind: {"schema": route.takes.model_json_schema()}}
        extra["requestBody"] = {"required": True, "content": content}
    if route.rule.signed_in:
        extra["security"] = [{SESSION: []}]
    return extra | ({"parameters": parameters} if parameters else {})


def _parameter(where: str, name: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"name": name, "in": where, "required": True, "schema": schema}
