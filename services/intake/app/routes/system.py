"""What an administrator sees of the machinery, and letters that were parked."""

from typing import Final

from intake.app import system
from intake.app.route import ADMINISTRATORS, AT_SYSTEM, OFFICE, Route

ROUTES: Final = (
    Route("GET", "/system", system.overview, OFFICE),
    Route("GET", "/system/letters/{number}", system.letter, ADMINISTRATORS),
    Route(
        "POST",
        "/system/letters/{number}/replay",
        system.replay,
        ADMINISTRATORS,
        AT_SYSTEM,
    ),
    Route(
        "POST",
        "/system/letters/{number}/dismiss",
        system.dismiss,
        ADMINISTRATORS,
        AT_SYSTEM,
    ),
)
