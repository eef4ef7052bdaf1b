"""Each image of ours: how large it is, and what must not be in it. Start at ``images``.

Run in a container of the image itself, as root, so that nothing is hidden by rights.
"""

import json
import subprocess
from collections.abc import Iterator, Mapping
from typing import Final

from containers.rooms import Tried

GOALS_MB: Final = {"signing": 300, "intake": 280, "storage": 240}
MOST_MB: Final = {"signing": 395, "intake": 475, "storage": 295}
"""Megabytes (10⁶ bytes) that ``docker image inspect`` may say; the base image has 160:
what they had on 30/11/2026. The goals are not reached; typst's library has 81, and
numpy with its own 47."""
WEB: Final = ("fastapi", "starlette", "uvicorn", "flask", "aiohttp", "jinja2")
CACHES: Final = ("/root/.cache", "/var/lib/apt/lists/")
LOOK: Final = """
import importlib.util, json, os, stat
privileged, cached, tests = [], [], []
for folder, folders, files in os.walk("/"):
    if folder == "/":
        folders[:] = [name for name in folders if name not in ("proc", "sys", "dev")]
    if folder.startswith(("/venv", "/app")):
        tests += [f"{folder}/{n}" for n in folders if n in ("tests", "SelfTest")]
    for name in files:
        path = os.path.join(folder, name)
        if os.path.islink(path):
            continue
        if os.stat(path).st_mode & (stat.S_ISUID | stat.S_ISGID):
            privileged.append(path)
        if name.endswith(".deb") or folder.startswith(CACHES):
            cached.append(path)
places = os.environ["PATH"].split(":")
names = "cc gcc g++ clang ld as make go rustc cargo pip".split()
tools = [f"{p}/{n}" for p in places for n in names if os.path.exists(f"{p}/{n}")]
web = [name for name in WEB if importlib.util.find_spec(name)]
print(json.dumps([privileged, cached, tests, tools, web]))
"""


def images(sizes: Mapping[str, int]) -> Iterator[Tried]:
    """*sizes*: bytes of each image, by its target."""
    for name, most in MOST_MB.items():
        size = sizes[name] / 1_000_000
        shown = f"{size:.0f} MB, {most} at most, the goal is {GOALS_MB[name]}"
        yield f"the image of {name} has {shown}", size <= most
    for name in ("intake", "signing", "storage", "provision"):
        privileged, cached, tests, tools, web = _looked(name)
        yield f"{name} has no setuid program {privileged}", not privileged
        yield f"{name} has no package manager's cache {cached[:3]}", not cached
        yield f"{name} has no tests {tests[:3]}", not tests
        compilers = [t for t in tools if not t.endswith("/pip")]
        yield f"{name} has no compiler {compilers}", not compilers
        inside = [t for t in tools if t.startswith("/venv")]
        yield f"{name} has no package manager of its own {inside}", not inside
        if name == "signing":
            yield f"signing has no web framework {web}", not web


def _looked(name: str) -> list[list[str]]:
    program = LOOK.replace("WEB", repr(WEB)).replace("CACHES", repr(CACHES))
    done = subprocess.run(
        [
            *("docker", "run", "--rm", "--network", "none", "--user", "0:0"),
            *("--entrypoint", "python", f"ecopy-{name}:local", "-c", program),
        ],
        check=True,
        text=True,
        stdout=subprocess.PIPE,
    )
    found: list[list[str]] = json.loads(done.stdout)
    return found
