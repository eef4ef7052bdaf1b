"""The invented ward of the demo. Nobody here exists; no number is anybody's."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

AGENCY_CODE: Final = "H99.42.05.13"
AGENCY_NAME: Final = "UBND phường Hoa Ban"
AGENCY_NAME_EN: Final = "Hoa Ban Ward People’s Committee"
AGENCY_LINES: Final = ("ỦY BAN NHÂN DÂN", "PHƯỜNG HOA BAN")
PLACE: Final = "Hoa Ban"
OFFICER_ID: Final = "pham-quoc-vinh"
OFFICER_NAME: Final = "Phạm Quốc Vĩnh"
OFFICER_TITLES: Final = ("KT. CHỦ TỊCH", "PHÓ CHỦ TỊCH")
OFFICER_KEY: Final = "officer-pham-quoc-vinh"
SEAL_KEY: Final = "seal-hoa-ban"
SIGNATURE: Final = Path(__file__).with_name("signature.png")
"""The officer's hand, as invented as he is (tests/corpus/make_signature.py)."""


@dataclass(frozen=True, slots=True)
class Identity:
    """A key of the ward, as intake orders it and signing holds it."""

    role: Literal["officer", "seal"]
    """Also the name of its files in ``var/pki``."""
    id: str
    key: str
    name_lines: tuple[str, ...]
    title_lines: tuple[str, ...] = ()
    version: str = "1"
    image: Path | None = None
    """What its visible signature shows; without one, signing draws a seal itself."""


IDENTITIES: Final = (
    Identity(
        "officer",
        OFFICER_ID,
        OFFICER_KEY,
        (OFFICER_NAME,),
        OFFICER_TITLES,
        image=SIGNATURE,
    ),
    Identity("seal", AGENCY_CODE, SEAL_KEY, AGENCY_LINES),
)


def agencies_toml() -> str:
    """The agencies' file that intake reads."""
    return f"""\
# The demo's ward; every name is invented.
[[agencies]]
code = "{AGENCY_CODE}"
book = {{ ordinal = 2 }}

[[agencies.versions]]
version = "1"
valid_from = 2025-07-01
name = "{AGENCY_NAME}"
name_lines = {_toml(AGENCY_LINES)}
place = "{PLACE}"
key = "{SEAL_KEY}"

[[agencies.officers]]
id = "{OFFICER_ID}"
version = "1"
name = "{OFFICER_NAME}"
title_lines = {_toml(OFFICER_TITLES)}
key = "{OFFICER_KEY}"
valid_from = 2025-07-01
"""


def keys_toml(pki: Path) -> str:
    """The keys' file that signing reads."""
    return "\n".join(_key(who, pki) for who in IDENTITIES)


def _key(who: Identity, pki: Path) -> str:
    return f"""\
[keys.{who.key}]
role = "{who.role}"
id = "{who.id}"
version = "{who.version}"
pkcs12 = "{pki / who.role}.p12"
password_file = "{pki / who.role}.password"
name_lines = {_toml(who.name_lines)}
title_lines = {_toml(who.title_lines)}
{f'image = "{who.image}"' if who.image else ""}
"""


def _toml(lines: tuple[str, ...]) -> str:
    return "[" + ", ".join(f'"{line}"' for line in lines) + "]"
