"""Layouts of the clause page, by the name that stands in the order: data, not code.

An agency's file says from which day which one holds; the order freezes the name, so a
later layout never changes what was approved before.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from ecopy.refusals import Reason, Refusal
from signing.adapters.composing.typesetting import TEMPLATES, Template
from signing.domain.layout import Box, fields


@dataclass(frozen=True, slots=True)
class ClauseLayout:
    """A template, and the measures it is filled with."""

    template: Template
    measures: Mapping[str, Any]

    @property
    def fields(self) -> dict[str, Box]:
        """Rectangles of the signature fields, by name (docs/dialect.md section 2.4)."""
        return fields(self.measures["fields"])

    def typeset(self, facts: Mapping[str, Any]) -> bytes:
        """A PDF of spare glyphs, the clause page and the footers. Raises
        Refusal(CLAUSE_DOES_NOT_FIT) naming the part that is too long.
        """
        return self.template.typeset({**facts, "layout": self.measures})


def layout(name: str) -> ClauseLayout:
    """The layout called *name*. Raises Refusal(CLAUSE_DOES_NOT_FIT) for a name that
    this version does not have.
    """
    found = _LAYOUTS.get(name)
    if found is None:
        known = ", ".join(_LAYOUTS)
        raise Refusal(
            Reason.CLAUSE_DOES_NOT_FIT, "layout-unknown", name=name, known=known
        )
    return found


def _read() -> dict[str, ClauseLayout]:
    text = (TEMPLATES / "layouts.toml").read_text("utf-8")
    files: dict[str, Template] = {}
    return {
        name: ClauseLayout(
            files.setdefault(facts["template"], Template(facts["template"])), facts
        )
        for name, facts in tomllib.loads(text).items()
    }


_LAYOUTS: Final = _read()
