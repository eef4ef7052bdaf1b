"""The demo's accounts. Passwords are drawn on this machine and kept in ``var/demo``."""

import json
import secrets
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from onebox.files import write_secret
from onebox.ward import OFFICER_ID, OFFICER_NAME

WORDS: Final = (
    "lua nuoc song nui mua nang gio sen tre dua cam chanh mit oi dao mai cuc hue"
    " trau bo ga vit ca tom cua oc thuyen cau duong lang chua dinh gieng ao vuon dong"
)
"""Typed by hand from a terminal: short, no accents, one syllable each."""


@dataclass(frozen=True, slots=True)
class Person:
    user: str
    name: str
    role: str
    password: str
    officer: str = ""
    """Officer id in the agencies' file, for a certifier."""


def people(folder: Path) -> tuple[Person, ...]:
    """The demo's accounts, the same at every start."""
    path = folder / "people.json"
    if not path.exists():
        drawn = json.dumps([asdict(p) for p in _draw()], ensure_ascii=False, indent=1)
        write_secret(path, drawn.encode())
    return read_people(path)


def read_people(path: Path) -> tuple[Person, ...]:
    """Raises OSError, ValueError or TypeError for a file that is not whole."""
    return tuple(Person(**known) for known in json.loads(path.read_text("utf-8")))


def _draw() -> tuple[Person, ...]:
    return (
        Person("lothiminhha", "Lò Thị Minh Hạ", "clerk", _password()),
        Person("phamquocvinh", OFFICER_NAME, "certifier", _password(), OFFICER_ID),
        Person("habaolong", "Hà Bảo Long", "administrator", _password()),
    )


def _password() -> str:
    """About 36 bits: enough behind a throttle on loopback."""
    words = "-".join(secrets.choice(WORDS.split()) for _ in range(5))
    return f"{words}-{secrets.randbelow(1000):03}"
