"""The files of one paper as rows, with the objects that they use."""

from sqlalchemy import Connection, insert, update

from intake.adapters.sql import rows, scan_objects
from intake.adapters.sql.tables import files
from intake.domain.records import CaseDocument


def store(tx: Connection, before: CaseDocument, after: CaseDocument) -> None:
    """Files that are new or have changed. Raises Trouble(STORE) if an object that one
    of them is made of was removed meanwhile.
    """
    known = {file.id: file for file in before.files}
    for file in after.files:
        values = rows.file_values(file)
        if file.id not in known:
            tx.execute(insert(files).values(**values))
        elif known[file.id] != file:
            tx.execute(update(files).where(files.c.id == file.id).values(**values))
    scan_objects.note_uses(tx, before, after)
