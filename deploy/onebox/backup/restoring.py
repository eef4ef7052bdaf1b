"""Making a house from a backup: ``restore`` is the whole story."""

import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from chassis.starting import CannotStart
from onebox.backup import books, databases, stored, sums
from onebox.backup.taking import FORMAT, HEAD, REST, Stores
from onebox.files import flush_below, make_folder, remove, write_text
from onebox.places import BUCKETS, SERVICES, Places

PATTERN: Final = "ecopy-*"
LEFT_ALONE: Final = frozenset({"lock", "log"})
"""What an empty ``var/`` may have: the lock that this command holds, and logs."""


@dataclass(frozen=True, slots=True)
class Restored:
    """A house that can be started."""

    folder: Path
    """The backup that it was made from."""
    moment: datetime
    last_lines: Mapping[str, int]
    """Register book → its last number at that moment."""


def restore(folder: Path, stores: Stores) -> Restored:
    """Make the house of the backup in *folder*, or of the newest one below it.

    Nothing is written before every byte of the backup was checked. Raises CannotStart
    for a backup that is not whole, and where there is a house already.
    """
    chosen = _chosen(folder)
    places = stores.places
    check_empty(places)
    sums.check(chosen)
    head = _head(chosen)
    _check_kinds(head["databases"], stores)
    # From here to the last line a start refuses (``checks.check_restored``): a house
    # with half of its objects would call citizens' copies unknown.
    write_text(places.restoring, str(chosen))
    for name in SERVICES:
        make_folder(places / "db")
        file = chosen / "db" / databases.file_name(name, head["databases"][name])
        databases.load(file, stores.urls[name])
    for name in BUCKETS:
        make_folder(stores.buckets[name])
        stored.put_back(chosen / "objects" / name, stores.buckets[name])
    shutil.copytree(chosen / REST, places.var, dirs_exist_ok=True)
    flush_below(places.var)
    remove(places.restoring)
    moment = datetime.fromisoformat(head["at"])
    return Restored(chosen, moment, books.last_lines(stores.urls["intake"]))


def check_empty(places: Places) -> None:
    """Raises CannotStart where *places* has what a restore would write over."""
    there = [p for p in sorted(places.var.iterdir()) if p.name not in LEFT_ALONE]
    if not there:
        return
    if places.restoring.exists():
        raise CannotStart(
            f"Lần phục hồi trước vào {places.var} bị ngắt giữa chừng: chạy ecopy reset"
            f" rồi phục hồi lại.",
            f"An earlier restore to {places.var} was cut short: run ecopy reset, then"
            f" restore again.",
        )
    raise CannotStart(
        f"{places.var} đã có dữ liệu ({there[0].name}): chỉ phục hồi vào nơi trống."
        f" Dùng --var để chọn thư mục khác.",
        f"{places.var} is not empty ({there[0].name}): a backup is restored to an"
        f" empty place only. Choose another folder with --var.",
    )


def _chosen(folder: Path) -> Path:
    if (folder / sums.LIST).exists() or (folder / HEAD).exists():
        return folder
    found = sorted(path for path in folder.glob(PATTERN) if path.is_dir())
    if found:
        return found[-1]
    raise CannotStart(
        f"Trong {folder} không có bản sao lưu nào.",
        f"There is no backup in {folder}.",
    )


def _head(folder: Path) -> dict[str, Any]:
    head: dict[str, Any] = json.loads((folder / HEAD).read_text("utf-8"))
    if head["format"] != FORMAT:
        raise CannotStart(
            f"{folder / HEAD}: bản sao lưu thuộc định dạng {head['format']}, phần mềm"
            f" này chỉ đọc định dạng {FORMAT}: dùng đúng phiên bản đã tạo ra nó.",
            f"{folder / HEAD}: the backup has format {head['format']}, this version"
            f" reads format {FORMAT} only: use the version that made it.",
        )
    return head


def _check_kinds(kinds: dict[str, str], stores: Stores) -> None:
    for name in SERVICES:
        here = databases.kind_of(stores.urls[name])
        if kinds[name] != here:
            raise CannotStart(
                f"Bản sao lưu của {name} là {kinds[name]}, nơi này dùng {here}: đặt"
                f" {name.upper()}__DATABASE__URL cho đúng loại.",
                f"The backup of {name} is of {kinds[name]}, this house uses {here}: set"
                f" {name.upper()}__DATABASE__URL to the same kind.",
            )
