"""The inbox and its hot folders bound to their stores, and the loops that watch them.

Start at ``watch_folders``.
"""

import asyncio
import contextlib
import time
from functools import partial
from typing import Final
from uuid import uuid4

import structlog

from chassis import process
from chassis.database import Database
from chassis.starting import CannotStart
from ecopy.refusals import Trouble
from intake.adapters.hot_folder import DirectoryHotFolder, check_usable
from intake.adapters.scans import StoredScans
from intake.adapters.sql.arrivals import SqlArrivals
from intake.adapters.sql.board_rows import SqlBoardRows
from intake.adapters.sql.cases import SqlCases
from intake.adapters.sql.scan_objects import SqlScanClaims
from intake.domain.agencies import Agencies
from intake.settings import HotFolderSettings, WatchedFolder
from intake.usecases.inbox import Inbox
from intake.usecases.watching import Watching
from intake.wiring.adapters import Adapters
from intake.wiring.sentences import sentences
from intake.wiring.uploading import stored_uploads

log = structlog.get_logger()

CHECK_SECONDS: Final = 1.0
HINDERED_SECONDS: Final = 30.0
"""While trouble lasts each try may cost a whole rebuild."""
AGAIN_SECONDS: Final = 5.0
"""Before a replica asks again for a folder that another one watches."""


def check_folders(settings: HotFolderSettings, agencies: Agencies) -> None:
    """CannotStart for a folder that cannot be watched as the settings say."""
    names = [folder.name for folder in settings.folders]
    for folder in settings.folders:
        if names.count(folder.name) > 1:
            raise _cannot(folder, "có hai thư mục cùng tên", "two have this name")
        if agencies.get(folder.agency) is None:
            raise _cannot(
                folder,
                f"không có cơ quan {folder.agency} trong tệp cơ quan",
                f"the agencies file has no agency {folder.agency}",
            )
        if inside := _inside(folder, settings.folders):
            raise _cannot(
                folder,
                f"nằm trong thư mục quét {inside.name}; mỗi thư mục phải ở riêng",
                f"it lies inside the hot folder {inside.name}; each must stand alone",
            )
        _check_directory(folder)


def _check_directory(folder: WatchedFolder) -> None:
    try:
        check_usable(folder.path)
    except NotADirectoryError as error:
        raise _cannot(
            folder, "không có thư mục này", "there is no such directory"
        ) from error
    except OSError as error:
        raise _cannot(
            folder,
            f"không đọc và ghi được ({error.strerror}); cấp quyền rwx cho intake",
            f"it cannot be read and written ({error.strerror}); give intake rwx",
        ) from error


def _inside(
    folder: WatchedFolder, all_of_them: tuple[WatchedFolder, ...]
) -> WatchedFolder | None:
    mine = folder.path.resolve()
    others = (each for each in all_of_them if each is not folder)
    return next((o for o in others if mine.is_relative_to(o.path.resolve())), None)


def _cannot(folder: WatchedFolder, why: str, why_in_english: str) -> CannotStart:
    setting = f"INTAKE__HOT_FOLDERS__FOLDERS: {folder.name} ({folder.path})"
    return CannotStart(f"{setting}: {why}", f"{setting}: {why_in_english}")


def inbox_of(house: Adapters) -> Inbox:
    return Inbox(
        arrivals=SqlArrivals(house.store, house.clock),
        cases=SqlCases(house.store),
        rows=SqlBoardRows(house.store),
        scans=StoredScans(house.objects, SqlScanClaims(house.store, house.clock)),
        rebuilder=house.rebuilder,
        rules=house.rules,
        new_id=lambda: uuid4().hex,
        clock=house.clock,
    )


def watch_folders(house: Adapters, settings: HotFolderSettings) -> list[process.Task]:
    """A task for each folder, and one that rebuilds what came through any."""
    tasks = [
        partial(watch, house.store, watching(house, folder, settings))
        for folder in settings.folders
    ]
    # Also without a folder: one may have been taken out of the settings while its files
    # wait for their check.
    return [*tasks, partial(check_arrivals, house.store, inbox_of(house))]


def watching(
    house: Adapters, folder: WatchedFolder, settings: HotFolderSettings
) -> Watching:
    return Watching(
        folder=DirectoryHotFolder(folder.name, folder.agency, folder.path),
        arrivals=SqlArrivals(house.store, house.clock),
        scans=StoredScans(house.objects, SqlScanClaims(house.store, house.clock)),
        uploads=stored_uploads(house.store, house.objects),
        rules=house.rules,
        note_for=note_for,
        new_id=lambda: uuid4().hex,
        clock=house.clock,
        elapsed=time.monotonic,
        settle_seconds=settings.settle_seconds,
        empty_seconds=settings.empty_seconds,
    )


def note_for(fault: str, name: str) -> str:
    """What lies beside a file that was moved aside, for whoever stands at the scanner:
    what is wrong, and what to do, in both languages.
    """
    what, nexts = (
        sentences(f"file.{fault}.what", {}),
        sentences(f"file.{fault}.next", {}),
    )
    heads = sentences("inbox.note", {"name": name})
    both = zip(heads, what, nexts, strict=True)
    return "\n\n".join("\n".join(lines) for lines in both) + "\n"


async def watch(store: Database, watching: Watching, stop: asyncio.Event) -> None:
    """Look at one folder until *stop*, while no other replica does."""
    lock = f"hot-folder/{watching.folder.name}"
    usual = min(1.0, watching.settle_seconds / 2)
    while not stop.is_set():
        pause = usual
        try:
            if await store.holds(lock):
                if why := await watching.turn():
                    log.warning("hot_folder_waits", name=watching.folder.name, why=why)
            else:
                pause = AGAIN_SECONDS
        except Exception as error:  # whatever it is, the files are still there
            log.warning("hot_folder_hindered", error=repr(error), exc_info=True)
            pause = AGAIN_SECONDS
        await _rest(stop, pause)


async def check_arrivals(
    store: Database, inbox: Inbox, stop: asyncio.Event, *, pause: float = CHECK_SECONDS
) -> None:
    """Rebuild what arrived, as one replica at a time."""
    while not stop.is_set():
        rest = pause
        try:
            if await store.holds("arrivals") and await inbox.check_rest():
                rest = HINDERED_SECONDS
        except Trouble as trouble:
            log.warning("arrivals_not_checked", error=str(trouble))
        except Exception:
            log.exception("arrivals_not_checked")
            rest = HINDERED_SECONDS
        await _rest(stop, rest)


async def _rest(stop: asyncio.Event, seconds: float) -> None:
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(stop.wait(), seconds)
