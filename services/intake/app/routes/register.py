"""The register of what was certified, the papers that the office hands out, and what
the office is measured by.
"""

from typing import Final

from intake.app import handout_templates, handouts, overview, pages
from intake.app.route import STAFF, Route

ROUTES: Final = (
    Route("GET", "/register", pages.register, STAFF),
    *handouts.ROUTES,
    *handout_templates.ROUTES,
    *overview.ROUTES,
)
