"""Pages of the public face: templates, words, static files, and how facts are said."""

from functools import cache
from pathlib import Path

from chassis.clock import LOCAL
from chassis.web import Pages
from ecopy.identifiers import format_code
from storage.web.speaking import grouped, spoken_agency, spoken_title


@cache
def load_pages(*, demo: bool, office: object) -> Pages:
    """``office`` is shown in the frame of every page, in the page's language."""
    return Pages(
        Path(__file__).parent,
        zone=LOCAL,
        names={
            "demo": demo,
            "office": office,
            "format_code": format_code,
            "grouped": grouped,
            "spoken_agency": spoken_agency,
            "spoken_title": spoken_title,
        },
    )
