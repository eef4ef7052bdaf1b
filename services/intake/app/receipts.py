"""What an act brought about, said once on the page that follows it, without a script.

It travels in a cookie beside the redirect. Its HMAC under the session's own token binds
it to this session: no address, no other page and no other person can put words there.
"""

import base64
import hashlib
import hmac
import json
from typing import Final

from starlette.responses import Response

from intake.app.desk import Desk
from intake.domain.views.page import Me, Receipt

SECONDS: Final = 120
"""A redirect is followed at once; what nobody came to read is not said later."""
TITLE_CHARACTERS: Final = 80
_PURPOSE: Final = b"said\0"


def attach(response: Response, desk: Desk, token: str, receipt: Receipt) -> None:
    response.set_cookie(
        cookie(desk),
        seal(token, receipt),
        max_age=SECONDS,
        path="/",
        secure=desk.secure,
        httponly=True,
        samesite="strict",
    )


def clear(response: Response, desk: Desk, me: Me | None) -> None:
    """Remove the cookie once a page has shown it; redirects and pictures leave it."""
    if me is None or me.receipt is None or response.media_type != "text/html":
        return
    response.delete_cookie(
        cookie(desk),
        path="/",
        secure=desk.secure,
        httponly=True,
        samesite="strict",
    )


def cookie(desk: Desk) -> str:
    return f"{desk.cookie}-said"


def seal(token: str, receipt: Receipt) -> str:
    # In a cookie and not on the server: a note of what somebody did would need a table,
    # a sweep, and a rule for two windows. The HMAC is what a table's row would prove.
    content = json.dumps([receipt.slug, receipt.values, receipt.link]).encode()
    return f"{base64.urlsafe_b64encode(content).decode()}.{_mac(token, content)}"


def read(token: str, sealed: str) -> Receipt | None:
    """The receipt in the cookie; None for one that this session did not seal."""
    text, _, mac = sealed.partition(".")
    try:
        content = base64.urlsafe_b64decode(text.encode())
    except ValueError:
        return None
    if not hmac.compare_digest(_mac(token, content).encode(), mac.encode()):
        return None
    return Receipt(*json.loads(content))


def short(title: str) -> str:
    """The title cut to fit: it may have 500 characters, a cookie has 4,096 bytes."""
    if len(title) <= TITLE_CHARACTERS:
        return title
    return f"{title[: TITLE_CHARACTERS - 1]}…"


def _mac(token: str, content: bytes) -> str:
    return hmac.new(token.encode(), _PURPOSE + content, hashlib.sha256).hexdigest()
