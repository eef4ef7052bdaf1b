"""Taking a backup: ``take`` is the whole story."""

import json
import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from chassis.objects.durable import sync_directory
from chassis.starting import CannotStart
from onebox.backup import databases, stored, sums
from onebox.backup.moment import open_moment
from onebox.backup.shared import copy_shared
from onebox.backup.stored import Copied
from onebox.files import flush_below, make_folder, remove, rename_folder
from onebox.places import BUCKETS, Places

HEAD: Final = "backup.json"
FORMAT: Final = 1
"""The layout of a backup; a reader refuses what it does not know."""
REST: Final = "house"
"""Folder of all that is neither database nor object: keys, certificates, settings."""
MADE_ANEW: Final = frozenset({"db", "objects", "nats", "log", "lock", "nats.conf"})
"""What of ``var/`` is copied otherwise, or made anew at a start. The bus is not copied:
orders without an answer are announced again (docs/architecture.md)."""


@dataclass(frozen=True, slots=True)
class Stores:
    """Where a house has its databases and its buckets."""

    places: Places
    urls: Mapping[str, str]
    """Service → database URL, as the service is given it."""
    buckets: Mapping[str, Path]


@dataclass(frozen=True, slots=True)
class Taken:
    """A backup that is whole and durable."""

    folder: Path
    copied: Mapping[str, Copied]

    @property
    def rotten(self) -> list[str]:
        """Numbers whose archived file the backup could not vouch for."""
        return self.copied["archive"].rotten


def take(stores: Stores, into: Path, now: datetime) -> Taken:
    """Write a backup of the house into a new folder below *into*. Safe beside a house
    that works. Raises CannotStart, OSError.
    """
    _check_outside(into, stores.places.var)
    folder = into / f"ecopy-{now:%Y%m%d-%H%M%S}"
    if folder.exists():
        raise CannotStart(
            f"Đã có {folder}: chạy lại sau một giây.",
            f"There is {folder} already: run again in a second.",
        )
    draft = folder.with_name(f".{folder.name}.part")
    remove(draft)  # of a backup that was cut short in this very second
    make_folder(draft)
    try:
        copied = _fill(draft, stores, now)
        # A crash before this line leaves a draft with a dot before its name, which no
        # restore takes; after it the backup is on the disk.
        rename_folder(draft, folder)
    except BaseException:
        remove(draft)
        raise
    sync_directory(into)
    return Taken(folder, copied)


def _check_outside(into: Path, var: Path) -> None:
    """A backup inside the house would be copied into itself without an end, and lost
    with the house.
    """
    if into.resolve().is_relative_to(var.resolve()):
        raise CannotStart(
            f"{into} nằm trong {var}, chính nơi được sao lưu: chọn thư mục khác, tốt"
            f" nhất ở ổ đĩa khác.",
            f"{into} lies in {var}, which is what is backed up: choose another folder,"
            f" best on another disk.",
        )


def _fill(draft: Path, stores: Stores, now: datetime) -> dict[str, Copied]:
    for name in ("db", "objects"):
        make_folder(draft / name)
    kinds = {name: databases.kind_of(url) for name, url in stores.urls.items()}
    scanner = stores.places.hot_folder
    make_folder(draft / REST)
    # Before the moment: a file that intake takes meanwhile is in here or in the tables
    # of the moment, or in both; the other way round it could be in neither.
    if scanner.is_dir():
        copy_shared(scanner, draft / REST / scanner.name)
    with open_moment(stores.urls) as moment:
        for name, snapshot in moment.items():
            file = draft / "db" / databases.file_name(name, kinds[name])
            databases.dump(snapshot, stores.urls[name], file)
        copied = stored.copy_objects(moment, dict(stores.buckets), draft / "objects")
    _copy_rest(stores.places, draft / REST)
    head = {
        "format": FORMAT,
        "at": now.isoformat(timespec="seconds"),
        "databases": kinds,
        "objects": {name: copied[name].objects for name in BUCKETS},
    }
    (draft / HEAD).write_text(json.dumps(head, indent=2) + "\n", "utf-8")
    sums.write(draft)
    flush_below(draft)
    return copied


def _copy_rest(places: Places, into: Path) -> None:
    """Copy all of ``var/`` but what is made anew or was copied before: a new secret is
    never forgotten.
    """
    for path in sorted(places.var.iterdir()):
        if path.name in MADE_ANEW or path.name.startswith("."):
            continue
        if path.is_dir() and path != places.hot_folder:
            shutil.copytree(path, into / path.name)
        elif path.is_file():
            shutil.copy2(path, into / path.name)


def close_to_others() -> None:
    """A backup holds keys: whatever is made from now on is its owner's only."""
    os.umask(0o077)
