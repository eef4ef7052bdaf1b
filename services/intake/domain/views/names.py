"""What an agency calls kinds of paper, grounds on which it makes no copy, and what a
paper can be short of.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Bilingual:
    """Words of a row; the English ones may be missing."""

    vi: str
    en: str = ""

    def of(self, lang: str) -> str:
        return self.en if lang == "en" and self.en else self.vi


@dataclass(frozen=True, slots=True)
class OfficeNames:
    """How an agency's pages call them today."""

    kinds: Mapping[str, Bilingual] = field(default_factory=dict)
    grounds: Mapping[str, Bilingual] = field(default_factory=dict)
    lacks: Mapping[str, Bilingual] = field(default_factory=dict)

    def kind(self, slug: str, lang: str) -> str:
        """A slug that no table knows any more is shown as it is."""
        return self.kinds.get(slug, Bilingual(slug)).of(lang)

    def ground(self, code: str, lang: str) -> str:
        return self.grounds.get(code, Bilingual(code)).of(lang)

    def lack(self, slug: str, lang: str) -> str:
        return self.lacks.get(slug, Bilingual(slug)).of(lang)
