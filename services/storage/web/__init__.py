"""Pages of the public face: templates, words, static files, and how facts are said."""

from collections.abc import Sequence
from functools import cache
from pathlib import Path

from chassis.clock import LOCAL
from chassis.web import Pages
from ecopy.identifiers import format_code
from ecopy.trust import Merger
from storage.web.speaking import grouped, spoken_agency, spoken_title


@cache
def load_pages(*, demo: bool, office: object, mergers: Sequence[Merger] = ()) -> Pages:
    """``office`` is shown in the frame of every page, in the page's language;
    *mergers* MUST be a tuple, and each stands beside the copies of its agency.
    """
    return Pages(
        Path(__file__).parent,
        zone=LOCAL,
        names={
            "demo": demo,
            "office": office,
            "merged": {merger.agency: merger for merger in mergers},
            "format_code": format_code,
            "grouped": grouped,
            "spoken_agency": spoken_agency,
            "spoken_title": spoken_title,
        },
    )
