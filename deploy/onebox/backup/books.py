"""Where each register book of a restored house ends, and what a person must say of it.

A backup cannot know which numbers were given after its moment. Citizens hold copies
with these, and the register would give them again. Start at ``last_lines``.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Final

from sqlalchemy import text

from chassis.clock import LOCAL
from chassis.engines import create

_LAST: Final = text(
    "SELECT agency, series, year, max(last) FROM ("
    " SELECT agency, series, year, ordinal AS last FROM register"
    " UNION ALL SELECT agency, series, year, last FROM register_skips"
    ") AS lines GROUP BY agency, series, year ORDER BY year, agency, series"
)


def last_lines(url: str) -> dict[str, int]:
    """Book, as ``ecopy register skip`` takes it → its last number, lost lines counted;
    *url* is the database of intake.
    """
    engine = create(url)
    try:
        with engine.connect() as connection:
            rows = connection.execute(_LAST).all()
    finally:
        engine.dispose()
    return {f"{agency}/{series}/{year}": last for agency, series, year, last in rows}


def sentences(
    last: Mapping[str, int], moment: datetime, now: datetime
) -> Iterator[str]:
    """What to do before anybody works in the house; *moment* is the backup's.

    Of this year's books, also where they begin after the backup: no number of an
    earlier year is given any more.
    """
    at = moment.astimezone(LOCAL).strftime("%H:%M %d/%m/%Y")
    year = now.astimezone(LOCAL).year
    kinds = dict.fromkeys(book.rpartition("/")[0] for book in last)
    for book in (f"{kind}/{year}" for kind in kinds):
        number = last.get(book, 0)
        skip = f"ecopy register skip --book {book} --through"
        yield (
            f"! Sổ {book} lúc sao lưu ({at}) dừng ở số {number}. Số đã cấp sau lúc đó"
            f" sẽ bị cấp lại: trước khi tiếp nhận hồ sơ, khai là mất bằng {skip}"
            f" <số cuối đã cấp>. · Book {book} ends at {number}, at the backup's moment"
            f" ({at}). Numbers that were given after it would be given again: before"
            f" anybody works, say that they are lost, with {skip} <the last one given>."
        )
