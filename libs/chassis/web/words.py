"""Catalogues of words: one TOML file per language, tables joined by dots.

A message is a string with ``{names}``, or a table ``{ one = "…", other = "…" }``
chosen by ``n`` (CLDR plural rules of Vietnamese, which has only *other*, and of
English).
"""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeGuard

from markupsafe import Markup

PLURAL = frozenset({"one", "other"})
Message = str | Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Catalogue:
    """The words of one language; calling it gives the message for a key."""

    lang: str
    messages: Mapping[str, Message]

    def __call__(self, key: str, /, **values: object) -> str:
        """Raises KeyError for an unknown key or a value that is missing."""
        message = self.messages[key]
        if not isinstance(message, str):
            message = message["one" if values["n"] == 1 else "other"]
        if key.endswith("_html"):
            return Markup(message).format(**values)  # noqa: S704 - our own words; format escapes the values
        return message.format(**values) if values else message

    def sentence(self, key: str, values: Mapping[str, object]) -> str:
        """The message for a key that came from elsewhere; empty where this version has
        no words for it, or the values are not the ones that its words need.
        """
        try:
            return self(key, **values)
        except (KeyError, ValueError, IndexError):
            return ""

    def __contains__(self, key: str) -> bool:
        return key in self.messages


def load_catalogue(lang: str, *directories: Path) -> Catalogue:
    """``<directory>/<lang>.toml`` of each; a later one may say it differently."""
    messages: dict[str, Message] = {}
    for directory in directories:
        tree = tomllib.loads((directory / f"{lang}.toml").read_text("utf-8"))
        messages.update(_flat(tree))
    return Catalogue(lang=lang, messages=messages)


def _flat(
    tree: Mapping[str, object], prefix: str = ""
) -> Iterator[tuple[str, Message]]:
    for key, value in tree.items():
        if isinstance(value, str) or _is_plural(value):
            yield prefix + key, value
        elif isinstance(value, dict):
            yield from _flat(value, f"{prefix}{key}.")
        else:
            raise TypeError(f"{prefix}{key} is neither words nor a table")


def _is_plural(value: object) -> TypeGuard[Mapping[str, str]]:
    return isinstance(value, dict) and value.keys() == PLURAL
