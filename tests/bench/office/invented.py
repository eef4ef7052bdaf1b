"""The rows of invented cases of one agency, the same for the same seed.

Three years, with names as common as they are in Vietnam: 2,000 cases are open, the
scans of the last 20,000 have been read. The words of some cases are held against the
rules of the service. Start at ``rows``.
"""

import random
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime, time, timedelta
from functools import cache
from typing import Final

from pydantic import TypeAdapter

from intake.domain import searching
from intake.domain.calendar import ZONE
from intake.domain.certifications import Standstill
from intake.domain.numbers import case_code, short_code
from intake.domain.records import Requester
from support.intake import AGENCY, MORNING

OPEN: Final = 2000
READ: Final = 20_000
DAYS: Final = 1000
SEED: Final = 125
CHECKED_EVERY: Final = 10_000
LAST: Final = date(2026, 11, 22)
SURNAMES: Final = {
    "Nguyễn": 384,
    "Trần": 110,
    "Lê": 95,
    "Phạm": 71,
    "Hoàng": 51,
    "Phan": 45,
    "Vũ": 39,
    "Đặng": 21,
    "Bùi": 20,
    "Đỗ": 14,
    "Hồ": 13,
    "Ngô": 13,
    "Dương": 10,
    "Lý": 5,
    "Quàng": 2,
    "Lò": 2,
    "Sầm": 1,
}
"""Name → how many of a thousand people bear it, roughly."""
MIDDLE: Final = {"Thị": 330, "Văn": 260, "Hữu": 60, "Minh": 60, "Ngọc": 60, "Xuân": 40}
_GIVEN: Final = (
    "An Anh Bình Bích Châu Chi Cường Dũng Dung Đào Đạt Đức Giang Hà Hạnh Hải Hiền Hoa "
    "Hòa Hùng Huệ Hương Khải Khánh Lan Linh Long Mai Mạnh Nam Nga Nhung Oanh Phúc "
    "Phương Quang Quỳnh Sơn Thảo Thắng Thu Tuấn Tùng Uyên Vinh Yến"
)
GIVEN: Final = _GIVEN.split()
TITLES: Final = (
    "Giấy khai sinh",
    "Bằng tốt nghiệp đại học",
    "Giấy chứng nhận quyền sử dụng đất",
    "Giấy chứng nhận kết hôn",
    "Học bạ trung học phổ thông",
    "Sổ hộ khẩu và căn cước",
    "Hợp đồng thuê nhà",
)
STATES: Final = ("received", "awaiting", "returned", "registered", "unsigned", "signed")
NUMBERED: Final = frozenset({"registered", "unsigned", "signed", "issued"})
CLERK: Final = "Lò Thị Minh Hạ"
REQUESTER: Final = TypeAdapter(Requester)
SETBACK: Final = (
    TypeAdapter(Standstill)
    .dump_json(Standstill("tsa-unavailable", "signing", MORNING, next_try_at=MORNING))
    .decode()
)
WORDS: Final = "words_of_cases"
"""Not a table of the desk: the words of a source in one row, for PostgreSQL to part."""

Row = Mapping[str, object]


