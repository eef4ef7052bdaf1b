"""What the use cases are bound to. ``wiring`` opens it, and closes it again."""

from dataclasses import dataclass, field
from functools import partial

from chassis.clients import ClientAddresses
from chassis.clock import Clock
from chassis.database import Database
from chassis.objects import Objects
from chassis.tesseract import PACKAGES
from intake.adapters.argon import Argon2Passwords
from intake.adapters.marks import RememberedMarks
from intake.adapters.reading.process import AbsentReader
from intake.adapters.reckonings import RememberedReckonings
from intake.adapters.sql.own_tables import RememberedTables
from intake.domain.rules import Rules
from intake.ports import (
    Drawings,
    HandoutTypesetter,
    PageReader,
    Passwords,
    Rebuilder,
)
from intake.settings import SessionSettings


@dataclass(frozen=True, slots=True)
class Adapters:
    """What the use cases are bound to; tests bind others in their place."""

    store: Database
    objects: Objects
    rebuilder: Rebuilder
    drawings: Drawings
    typesetter: HandoutTypesetter
    rules: Rules
    session: SessionSettings
    secure: bool
    clock: Clock
    marks: RememberedMarks
    reckonings: RememberedReckonings = field(default_factory=RememberedReckonings)
    tables: RememberedTables = field(default_factory=RememberedTables)
    """The same that ``rules.own`` reads."""
    clients: ClientAddresses = field(default_factory=partial(ClientAddresses, ()))
    passwords: Passwords = field(default_factory=Argon2Passwords)
    reader: PageReader = field(default_factory=partial(AbsentReader, PACKAGES))
