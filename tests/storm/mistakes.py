"""The mistakes that ``planted`` makes on purpose, each with the course that it cannot
bear.

Start at ``BUGS`` (docs/decisions/0092).
"""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Edit:
    file: str
    before: str
    """It stands once in the file."""
    after: str

    def apply(self, tree: Path) -> None:
        path = tree / self.file
        text = path.read_text("utf-8")
        if text.count(self.before) != 1:
            raise LookupError(f"{self.file}: a planted bug does not fit any more")
        path.write_text(text.replace(self.before, self.after), "utf-8")


@dataclass(frozen=True)
class Bug:
    edits: tuple[Edit, ...]
    course: str
    breaks: str
    """The invariant that must be broken, by its figure's name."""
    house: str = "usual"


RELAY = "libs/chassis/outbox.py"
BUGS = {
    "marks-before-answer": Bug(
        (
            Edit(
                RELAY,
                "        stored = await self._publish(letters)\n",
                "        early = [each.position for each in letters]\n"
                "        at = self._clock()\n"
                "        await self._database.write(lambda tx: _mark(tx, early, at))\n"
                "        stored = await self._publish(letters)\n",
            ),
        ),
        "bus-and-relay",
        "stuck",
    ),
    "ack-before-commit": Bug(
        (
            Edit(
                "libs/chassis/consumer.py",
                "            outcome = await _handle(subscription, event)\n"
                "        await message.ack()\n",
                "            await message.ack()\n"
                "            outcome = await _handle(subscription, event)\n",
            ),
        ),
        "points",
        "stuck",
    ),
    "synchronous-normal": Bug(
        (
            Edit(
                "libs/chassis/engines.py", '"synchronous=FULL"', '"synchronous=NORMAL"'
            ),
        ),
        "power-cut",
        "lost",
    ),
    "directory-not-flushed": Bug(
        (
            Edit(
                "libs/chassis/objects/durable.py",
                "    fd = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)\n",
                "    return\n"
                "    fd = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)\n",
            ),
        ),
        "idle-cut",
        "lost",
    ),
    "number-outside": Bug(
        (
            Edit(
                "services/intake/adapters/sql/cases.py",
                "        outcome = await form_uses.write(\n"
                "            self._database, lambda tx: _enter(",
                "        drawn = await self._database.write(_drawn)\n"
                "        outcome = await form_uses.write(\n"
                "            self._database, lambda tx: _enter(",
            ),
            Edit(
                "services/intake/adapters/sql/cases.py",
                "_enter(tx, document, year, decide), _changed",
                "_enter(tx, document, year, decide, drawn), _changed",
            ),
            Edit(
                "services/intake/adapters/sql/cases.py",
                "    decide: Callable[[CaseDocument, int], Outcome],\n) -> Outcome:\n",
                "    decide: Callable[[CaseDocument, int], Outcome],\n"
                "    ordinal: int,\n"
                ") -> Outcome:\n",
            ),
            Edit(
                "services/intake/adapters/sql/cases.py",
                "    ordinal = register.next_ordinal("
                "tx, before.agency, ELECTRONIC, year)\n",
                "",
            ),
            Edit(
                "services/intake/adapters/sql/cases.py",
                "def _opened(opening: Opening)",
                "def _drawn(tx: Connection) -> int:\n"
                "    from intake.adapters.sql.tables import holds\n\n"
                "    drawn = holds.c.name.like('drawn/%')\n"
                "    n = (tx.scalar(select(func.count()).where(drawn)) or 0) + 1\n"
                "    tx.execute(insert(holds).values(name=f'drawn/{n}'))\n"
                "    return n\n\n\n"
                "def _opened(opening: Opening)",
            ),
        ),
        "points",
        "holes",
    ),
    "link-not-checked": Bug(
        (
            Edit(
                "services/storage/adapters/links.py",
                "    return _link(tx.execute(_links().where(mine)))\n",
                "    found = _link(tx.execute(_links().where(mine)))\n"
                "    return found or _link(tx.execute(_links()))\n",
            ),
            Edit(
                "services/storage/usecases/answering.py",
                "    if not hmac.compare_digest(link.token_sha256, digest):\n"
                "        return None\n",
                "",
            ),
        ),
        "calm",
        "open_links",
    ),
    "not-read-back": Bug(
        (
            Edit(
                "services/storage/adapters/custody.py",
                "        same = await self._archive.equals(key, _view(sealed))\n",
                "        same = True\n",
            ),
        ),
        "lying",
        "lost",
        house="servers",
    ),
    "bus-not-flushed": Bug(
        (
            Edit(
                "deploy/onebox/bus_server.py",
                "  sync_interval: always\n",
                '  sync_interval: "2m"\n',
            ),
            Edit(
                "libs/chassis/monitor.py",
                '    if not config.get("sync_always"):\n',
                "    if not config:\n",
            ),
        ),
        "waiting-cut",
        "stuck",
    ),
}
