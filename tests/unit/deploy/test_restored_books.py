"""A restored register does not know which numbers were given after its backup."""

from datetime import UTC, datetime

import pytest

from chassis.engines import create
from onebox.backup.books import last_lines, sentences

BOOK = "H99.42.05.13/E"
MOMENT = datetime(2026, 11, 27, 3, 0, tzinfo=UTC)
TABLES = """
CREATE TABLE register (agency TEXT, series TEXT, year INT, ordinal INT);
CREATE TABLE register_skips (agency TEXT, series TEXT, year INT, last INT);
INSERT INTO register VALUES ('H99.42.05.13', 'E', 2025, 900),
 ('H99.42.05.13', 'E', 2026, 41), ('H99.42.05.13', 'E', 2026, 40);
INSERT INTO register_skips VALUES ('H99.42.05.13', 'E', 2026, 57)
"""


def test_each_book_ends_with_its_last_line_given_or_lost(tmp_path):
    """A line that was declared lost is never given, either."""
    engine = create(f"sqlite:///{tmp_path}/intake.db")
    with engine.begin() as tx:
        for statement in TABLES.split(";"):
            tx.exec_driver_sql(statement)
    engine.dispose()
    last = last_lines(f"sqlite:///{tmp_path}/intake.db")
    assert last == {f"{BOOK}/2025": 900, f"{BOOK}/2026": 57}


@pytest.mark.parametrize(("year", "number"), [(2026, 57), (2027, 0)])
def test_the_book_of_this_year_is_named_with_what_to_do(year, number):
    """Also one that was begun after the backup: its numbers would be given again."""
    last = {f"{BOOK}/2025": 900, f"{BOOK}/2026": 57}
    (said,) = sentences(last, MOMENT, datetime(year, 12, 2, tzinfo=UTC))
    assert f"Book {BOOK}/{year} ends at {number}, " in said
    assert "(10:00 27/11/2026)" in said
    assert f"ecopy register skip --book {BOOK}/{year} --through <" in said
