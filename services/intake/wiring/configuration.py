"""What the settings point to, read and checked before anything is opened.

Nothing is opened here but files to read. Start at ``load_rules``.
"""

import re
from datetime import timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Final

import structlog

from chassis import confined
from chassis.clients import ClientAddresses
from chassis.clock import utc_now
from chassis.starting import CannotStart
from chassis.trust import open_trust
from intake.domain import (
    agencies,
    calendar,
    declared,
    extending,
    fee,
    national,
    office_tables,
    vneid,
)
from intake.domain.calendar import local_day
from intake.domain.clause_words import unfit_entries
from intake.domain.expecting import Patience
from intake.domain.rules import Rules
from intake.domain.table_rows import TableRow
from intake.settings import Settings

log = structlog.get_logger()

HERE: Final = Path(__file__).parents[1]
LINK_KEY_BYTES: Final = 32
LONGEST_ORIGIN: Final = len("https://") + 253 + len(":65535")
_ORIGIN: Final = re.compile(
    r"https?://(?:[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?|\[[0-9a-f:]+\])(?::[1-9][0-9]{0,4})?"
)
"""RFC 6454 section 6.2, in lower case as browsers send it."""


def load_rules(settings: Settings) -> Rules:
    """Tables, agencies and pins. CannotStart for a demo's trust in production, or
    settings that no copy could be made with. Words that the clause page cannot hold
    are said in the log, and at the desk to whoever would approve with them: the other
    officers and agencies work on.
    """
    trust = open_trust(settings.trust_file, demo=settings.demo, prefix="INTAKE")
    # Link tokens and the keys of forms are derived from it: a short one could be
    # guessed, and another one makes the links of all copies so far lead nowhere.
    link_key = bytes.fromhex(settings.link_key_file.read_text().strip())
    if len(link_key) < LINK_KEY_BYTES:
        raise CannotStart(
            f"{settings.link_key_file} phải có 32 byte ngẫu nhiên, viết bằng hex",
            f"{settings.link_key_file}: 32 random bytes in hex",
        )
    tables = HERE / "tables"
    years = sorted(tables.glob("calendar-*.toml"))
    rows = committed_rows(tables)
    kinds = {row.key for row in rows if row.table == office_tables.KINDS}
    known = agencies.parse(settings.agencies_file.read_text("utf-8"))
    public_host = public_origin(settings.public_host)
    for unfit in unfit_entries(known, public_host, local_day(utc_now())):
        file = settings.agencies_file.name
        log.warning("agency_words_unfit", file=file, said=unfit.sentence)
    return Rules(
        agencies=known,
        calendar=calendar.parse(year.read_text("utf-8") for year in years),
        fees=fee.parse((tables / "fees.toml").read_text("utf-8")),
        rows=rows,
        on_vneid=vneid.parse((tables / "on-vneid.toml").read_text("utf-8"), kinds),
        extensions=extending.parse((tables / "extensions.toml").read_text("utf-8")),
        national=national.parse((tables / "national-statuses.toml").read_text("utf-8")),
        trust=trust,
        public_host=public_host,
        link_key=link_key,
        file_bytes=settings.limits.file_bytes,
        document_pages=settings.limits.document_pages,
        document_files=settings.limits.document_files,
        upload_seconds=settings.limits.upload_seconds,
        upload_life=timedelta(hours=settings.limits.upload_hours),
        spare_bytes=settings.limits.spare_bytes,
        demo=settings.demo,
        patience=Patience(
            late=timedelta(seconds=settings.patience.late_seconds),
            person=timedelta(seconds=settings.patience.person_seconds),
        ),
    )


def committed_rows(tables: Path) -> tuple[TableRow, ...]:
    """The program's rows of the tables that an agency may change. Raises ValueError for
    a file that the table itself would not take.
    """
    return tuple(
        row
        for slug, table in office_tables.TABLES.items()
        if slug != office_tables.NUMBERS  # those are in the agencies' file
        for row in declared.parse(table, (tables / f"{slug}.toml").read_text("utf-8"))
    )


def public_origin(address: str) -> str:
    """*told*, as it goes into each copy. CannotStart for anything but an origin."""
    if len(address) > LONGEST_ORIGIN or not _ORIGIN.fullmatch(address):
        shown = address[:LONGEST_ORIGIN]
        raise CannotStart(
            f"INTAKE__PUBLIC_HOST={shown} không phải địa chỉ gốc: ghi https://tên-máy"
            " hoặc https://tên-máy:cổng, không có đường dẫn hay dấu / ở cuối; tên có"
            " chữ ngoài a đến z thì ghi ở dạng xn--",
            f"INTAKE__PUBLIC_HOST={shown} is no origin: say"
            " https://host or https://host:port, without a path or a slash at the end,"
            " and a name with other letters than a to z in its xn-- form",
        )
    return address


def secured(settings: Settings) -> bool:
    """Whether the cookie says ``Secure``. CannotStart for HTTP beyond loopback, and
    for a proxy that is not named.
    """
    if settings.behind_tls and not settings.trusted_proxies:
        raise CannotStart(
            "INTAKE__BEHIND_TLS=true nhưng chưa ghi máy chủ trung gian nào: mọi người ở"
            " quầy sẽ mang địa chỉ của máy đó, trong nhật ký thao tác và khi đếm số lần"
            " nhập sai mật khẩu, nên một người có thể khóa tất cả. Ghi mạng của máy đó"
            ' vào INTAKE__TRUSTED_PROXIES, ví dụ ["172.30.251.0/28"]',
            "INTAKE__BEHIND_TLS=true, but no proxy is named: every person at the desk"
            " would have the proxy's address, in the audit and where wrong passwords"
            " are counted, so that one could lock out all. Say the proxy's network in"
            ' INTAKE__TRUSTED_PROXIES, e.g. ["172.30.251.0/28"]',
        )
    if settings.behind_tls:
        return True
    if not ip_address(settings.bind.host).is_loopback:
        host = settings.bind.host
        raise CannotStart(
            f"{host} không phải địa chỉ loopback: mật khẩu sẽ đi qua mạng không được mã"
            " hóa. Đặt TLS phía trước rồi ghi INTAKE__BEHIND_TLS=true",
            f"{host} is no loopback address: passwords would travel"
            " in the clear. Put TLS in front and say INTAKE__BEHIND_TLS=true",
        )
    return False


def clients(settings: Settings) -> ClientAddresses:
    """CannotStart for a proxy that is no network."""
    try:
        return ClientAddresses(settings.trusted_proxies)
    except ValueError as error:
        raise CannotStart(
            f"INTAKE__TRUSTED_PROXIES: {error}. Ghi mạng của máy chủ trung gian phía"
            ' trước quầy, ví dụ ["172.30.251.0/28"]',
            f"INTAKE__TRUSTED_PROXIES: {error}. Say the network of the proxy in front"
            ' of the desk, e.g. ["172.30.251.0/28"]',
        ) from error


def check_walls(settings: Settings) -> None:
    """CannotStart in production, where the readers of files could get out."""
    accepted = settings.demo or settings.accept_weak_sandbox
    confined.check_walls("INTAKE", accepted=accepted)
