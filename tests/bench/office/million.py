"""A million cases brought to PostgreSQL by COPY. Start at ``fill``."""

import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Final, TextIO

from sqlalchemy import Connection, text

from bench.office.invented import REQUESTER, WORDS, rows
from intake.adapters.sql.tables import case_words
from intake.domain.numbers import short_code

KEY: Final = "agency, rank, word, source"
PARTS: Final = "agency text, rank bigint, words text[], source smallint"
SET_UP: Final = (
    # What is emptied in the same transaction is written past the log.
    "TRUNCATE case_words",
    "SET LOCAL maintenance_work_mem = '512MB'",
    "ALTER TABLE case_words DROP CONSTRAINT pk_case_words",
    "DROP INDEX ix_case_words_word",
    f"CREATE TEMPORARY TABLE {WORDS} ({PARTS}) ON COMMIT DROP",
)
PARTED: Final = f"""
    INSERT INTO case_words (agency, rank, word, source)
    SELECT agency, rank, unnest(words), source FROM {WORDS}
"""


def fill(tx: Connection, count: int) -> dict[str, str]:
    """Make *count* cases; what can be looked for of one from the middle of the years.

    The indexes of the words are built after them, as a restore does it.
    """
    for statement in SET_UP:
        tx.execute(text(statement))
    with tempfile.TemporaryDirectory(prefix="ecopy-bench-") as folder:
        _bring(tx, count, Path(folder))
    tx.execute(text(PARTED))
    tx.execute(
        text(f"ALTER TABLE case_words ADD CONSTRAINT pk_case_words PRIMARY KEY ({KEY})")
    )
    for index in case_words.indexes:
        index.create(tx)
    return _sample(tx, count)


def _bring(tx: Connection, count: int, folder: Path) -> None:
    files: dict[str, TextIO] = {}
    columns: dict[str, tuple[str, ...]] = {}
    with ExitStack() as stack:
        for table, row in rows(count):
            if table not in files:
                path = folder / table
                files[table] = stack.enter_context(path.open("w+", encoding="utf-8"))
                columns[table] = tuple(row)
            values = (r"\N" if each is None else str(each) for each in row.values())
            files[table].write("\t".join(values) + "\n")
        for table, file in files.items():
            _copy(tx, table, columns[table], file)


def _copy(tx: Connection, table: str, columns: tuple[str, ...], file: TextIO) -> None:
    names = ", ".join(f'"{column}"' for column in columns)
    cursor: Any = tx.connection.cursor()
    file.seek(0)
    with cursor.copy(f"COPY {table} ({names}) FROM STDIN") as copy:
        while block := file.read(1 << 20):
            copy.write(block)


def _sample(tx: Connection, count: int) -> dict[str, str]:
    query = "SELECT code, requester FROM cases ORDER BY code OFFSET :n LIMIT 1"
    code, requester = tx.execute(text(query), {"n": count * 2 // 5}).one()
    known = REQUESTER.validate_json(requester)
    return {
        "code": code,
        "short": short_code(code),
        "id": known.id_number,
        "phone": known.phone,
    }
