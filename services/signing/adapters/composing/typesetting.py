"""Typst as a function: template and facts become PDF pages, with our own fonts only."""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import typst

from ecopy.refusals import Reason, Refusal

TEMPLATES: Final = Path(__file__).with_name("templates")
FONTS: Final = typst.Fonts(include_system_fonts=False, font_paths=[TEMPLATES / "fonts"])
"""Liberation has hats and hooks that sit on their capitals (decision 0046); the digits'
DejaVu Sans Mono is typst's own. No font of this machine can slip in.
"""
OVERFLOW: Final = "does-not-fit: "
_NO_GLYPH: Final = re.compile("the text `(.{1,20}?)` could not be displayed")
"""Typst's error for a letter without a glyph, which PDF/A wants for each."""


class Template:
    """One compiled template; thread-safe, because typst locks inside.

    The output is PDF/A-2b, untagged (docs/dialect.md 2.3), and the same bytes for the
    same facts but for the document identifiers, which we do not take over.
    """

    def __init__(self, name: str) -> None:
        self._source = (TEMPLATES / name).read_bytes()

    def typeset(self, facts: Mapping[str, Any]) -> bytes:
        """A PDF with *facts* on it. Raises Refusal(CLAUSE_DOES_NOT_FIT) naming the part
        that is too long, or the letter that no font has.
        """
        try:
            return typst.compile(
                self._source,
                format="pdf",
                font_paths=FONTS,
                ignore_system_fonts=True,
                sys_inputs={"facts": json.dumps(facts, ensure_ascii=False)},
                pdf_standards=["a-2b"],
                pdf_tags=False,
            )
        except typst.TypstError as error:
            _, overflow, part = str(error).partition(OVERFLOW)
            if overflow:
                named = part.partition('"')[0]
                raise Refusal(
                    Reason.CLAUSE_DOES_NOT_FIT, "words-too-long", part=named
                ) from error
            unknown = _NO_GLYPH.search(str(error))
            if unknown is None:
                raise
            raise Refusal(
                Reason.CLAUSE_DOES_NOT_FIT,
                "letter-unknown",
                letter=unknown[1],
            ) from error
