"""The tables, as the migrations make them; constraints have names.

The contract tests run on databases that the migrations have made, so both agree.
Where to look: ``casework.py`` (cases, papers, files, orders), ``inbox.py`` (hot
folders), ``page_texts.py`` (what was read of pages), ``case_words.py`` (by what a case
is found), ``books.py``, ``handouts.py`` and ``own.py`` (what nobody changes),
``ratings.py`` (what citizens say), ``staff.py`` (people, sessions, guesses, looks),
``programs.py`` (programs of others) and ``once.py`` (locks, forms, dead letters). A new
table stands in one of them and is named here, so that the metadata knows it whoever
imports the package.
"""

from intake.adapters.sql.tables.books import (
    audit,
    register,
    register_notes,
    register_skips,
)
from intake.adapters.sql.tables.case_words import case_words
from intake.adapters.sql.tables.casework import (
    cases,
    certifications,
    documents,
    files,
    page_steps,
    scan_objects,
    scan_uses,
    upload_pieces,
    uploads,
)
from intake.adapters.sql.tables.handouts import handout_templates, register_closings
from intake.adapters.sql.tables.inbox import arrivals, hot_folders
from intake.adapters.sql.tables.once import (
    dead_letter_acts,
    form_uses,
    holds,
    superseded,
)
from intake.adapters.sql.tables.own import (
    calendar_days,
    closing_hours,
    delegation_revocations,
    delegations,
    own_fees,
    own_rows,
    own_switches,
    taken_back,
)
from intake.adapters.sql.tables.page_texts import page_texts
from intake.adapters.sql.tables.programs import answers, programs
from intake.adapters.sql.tables.ratings import ratings
from intake.adapters.sql.tables.schema import metadata
from intake.adapters.sql.tables.staff import attempts, batches, looks, sessions, users

__all__ = [
    "answers",
    "arrivals",
    "attempts",
    "audit",
    "batches",
    "calendar_days",
    "case_words",
    "cases",
    "certifications",
    "closing_hours",
    "dead_letter_acts",
    "delegation_revocations",
    "delegations",
    "documents",
    "files",
    "form_uses",
    "handout_templates",
    "holds",
    "hot_folders",
    "looks",
    "metadata",
    "own_fees",
    "own_rows",
    "own_switches",
    "page_steps",
    "page_texts",
    "programs",
    "ratings",
    "register",
    "register_closings",
    "register_notes",
    "register_skips",
    "scan_objects",
    "scan_uses",
    "sessions",
    "superseded",
    "taken_back",
    "upload_pieces",
    "uploads",
    "users",
]
