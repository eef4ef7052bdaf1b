"""``ecopy backup`` and ``ecopy restore``, as a person runs them."""

import argparse
from pathlib import Path

from chassis.clock import utc_now
from chassis.starting import CannotStart
from onebox import programs, settings
from onebox.backup.books import sentences
from onebox.backup.restoring import check_empty, restore
from onebox.backup.taking import Stores, Taken, close_to_others, take
from onebox.files import make_folder
from onebox.locked import only_one
from onebox.places import BUCKETS, SERVICES, Places, Ports
from onebox.plain import say

OWNERS: dict[str, tuple[str, str]] = {
    "scans": ("intake", "SCANS"),
    "copies": ("signing", "COPIES"),
    "archive": ("storage", "ARCHIVE"),
}
"""Bucket → the service that owns it, and its block of settings."""


def backup(needs: argparse.Namespace) -> int:
    """Exit status 1 where an archived copy could not be vouched for: it is named."""
    close_to_others()
    stores = _stores(needs)
    if not stores.places.opened.exists():
        raise CannotStart(
            f"Trong {needs.var} chưa có gì để sao lưu.",
            f"There is nothing to back up in {needs.var} yet.",
        )
    make_folder(needs.folder.resolve())
    taken = take(stores, needs.folder.resolve(), utc_now())
    _report(taken)
    return 1 if taken.rotten else 0


def bring_back(needs: argparse.Namespace) -> int:
    close_to_others()
    with only_one(needs.var):
        stores = _stores(needs)
        check_empty(stores.places)
        say("Đang kiểm tra từng byte của bản sao lưu · checking every byte …")
        made = restore(needs.folder.resolve(), stores)
    say(f"Đã phục hồi · restored: {made.folder}")
    for sentence in sentences(made.last_lines, made.moment, utc_now()):
        say(sentence)
    say(
        "Tiếp theo: khởi động lại (ecopy up --demo) rồi chạy ecopy reconcile; việc còn"
        " dở sẽ tự làm tiếp. · Next: start the house (ecopy up --demo), then run ecopy"
        " reconcile; what was under way goes on by itself."
    )
    return 0


def _report(taken: Taken) -> None:
    say(f"Đã sao lưu vào · backed up to: {taken.folder}")
    for name, copied in taken.copied.items():
        megabytes = copied.octets / 1_000_000
        say(f"  {name}: {copied.objects} tệp · files, {megabytes:.1f} MB")
    for entry in taken.rotten:
        say(
            f"✗ {entry}: tệp trong kho lưu trữ bị mất hoặc hỏng, bản sao lưu này không"
            f" cứu được: chạy ecopy archive scrub. · the archived file is missing or"
            f" spoilt, and this backup does not save it: run ecopy archive scrub."
        )
    say(
        "Bản sao lưu chứa khóa và dữ liệu công dân: cất nơi chỉ người có trách nhiệm mở"
        " được. · It holds keys and citizens' data: keep it locked away."
    )


def _stores(needs: argparse.Namespace) -> Stores:
    places, ports = Places(needs.var), Ports.starting_at(needs.port)
    given = {
        name: settings.for_child(programs.environment(name, places, ports))
        for name in SERVICES
    }
    return Stores(
        places,
        {name: given[name][f"{name.upper()}__DATABASE__URL"] for name in SERVICES},
        {
            bucket: _folder(bucket, given[OWNERS[bucket][0]][_setting(*OWNERS[bucket])])
            for bucket in BUCKETS
        },
    )


def _setting(service: str, block: str) -> str:
    return f"{service.upper()}__{block}__URL"


def _folder(bucket: str, url: str) -> Path:
    kind, _, path = url.partition(":")
    if kind == "file":
        return Path(path)
    raise CannotStart(
        f"Kho {bucket} nằm ở {kind}: sao lưu bằng công cụ của kho đó, xem"
        f" docs/operations.md.",
        f"The bucket {bucket} is in a store of kind {kind}: back it up with that"
        f" store's own tools, see docs/operations.md.",
    )
