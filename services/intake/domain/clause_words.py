"""The words of the agencies' file, held against the room that the clause page has."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import chain, product
from typing import Final

from ecopy.words import Unfit, Why, Words, unfit
from intake.domain.agencies import Agencies, AgencyEntry, AgencyVersion, OfficerVersion

LAST_NUMBER: Final = 9_999_999
"""A number that no register reaches in a year: the longest text of one."""
_VI: Final = {
    Why.LAYOUT: "không có mẫu lời chứng nào tên như vậy",
    Why.EMPTY: "để trống",
    Why.LETTER: "có chữ hoặc dấu mà phông chữ của trang lời chứng không có",
    Why.LONG: "dài quá chỗ dành cho mục này trên trang lời chứng",
}
_EN: Final = {
    Why.LAYOUT: "no layout of the clause page has this name",
    Why.EMPTY: "it is empty",
    Why.LETTER: "it holds a letter or sign that the clause page's type has not",
    Why.LONG: "it is longer than its room on the clause page",
}


@dataclass(frozen=True, slots=True)
class UnfitEntry:
    """An entry of an agency that would keep its copies from being composed."""

    agency: str
    unfit: Unfit

    @property
    def sentence(self) -> str:
        """The log's sentence for the operator, who mends the file."""
        entry, text, why = self.unfit.entry, self.unfit.text, self.unfit.why
        return (
            f"cơ quan {self.agency}, mục {entry} = “{text}”: {_VI[why]}. Chưa sửa thì"
            f" không duyệt được. Sửa mục này rồi khởi động lại. / agency {self.agency},"
            f" entry {entry} = “{text}”: {_EN[why]}. Until it is mended nothing can be"
            f" approved with it. Mend it, then start again."
        )


def unfit_entries(
    agencies: Agencies, public_host: str, today: date
) -> Iterator[UnfitEntry]:
    """Entries in force today or later that do not fit, each once."""
    for agency in agencies.values():
        each = map(unfit, _words(agency, public_host, today))
        for one in dict.fromkeys(chain.from_iterable(each)):
            yield UnfitEntry(agency.code, one)


def _words(agency: AgencyEntry, public_host: str, today: date) -> Iterator[Words]:
    for layout, version, officer in product(
        sorted(_layouts(agency, today)),
        _versions(agency, today),
        _officers(agency, today),
    ):
        yield Words(
            layout=layout,
            clause=agency.clause,
            number=agency.book.number(LAST_NUMBER, today.year),
            book=agency.book.name(today.year),
            place=version.place,
            agency_lines=version.name_lines,
            title_lines=officer.title_lines,
            officer=officer.name,
            public_host=public_host,
        )


def _layouts(agency: AgencyEntry, today: date) -> set[str]:
    later = {known.template for known in agency.layouts if known.valid_from > today}
    return {agency.layout(today), *later}


def _versions(agency: AgencyEntry, today: date) -> list[AgencyVersion]:
    begun = [v for v in agency.versions if v.valid_from <= today]
    latest = max(begun, key=lambda v: v.valid_from, default=None)
    return [v for v in agency.versions if v is latest or v.valid_from > today]


def _officers(agency: AgencyEntry, today: date) -> list[OfficerVersion]:
    return [
        known
        for known in agency.officers
        if known.valid_until is None or known.valid_until > today
    ]
