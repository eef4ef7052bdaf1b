"""The desk's own sentences for whoever reads a log or a terminal instead of a page."""

from collections.abc import Mapping

from intake.web import create_renderer


def sentences(key: str, values: Mapping[str, str | int]) -> tuple[str, str]:
    """What the catalogues say under *key*, in Vietnamese and in English."""
    words = create_renderer().pages.words
    return words["vi"](key, **values), words["en"](key, **values)
