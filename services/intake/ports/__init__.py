"""What the use cases need of the world.

Each is a role with the promises that its adapter keeps (MUST) and the contract tests
check. Start at ``Cases``.
"""

from intake.ports.board import BoardRows, BoardViews
from intake.ports.books import (
    Announcements,
    Measures,
    Reckonings,
    Register,
    ReportedRatings,
    RetainedMarks,
    Skips,
)
from intake.ports.desk import (
    Arrangements,
    Cases,
    Changes,
    Expected,
    FormUses,
    Leases,
    Opening,
    Superseded,
)
from intake.ports.files import (
    Arriving,
    Drawings,
    QueueFull,
    Rebuilder,
    Scans,
    Uploads,
)
from intake.ports.handouts import (
    Closings,
    HandoutTemplates,
    HandoutTypesetter,
    Spreadsheets,
)
from intake.ports.inbox import Arrivals, HotFolder
from intake.ports.overseeing import BusGauge, DeadLetterActs, DeadLetterStore, Gauges
from intake.ports.own_tables import OwnTablesBook
from intake.ports.programs import Answers, CaseEvents, Programs
from intake.ports.staff import Accounts, Busy, Passwords, Sessions, Users
from intake.ports.transcribing import PageReader, PageTexts, PageUnread
from intake.ports.wall import Batches, Looked, Looks

__all__ = [
    "Accounts",
    "Announcements",
    "Answers",
    "Arrangements",
    "Arrivals",
    "Arriving",
    "Batches",
    "BoardRows",
    "BoardViews",
    "BusGauge",
    "Busy",
    "CaseEvents",
    "Cases",
    "Changes",
    "Closings",
    "DeadLetterActs",
    "DeadLetterStore",
    "Drawings",
    "Expected",
    "FormUses",
    "Gauges",
    "HandoutTemplates",
    "HandoutTypesetter",
    "HotFolder",
    "Leases",
    "Looked",
    "Looks",
    "Measures",
    "Opening",
    "OwnTablesBook",
    "PageReader",
    "PageTexts",
    "PageUnread",
    "Passwords",
    "Programs",
    "QueueFull",
    "Rebuilder",
    "Reckonings",
    "Register",
    "ReportedRatings",
    "RetainedMarks",
    "Scans",
    "Sessions",
    "Skips",
    "Spreadsheets",
    "Superseded",
    "Uploads",
    "Users",
]
