"""Fields of a small form that a person has typed."""

from collections.abc import Mapping
from urllib.parse import parse_qs

from starlette.requests import Request


async def typed_fields(request: Request, *, most_bytes: int) -> Mapping[str, str]:
    """The first value of each name; none of anything that our form does not send."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > most_bytes:
            return {}
    try:
        fields = parse_qs(body.decode("utf-8", "replace"), max_num_fields=9)
    except ValueError:
        return {}
    return {name: values[0] for name, values in fields.items()}
