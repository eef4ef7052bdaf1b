"""What a program sent, read into its model: the one door for JSON of /v1.

Text is cleaned as a form's is (``visit.typed``), and bounded; what does not fit is
answered with 422 and the place of each mistake. Start at ``read``.
"""

import json
from typing import TypeVar

from pydantic import BaseModel, ValidationError
from starlette.requests import Request

from intake.app.v1.misfits import Misfit, MistakeAt, NotJson
from intake.app.visit import (
    FIELD_CHARACTERS,
    JSON_TYPE,
    TooMuch,
    Unreadable,
    Visit,
    body_of,
)
from intake.domain import text

M = TypeVar("M", bound=BaseModel)
Json = dict[str, "Json"] | list["Json"] | str | int | float | bool | None


async def sent(request: Request) -> bytes:
    """The body, not yet read. Raises TooMuch, NotJson."""
    body = await body_of(request)
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != JSON_TYPE:
        raise NotJson
    return body


def read(visit: Visit, model: type[M]) -> M:
    """The body as *model*. Raises Unreadable, TooMuch, Misfit."""
    try:
        cleaned = _cleaned(json.loads(visit.sent))
        written = json.dumps(cleaned, allow_nan=False)
    except (ValueError, RecursionError) as error:  # nested a thousand deep
        raise Unreadable("json") from error
    try:
        return model.model_validate_json(written, strict=True)
    except ValidationError as error:
        raise _misfit(error) from error


def query(visit: Visit, model: type[M]) -> M:
    """The address's query as *model*. Raises Misfit."""
    sent = {
        name: text.line(value)
        for name, value in visit.request.query_params.items()
        if name in model.model_fields
    }
    try:
        return model.model_validate(sent)
    except ValidationError as error:
        raise _misfit(error) from error


def _cleaned(value: Json) -> Json:
    if isinstance(value, str):
        if len(value) > FIELD_CHARACTERS:
            raise TooMuch
        return text.clean(value)
    if isinstance(value, list):
        return [_cleaned(each) for each in value]
    if isinstance(value, dict):
        return {text.clean(name): _cleaned(each) for name, each in value.items()}
    return value


def _misfit(error: ValidationError) -> Misfit:
    return Misfit(
        *(
            MistakeAt("".join(f"/{part}" for part in each["loc"]), each["msg"])
            for each in error.errors(include_url=False, include_input=False)
        )
    )
