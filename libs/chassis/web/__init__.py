"""Pages for people: templates, words and static files, shared by both faces.

A service's web package is a directory with ``templates/`` (Jinja2), ``static/``
and ``i18n/<lang>.toml``; this directory has the same three and is searched after
it. So both faces say ``{% import "macros.html.j2" as m %}`` and link
``{{ asset("tokens.css") }}`` and ``{{ asset("base.css") }}``::

    pages = Pages(Path(__file__).parent)
    html = pages.render("link.html.j2", lang="vi", copy=view)
    app.mount("/static", pages.assets)          # digest in the URL, cached for ever

In templates: ``t("key", n=3)`` (an unknown key raises), ``lang``, ``asset(name)``,
and the filters ``day``, ``hour``, ``moment``, ``number``, ``size``, ``iso``. Words that
hold markup have a key that ends in ``_html``: their values are escaped, they are not.
Undefined names raise, and everything else is escaped.
"""

from collections.abc import Mapping
from datetime import tzinfo
from pathlib import Path
from typing import Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from chassis.clock import LOCAL
from chassis.web.assets import Assets
from chassis.web.formats import filters
from chassis.web.words import Catalogue, load_catalogue

LANGUAGES: Final = ("vi", "en")
SHARED: Final = Path(__file__).parent

__all__ = ["LANGUAGES", "SHARED", "Assets", "Catalogue", "Pages", "load_catalogue"]


class Pages:
    """The templates of one service, in each language; one environment each."""

    def __init__(
        self,
        package: Path,
        *,
        zone: tzinfo = LOCAL,
        names: Mapping[str, object] | None = None,
    ) -> None:
        """``names`` are globals for every template, beside those named above."""
        self.assets = Assets(SHARED / "static", package / "static")
        self.words = {
            lang: load_catalogue(lang, SHARED / "i18n", package / "i18n")
            for lang in LANGUAGES
        }
        self._environments = {
            lang: self._environment(lang, package=package, zone=zone, names=names or {})
            for lang in LANGUAGES
        }

    def render(self, name: str, *, lang: str, **context: object) -> str:
        """Vietnamese for any language that we do not speak."""
        environment = self._environments[known(lang)]
        return environment.get_template(name).render(**context)

    def text(self, key: str, /, *, lang: str, **values: object) -> str:
        return self.words[known(lang)](key, **values)

    def _environment(
        self, lang: str, *, package: Path, zone: tzinfo, names: Mapping[str, object]
    ) -> Environment:
        environment = Environment(
            loader=FileSystemLoader([package / "templates", SHARED / "templates"]),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
        )
        environment.filters.update(filters(lang, zone=zone))
        environment.globals.update(names)
        environment.globals.update(t=self.words[lang], lang=lang, asset=self.assets.url)
        return environment


def known(lang: str) -> str:
    return lang if lang in LANGUAGES else LANGUAGES[0]
