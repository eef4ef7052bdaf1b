"""Commands of ``ecopy`` that keep a house: accounts, certificates, and its two books.

They are words of ``onebox.cli``, which runs the house itself. Start at ``user_add``.
"""

import argparse
import asyncio
import getpass
import subprocess
from datetime import timedelta

from chassis.clock import utc_now
from chassis.starting import CannotStart
from onebox import accounts, pki, programs, settings
from onebox.checks import check_pki
from onebox.locked import only_one
from onebox.people import Person
from onebox.places import Places, Ports
from onebox.plain import say
from onebox.revocation import revoke


def user_add(needs: argparse.Namespace) -> int:
    """The password is asked for, never taken from the command line."""
    places, ports = places_of(needs)
    # Other processes can read a command line.
    password = getpass.getpass(f"Mật khẩu của {needs.user} · password: ")
    roles = ",".join(needs.roles)
    person = Person(needs.user, needs.name, roles, password, needs.officer)
    if not asyncio.run(accounts.add(person, needs.agency, places, ports)):
        raise CannotStart(
            f"Đã có tài khoản {needs.user}, không đổi gì: chọn tên khác.",
            f"There is an account {needs.user} already, nothing changed: choose"
            f" another name.",
        )
    say(f"Đã tạo tài khoản · account made: {needs.user}")
    return 0


def pki_revoke(needs: argparse.Namespace) -> int:
    """The demo's answer to a lost key: OCSP and the CRL say so at once."""
    places = Places(needs.var)
    _check_pki(places)
    revoke(places.pki, needs.name, now=utc_now())
    say(f"Đã thu hồi · revoked: {needs.name}")
    say(
        "Dịch vụ ký hỏi lại trong vòng một giờ rưỡi; khởi động lại là hỏi ngay."
        " · Signing asks again within an hour and a half; a restart asks at once."
    )
    return 0


def pki_renew(needs: argparse.Namespace) -> int:
    """What a person does after a certificate has ended or was revoked. Dates in the
    past or the future are for trying what the desk says of them.
    """
    places = Places(needs.var)
    with only_one(needs.var):
        _check_pki(places)
        start = utc_now() + timedelta(days=needs.starts_in)
        pki.renew(places.pki, needs.name, start=start, days=needs.days)
    say(f"Đã cấp chứng thư mới · new certificate: {needs.name}")
    return 0


def journal_verify(needs: argparse.Namespace) -> int:
    return _verify(needs, "signing", "journal-verify")


def audit_verify(needs: argparse.Namespace) -> int:
    return _verify(needs, "intake", "audit-verify")


def _verify(needs: argparse.Namespace, service: str, command: str) -> int:
    """Run the service's own check of its chain, also while the house runs."""
    places, ports = places_of(needs)
    check_database(places, service)
    noted = ("--noted", needs.noted) if needs.noted else ()
    done = subprocess.run(  # noqa: S603 - our own program
        (settings.python(), "-m", service, command, *noted),
        env=settings.for_child(programs.environment(service, places, ports)),
        check=False,
    )
    return done.returncode


def check_database(places: Places, service: str) -> None:
    """CannotStart where there is none: it would be made by being opened, and look
    whole.
    """
    database = places.database_file(service)
    if settings.uses_own_file(service) and not database.exists():
        raise CannotStart(
            f"Chưa có {database}: kiểm tra --var, chạy make demo trước, hoặc phục hồi"
            f" bản sao lưu.",
            f"There is no {database} yet: look at --var, run make demo first, or"
            f" restore the backup.",
        )


def places_of(needs: argparse.Namespace) -> tuple[Places, Ports]:
    return Places(needs.var), Ports.starting_at(needs.port)


def _check_pki(places: Places) -> None:
    if not places.pki.exists():
        raise _no_pki()
    check_pki(places)


def _no_pki() -> CannotStart:
    return CannotStart(
        "Chưa có chứng thư thử nghiệm: chạy make demo trước.",
        "There is no development PKI yet: run make demo first.",
    )
