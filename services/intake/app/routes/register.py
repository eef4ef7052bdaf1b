"""The register of what was certified."""

from typing import Final

from intake.app import pages
from intake.app.route import STAFF, Route

ROUTES: Final = (Route("GET", "/register", pages.register, STAFF),)
