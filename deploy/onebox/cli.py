"""``ecopy``: bring the house up, show what it does, clear it away.

Words and options are in ``arguments``, and the commands that bring the house up in
``running``; each command here is short and calls ``doctor``, ``tending`` and others.
Start at ``main``.
"""

import argparse
import asyncio
import errno
import json
import os
import shutil
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Final

import httpx

from chassis.clock import utc_now
from chassis.starting import CannotStart
from onebox import house, tending, upkeep
from onebox.arguments import Acts, parser_for
from onebox.compose.words import run_doctor
from onebox.doctor import examine
from onebox.files import OTHERS, make_folder
from onebox.locked import only_one
from onebox.places import Places
from onebox.plain import complain, say
from onebox.running import demo, up
from onebox.upkeep import places_of


def main(words: Sequence[str] | None = None, *, acts: Acts | None = None) -> int:
    """Exit status: 0 done, 1 it could not, said in one sentence; ``journal verify``
    and ``audit verify`` have their own. On a full disk that is said too, whatever has
    failed of it.
    """
    os.umask(OTHERS)  # all that this process and its programs make is the owner's
    needs = parser_for(acts or ACTS).parse_args(words)
    needs.var = needs.var.resolve()
    try:
        status: int = needs.act(needs)
    except CannotStart as error:
        complain(error)
    except httpx.HTTPError as error:
        complain(_broken_off(error))
    except OSError as error:
        if error.errno != errno.ENOSPC:
            raise
        complain(_disk_full(needs.var))
        return 1
    else:
        return status
    # Whatever has just failed on a full disk has failed for that, and the other
    # sentence would send the reader somewhere else.
    if house.is_full(needs.var):
        complain(_disk_full(needs.var))
    return 1


def reset(needs: argparse.Namespace) -> int:
    with only_one(needs.var):
        for path in needs.var.iterdir():
            if path.is_dir():
                shutil.rmtree(path)
            # The lock is held by this very process: another start must go on waiting
            # for it.
            elif path.name != "lock":
                path.unlink()
    say(f"Đã xóa mọi thứ trong {needs.var} · cleared")
    return 0


def provision(needs: argparse.Namespace) -> int:
    """Make what is missing on a bus that is up already; every start does it too."""
    places, ports = places_of(needs)
    asyncio.run(tending.provision(places, ports))
    return 0


def migrate(needs: argparse.Namespace) -> int:
    places, ports = places_of(needs)
    asyncio.run(house.migrate(places, ports))
    return 0


def doctor(needs: argparse.Namespace) -> int:
    """Exit status 0: nothing is wrong; 1: each mistake is named."""
    if needs.compose:
        return run_doctor(needs)
    make_folder(needs.var)
    findings = list(examine(Places(needs.var), needs.port, now=utc_now()))
    if needs.json:
        told = {"findings": [asdict(found) for found in findings]}
        say(json.dumps(told, ensure_ascii=False, indent=2))
    else:
        for found in findings:
            say(f"{'✓' if found.good else '✗'} {found.text}")
    return 0 if all(f.good for f in findings) else 1


def backup(needs: argparse.Namespace) -> int:
    # Databases take half of a second to import, and no other command asks one.
    from onebox.backup import acts  # noqa: PLC0415

    return acts.backup(needs)


def restore(needs: argparse.Namespace) -> int:
    from onebox.backup import acts  # noqa: PLC0415

    return acts.bring_back(needs)


def _broken_off(error: httpx.HTTPError) -> CannotStart:
    return CannotStart(
        f"Một dịch vụ không trả lời được ({error!r}): xem nhật ký trong var/log rồi"
        f" chạy lại.",
        f"A service could not answer ({error!r}): see the logs in var/log and run"
        f" again.",
    )


def _disk_full(var: Path) -> CannotStart:
    return CannotStart(
        f"Ổ đĩa của {var} đã đầy: dọn bớt rồi chạy lại, không mất gì đã lưu.",
        f"The disk of {var} is full: make room and run again, nothing stored is lost.",
    )


ACTS: Final = Acts(
    demo=demo,
    up=up,
    reset=reset,
    provision=provision,
    migrate=migrate,
    doctor=doctor,
    user_add=upkeep.user_add,
    pki_revoke=upkeep.pki_revoke,
    pki_renew=upkeep.pki_renew,
    journal_verify=upkeep.journal_verify,
    audit_verify=upkeep.audit_verify,
    backup=backup,
    restore=restore,
)
