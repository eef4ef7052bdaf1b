"""The register of what was certified, and the papers that the office hands out."""

from typing import Final

from intake.app import handouts, pages
from intake.app.route import STAFF, Route

ROUTES: Final = (
    Route("GET", "/register", pages.register, STAFF),
    *handouts.ROUTES,
)
