"""A process that watches one hot folder on a desk's database, and dies where it is told
to: ``python -m support.hot_folder_child DIRECTORY [POINT]``. It ends once the folder
is empty.
"""

import asyncio
import sys
from pathlib import Path

from chassis import crash
from intake.settings import HotFolderSettings, WatchedFolder
from intake.wiring.inbox import watching
from support import intake

SETTLE = 0.05


async def main(directory: Path, point: str) -> None:
    url, hot = f"sqlite:///{directory}/intake.db", directory / "hot"
    house = intake.house(url, directory / "scans", intake.Hands())
    settings = HotFolderSettings(settle_seconds=SETTLE, empty_seconds=SETTLE)
    folder = WatchedFolder(name="Quầy 2", path=hot, agency=intake.AGENCY)
    watched = watching(house, folder, settings)
    crash.arm(point)
    while any(each.is_file() for each in hot.iterdir()):
        await watched.turn()
        await asyncio.sleep(SETTLE)
    await house.store.close()


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), *sys.argv[2:3] or [""]))
