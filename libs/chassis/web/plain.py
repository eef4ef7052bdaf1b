"""A page without a service: what is said before any application sees a request, or
when none answered. In both languages, because nobody knows yet which one is read.
"""

from html import escape
from typing import Final

from chassis.web import LANGUAGES, SHARED
from chassis.web.words import load_catalogue

_FRAME: Final = """<!doctype html>
<html lang="{lang}"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width"><title>{title}</title></head>
<body><main>
{parts}<p>{status}</p>
</main></body></html>
"""
_PART: Final = '<section lang="{lang}"><h1>{title}</h1><p>{next}</p></section>\n'


def plain_page(status: int) -> str:
    """What happened and what to do next, Vietnamese first."""
    parts, titles = "", []
    for lang in LANGUAGES:
        words = load_catalogue(lang, SHARED / "i18n" / "plain")
        titles.append(words(f"status.{status}.title"))
        parts += _PART.format(
            lang=lang,
            title=escape(words(f"status.{status}.title")),
            next=escape(words(f"status.{status}.next")),
        )
    return _FRAME.format(
        lang=LANGUAGES[0], title=escape(titles[0]), parts=parts, status=status
    )
