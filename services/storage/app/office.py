"""Who runs this face, in the words of each language."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Office:
    name_vi: str
    name_en: str
    phone: str
    hours_vi: str
    hours_en: str

    def name(self, lang: str) -> str:
        return self.name_en if lang == "en" else self.name_vi

    def desk(self, lang: str) -> str:
        """One line: who, telephone, hours."""
        hours = self.hours_en if lang == "en" else self.hours_vi
        return " · ".join(part for part in (self.name(lang), self.phone, hours) if part)
