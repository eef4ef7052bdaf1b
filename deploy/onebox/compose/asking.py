"""What ``ecopy init`` has to know: taken by options, asked for at a terminal where one
is missing. Start at ``answers``.
"""

import argparse
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from chassis.starting import CannotStart
from onebox import ward
from onebox.compose.demo import demo_answers

ROLES: Final = ("officer", "seal")
PLACES: Final = ("p12", "pkcs11", "csc")


@dataclass(frozen=True, slots=True)
class Prompt:
    """An option, and how it is asked."""

    name: str
    vi: str
    en: str
    example: str
    many: bool = False
    default: str = ""


PROMPTS: Final = (
    Prompt("agency_code", "Mã cơ quan", "Agency code", ward.AGENCY_CODE),
    Prompt("agency_name", "Tên cơ quan", "Agency name", ward.AGENCY_NAME),
    Prompt(
        "agency_line",
        "Tên cơ quan trên dấu, từng dòng",
        "Agency name on the seal, line by line",
        " / ".join(ward.AGENCY_LINES),
        many=True,
    ),
    Prompt("place", "Địa danh", "Place", ward.PLACE),
    Prompt("officer_id", "Mã người ký", "Officer id", ward.OFFICER_ID),
    Prompt("officer_name", "Họ tên người ký", "Officer's name", ward.OFFICER_NAME),
    Prompt(
        "officer_title",
        "Chức danh người ký, từng dòng",
        "Officer's title, line by line",
        " / ".join(ward.OFFICER_TITLES),
        many=True,
    ),
    Prompt(
        "public_host",
        "Tên máy của trang công dân, ghi mãi vào mọi bản sao",
        "Host of the citizens' face, sealed into every copy for ever",
        "saoy.example.vn",
    ),
    Prompt("desk_host", "Tên máy của quầy", "Host of the desk", "quay.example.vn"),
    Prompt(
        "tsa",
        "Địa chỉ máy chủ cấp dấu thời gian",
        "Addresses of timestamp authorities",
        "http://tsa.example.vn/tsr",
        many=True,
    ),
    Prompt(
        "signers",
        "Tệp PEM: cơ quan cấp chứng thư ký, đến gốc",
        "PEM file: issuer of the signing certificates, up to the root",
        "ca.pem",
        many=True,
    ),
    Prompt(
        "timestamps",
        "Tệp PEM: cơ quan cấp dấu thời gian, đến gốc",
        "PEM file: issuer of the timestamps, up to the root",
        "tsa.pem",
        many=True,
    ),
)
Ask = Callable[[str], str]


def add_options(parser: argparse.ArgumentParser) -> None:
    for asked in PROMPTS:
        parser.add_argument(
            f"--{asked.name.replace('_', '-')}",
            action="append" if asked.many else "store",
            help=f"{asked.en}, e.g. {asked.example}",
        )
    for role in ROLES:
        parser.add_argument(f"--{role}-p12", type=Path, help="PKCS#12 of that key")
        parser.add_argument(f"--{role}-password-file", type=Path, help="its password")
        parser.add_argument(f"--{role}-pkcs11", metavar="LABEL", help="key in an HSM")
        parser.add_argument(f"--{role}-csc", metavar="CREDENTIAL", help="key at a CSC")
        parser.add_argument(f"--{role}-certificate", type=Path, help="PEM of that key")
    parser.add_argument("--officer-image", type=Path, help="PNG of the hand")
    for name in ("pkcs11-module", "pkcs11-token", "csc-url", "csc-client-id"):
        parser.add_argument(f"--{name}")
    for name in ("pkcs11-pin-file", "csc-client-secret-file"):
        parser.add_argument(f"--{name}", type=Path)


def answers(
    needs: argparse.Namespace, *, ask: Ask = input, at_terminal: bool | None = None
) -> argparse.Namespace:
    """*needs* with every question answered. CannotStart names the options that are
    missing where nobody can be asked.
    """
    if needs.demo:
        return demo_answers(needs)
    asked_of = sys.stdin.isatty() if at_terminal is None else at_terminal
    told = argparse.Namespace(**vars(needs))
    missing = [q for q in PROMPTS if not getattr(needs, q.name)]
    if missing and not asked_of:
        raise _missing([q.name for q in missing])
    for prompt in missing:
        setattr(told, prompt.name, _asked(prompt, ask))
    for role in ROLES:
        _key_of(role, told, ask if asked_of else None)
    return told


def _asked(prompt: Prompt, ask: Ask) -> str | list[str]:
    shown = f"{prompt.vi} · {prompt.en} ({prompt.example}): "
    while True:
        said = ask(shown).strip()
        parts = [part.strip() for part in said.split(" / ") if part.strip()]
        if parts:
            return parts if prompt.many else said


def _key_of(role: str, told: argparse.Namespace, ask: Ask | None) -> None:
    """Where the key of *role* is, with what belongs to that place."""
    given = [place for place in PLACES if getattr(told, f"{role}_{place}")]
    if not given and ask is not None:
        prompt = Prompt("", f"Tệp PKCS#12 ({role})", "PKCS#12", f"{role}.p12")
        setattr(told, f"{role}_p12", Path(str(_asked(prompt, ask))))
        given = ["p12"]
    if len(given) != 1:
        raise _missing([f"{role}_{place}" for place in PLACES], one=True)
    (place,) = given
    needed = f"{role}_password_file" if place == "p12" else f"{role}_certificate"
    if getattr(told, needed) is None:
        if ask is None:
            raise _missing([needed])
        prompt = Prompt("", f"Tệp ({needed})", "File", f"{role}.password")
        setattr(told, needed, Path(str(_asked(prompt, ask))))
    more = {
        "pkcs11": ("pkcs11_module", "pkcs11_token", "pkcs11_pin_file"),
        "csc": ("csc_url", "csc_client_id", "csc_client_secret_file"),
    }.get(place, ())
    if absent := [name for name in more if getattr(told, name) is None]:
        raise _missing(absent)


def _missing(names: list[str], *, one: bool = False) -> CannotStart:
    options = ", ".join(f"--{name.replace('_', '-')}" for name in names)
    return CannotStart(
        f"Còn thiếu {'một trong ' if one else ''}{options}; để thử, dùng --demo.",
        f"Still needed: {'one of ' if one else ''}{options}; for a trial, say --demo.",
    )
