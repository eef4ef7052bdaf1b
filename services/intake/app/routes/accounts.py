"""Who signs in and out, and what each may do to the own account."""

from typing import Final

from intake.app import pages, sessions
from intake.app.route import ANYBODY, AT_SIGN_IN, STAFF, Route

ROUTES: Final = (
    Route("GET", "/sign-in", pages.sign_in, ANYBODY),
    Route("POST", "/sign-in", sessions.sign_in, ANYBODY),
    Route("POST", "/sign-out", sessions.sign_out, STAFF),
    Route("GET", "/account", pages.account, STAFF),
    Route("POST", "/account/password", sessions.change_password, STAFF, AT_SIGN_IN),
)