def rows(count: int) -> Iterator[tuple[str, Row]]:
    """Table and row, oldest case first."""
    draw = random.Random(SEED)
    ordinal, before = 0, LAST
    for n in range(count):
        day = LAST - timedelta(days=DAYS - 1 - DAYS * n // count)
        ordinal = ordinal + 1 if day == before else 1
        before = day
        yield from _case(draw, n, count, case_code(AGENCY, day, ordinal))


def _case(
    draw: random.Random, n: int, count: int, code: str
) -> Iterator[tuple[str, Row]]:
    day, ordinal = _day_and_ordinal(code)
    at = datetime.combine(day, time(8), ZONE) + timedelta(seconds=20 * ordinal % 28800)
    requester, title = _person(draw), draw.choice(TITLES)
    state = draw.choice(STATES) if n >= count - OPEN else _end(draw)
    ended = (
        None if n >= count - OPEN else at + timedelta(seconds=draw.randrange(90_000))
    )
    by = draw.choice(("ha", "man", "both"))
    number = f"{n % 365_000 + 1}/{day.year}" if state in NUMBERED else ""
    yield "cases", _case_row(code, requester, by, at=at, state=state, ended=ended)
    yield "documents", _paper_row(code, title, by, state, ended or at)
    if number:
        yield "certifications", _order_row(code, n, number, state, ended)
    words = _words(title).union(*map(_words, requester.name.split()))
    words |= {requester.id_number, requester.phone, short_code(code).replace("-", "")}
    words |= {number} if number else set()
    if n % CHECKED_EVERY == 0:
        _check(words, code, requester, title, number)
    case = {"agency": AGENCY, "rank": searching.rank(day, ordinal)}
    yield WORDS, {**case, "words": _array(words), "source": 0}
    if n >= count - READ:
        read = (f"w{each}" for each in draw.sample(range(600), 60))
        yield WORDS, {**case, "words": _array(read), "source": 1}


def _day_and_ordinal(code: str) -> tuple[date, int]:
    day, ordinal = short_code(code).split("-")
    return date.fromisoformat(f"20{day}"), int(ordinal)


def _person(draw: random.Random) -> Requester:
    name = (_one(draw, SURNAMES), _one(draw, MIDDLE), *draw.sample(GIVEN, 2))
    id_number = f"{draw.randrange(10**12):012d}"
    phone = f"09{draw.randrange(10**8):08d}"
    return Requester("person", " ".join(name), "can-cuoc", id_number, None, phone, "")


def _one(draw: random.Random, weights: dict[str, int]) -> str:
    return draw.choices(tuple(weights), tuple(weights.values()))[0]


def _end(draw: random.Random) -> str:
    return "refused" if draw.random() < 0.03 else "issued"


def _case_row(
    code: str,
    requester: Requester,
    by: str,
    *,
    at: datetime,
    state: str,
    ended: datetime | None,
) -> Row:
    day, ordinal = _day_and_ordinal(code)
    due = datetime.combine(day + timedelta(days=1), time(17), ZONE)
    return {
        "code": code,
        "agency": AGENCY,
        "day": day,
        "ordinal": ordinal,
        "requester": REQUESTER.dump_json(requester).decode(),
        "channel": "counter",
        "privacy_at": at,
        "received_by": by,
        "received_by_name": CLERK,
        "received_at": at,
        "complete_at": at,
        "due_at": due,
        "rule_set": "TT226/2016",
        "version": 1,
        "changed_by": CLERK,
        "changed_at": at,
        "state": state,
        "stuck": state in {"returned", "unsigned"},
        "ended_at": ended,
    }


def _paper_row(code: str, title: str, by: str, state: str, at: datetime) -> Row:
    return {
        "id": f"{code}-1",
        "case": code,
        "agency": AGENCY,
        "ordinal": 1,
        "title": title,
        "kind": "diploma",
        "issuing_body": "",
        "declared_pages": 2,
        "fee": 4000,
        "received_by": by,
        "version": 1,
        "changed_by": CLERK,
        "state": "registered" if state == "unsigned" else state,
        "changed_at": at,
        "compared_pages": "[]",
        "pages": 2,
        "flags": "[]",
        "refused_files": 0,
    }


def _order_row(
    code: str, n: int, number: str, state: str, ended: datetime | None
) -> Row:
    return {
        "entry": f"{AGENCY}/E/{n}",
        "document": f"{code}-1",
        "number": number,
        "code": f"{n:016d}",
        "approved_by": "vinh",
        "order": "{}",
        "approved_by_name": "Phạm Quốc Vĩnh",
        "link_generation": 1,
        "setback": SETBACK if state == "unsigned" else None,
        "issued_at": ended if state == "issued" else None,
    }


def _array(words: Iterable[str]) -> str:
    return "{" + ",".join(words) + "}"


@cache
def _words(words: str) -> frozenset[str]:
    return searching.words(words)


def _check(
    words: frozenset[str], code: str, requester: Requester, title: str, number: str
) -> None:
    rule = searching.words(requester.name, title) | searching.number_words(
        requester.id_number, requester.phone, short_code(code), number
    )
    if words != rule:
        raise AssertionError(f"{sorted(words)} are not {sorted(rule)}")
