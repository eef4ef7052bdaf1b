"""Who signs in and out, and what each may do to the own account."""

from typing import Final

from intake.app import pages, sessions
from intake.app.route import ANYBODY, AT_SIGN_IN, OWN_ACCOUNT, Route

ROUTES: Final = (
    Route("GET", "/sign-in", pages.sign_in, ANYBODY),
    Route("POST", "/sign-in", sessions.sign_in, ANYBODY),
    Route("POST", "/sign-out", sessions.sign_out, OWN_ACCOUNT),
    Route("GET", "/account", pages.account, OWN_ACCOUNT),
    Route(
        "POST", "/account/password", sessions.change_password, OWN_ACCOUNT, AT_SIGN_IN
    ),
)
