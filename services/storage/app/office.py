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

    def hours(self, lang: str) -> str:
        return self.hours_en if lang == "en" else self.hours_vi

    def contact(self, lang: str) -> str:
        """One line: who, telephone, hours."""
        parts = (self.name(lang), self.phone, self.hours(lang))
        return " · ".join(part for part in parts if part)
