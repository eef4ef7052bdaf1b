"""What a release leaves on a ward's disk, packed for the tests of later releases.

``python tests/corpus/make_release.py OUT.tar.xz [TREE]``: starts the house of the tree
(this one, or another checkout) with its development PKI, brings cases into each state
through the forms, stops it, and packs ``var/`` and the tree's ``libs/ecopy``. Run it
once for each release, commit the file under ``files/releases`` and never change it.
All people and papers in it are invented. Start at ``made``.
"""

import asyncio
import contextlib
import io
import lzma
import sys
import tarfile
import tempfile
from pathlib import Path

HERE = Path(__file__).parents[2]
PORT = 28420
"""Below the ports that the kernel gives away: the certificates name the sixth of it."""
LEFT_OUT = {"log", "lock", "nats", "nats.conf", "signing.toml", "__pycache__"}
"""Made anew at each start, some with paths of the machine in them."""


async def made(var: Path) -> None:
    """Two cases issued, one approved while nobody signs, one submitted, one received
    with a file, one refused.
    """
    from chassis.clock import utc_now
    from onebox import house as houses
    from onebox import story
    from onebox.browser import Browser
    from onebox.places import Places, Ports
    from onebox.plain import Steps
    from onebox.supervisor import Supervisor

    places, ports = Places(var), Ports.starting_at(PORT)
    supervisor = Supervisor(places)
    try:
        house = await houses._open(supervisor, places, ports, Steps(3), utc_now)
        clerk, certifier = Browser(house.desk), Browser(house.desk)
        await story.sign_in(clerk, house.person("clerk"))
        await story.sign_in(certifier, house.person("certifier"))
        for title in ("Giấy khai sinh", "Bằng cử nhân"):
            filed = await story.file_case(clerk, scan(var, title))
            await story.approve(certifier, filed)
            await story.until_issued(clerk, filed)
        await story.file_case(clerk, scan(var, "Sổ hộ khẩu"))
        waiting = await story.file_case(clerk, scan(var, "Học bạ"))
        await stopped(supervisor, "signing")
        await story.approve(certifier, waiting)
        await clerk.close()
        await certifier.close()
    finally:
        await supervisor.stop()


async def stopped(supervisor, name: str) -> None:
    """Nobody starts it again: its keeper is gone."""
    for task in supervisor._tasks:
        if task.get_name().startswith(name):
            task.remove_done_callback(supervisor._ended)
            task.cancel()
    process = supervisor._kept[name].process
    with contextlib.suppress(ProcessLookupError):
        process.kill()
    await process.wait()


def scan(folder: Path, title: str):
    from PIL import Image, ImageDraw

    from onebox import story

    page = Image.new("RGB", (620, 877), "#f6f4ec")
    ink = ImageDraw.Draw(page)
    ink.text((60, 80), f"{title}: giay to minh hoa", fill="#222")
    for line in range(12):
        ink.line((60, 160 + 40 * line, 560 - 17 * line, 160 + 40 * line), fill="#555")
    file = folder / "scan.jpg"
    page.save(file, quality=60, dpi=(75, 75))
    return story.Scan(file, 1, title)


def packed(var: Path, tree: Path) -> bytes:
    plain = io.BytesIO()
    with tarfile.open(fileobj=plain, mode="w") as archive:
        for top, name in ((var, "var"), (tree / "libs" / "ecopy", "ecopy")):
            archive.add(top, name, filter=anonymous)
    return lzma.compress(plain.getvalue(), preset=9)


def anonymous(entry: tarfile.TarInfo) -> tarfile.TarInfo | None:
    if Path(entry.name).name in LEFT_OUT:
        return None
    entry.uid = entry.gid = 0
    entry.uname = entry.gname = ""
    return entry


def main() -> None:
    out = Path(sys.argv[1])
    tree = Path(sys.argv[2]) if len(sys.argv) > 2 else HERE
    sys.path[:0] = [str(tree / root) for root in ("libs", "services", "deploy")]
    with tempfile.TemporaryDirectory() as folder:
        var = Path(folder) / "var"
        var.mkdir()
        asyncio.run(made(var))
        (var / "scan.jpg").unlink()
        out.write_bytes(packed(var, tree))
    print(f"{out}: {out.stat().st_size} bytes")


if __name__ == "__main__":
    main()
