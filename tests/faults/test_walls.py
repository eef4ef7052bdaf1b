"""A kernel that gives less than the whole: said, refused, or accepted by a setting.

The kernel is this one; what it lacks is taken away by a seccomp filter, as an older
container's profile takes Landlock away.
"""

import asyncio
import os
import struct
import sys
from pathlib import Path

import pytest

from chassis import calls, landlock, sandbox

ARCH = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
REFUSED, ALLOWED, KILLED = 0x00050001, 0x7FFF0000, 0x80000000
PID = 4711
DENY_LANDLOCK = """
import ctypes, struct
lines = ((0x20, 0, 0, 0), (0x35, 0, 3, 444), (0x25, 2, 0, 446),
         (0x06, 0, 0, 0x00050026), (0x06, 0, 0, 0x7FFF0000), (0x06, 0, 0, 0x7FFF0000))
code = b"".join(struct.pack("HBBI", *line) for line in lines)
text = ctypes.create_string_buffer(code, len(code))
head = struct.pack("HxxxxxxP", len(lines), ctypes.addressof(text))
libc = ctypes.CDLL(None)
assert libc.prctl(38, 1, 0, 0, 0) == 0 and libc.prctl(22, 2, head, 0, 0) == 0
"""
LOOK = """
import asyncio, os
from chassis import sandbox
import intake.wiring, intake.settings, storage.wiring, storage.settings
from onebox import doctor

async def enter(program, settings):
    async with program.wiring.assemble(settings):
        pass

def start(program, demo, accepted):
    absent = "/absent"
    settings = program.settings.Settings(
        database={"url": f"sqlite:///{absent}"},
        nats={"signing_key_file": absent, "public_keys_file": absent},
        trust_file=absent, public_host="https://hoaban.example",
        demo=demo, accept_weak_sandbox=accepted,
        **({"scans": {"url": "file:/absent"}, "agencies_file": absent,
            "link_key_file": absent} if program is intake else
           {"copies": {"url": "file:/absent"}, "archive": {"url": "file:/absent"}}),
    )
    try:
        asyncio.run(enter(program, settings))
    except Exception as error:
        return str(error)

print(sandbox.lacking(), doctor.walls().good)
print(doctor.walls().text)
for demo, accepted in ((False, False), (True, False), (False, True)):
    for program in (intake, storage):
        said = start(program, demo, accepted)
        print("refused:" if "sandbox" in said.lower() else "further:", said)
"""
"""A service is started without its files: it stops at the walls, or further on for
want of the trust document.
"""


async def printed(script):
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", script),
        stdout=asyncio.subprocess.PIPE,
        env={"PYTHONPATH": os.pathsep.join(sys.path), "PYTHONUTF8": "1"},
    )
    out, _ = await asyncio.wait_for(process.communicate(), 60)
    return out.decode()


def answer(machine, name, *arguments, arch=0):
    """What the filter answers to a call: classic BPF, run step by step."""
    number = name
    if isinstance(name, str):
        number = calls.ALLOWED[name][calls.MACHINES.index(machine)]
    words = [*arguments, *(6 - len(arguments)) * [0]]
    facts = struct.pack("<IIQ6Q", number, arch or ARCH[machine], 0, *words)
    lines = list(struct.iter_unpack("HBBI", calls.program(machine, PID)))
    place, held = 0, 0
    while True:
        code, yes, no, value = lines[place]
        if code == 0x06:
            return value
        if code == 0x20:
            (held,) = struct.unpack_from("<I", facts, value)
        elif code == 0x54:
            held &= value
        else:
            matches = held == value if code == 0x15 else held >= value
            place += yes if matches else no
        place += 1


@pytest.mark.parametrize("machine", calls.MACHINES)
def test_the_filter_lets_through_what_is_listed_with_its_arguments(machine):
    """Both machines' programs, run here without either kernel."""
    assert answer(machine, "read") == ALLOWED
    assert answer(machine, "exit_group") == ALLOWED
    for flags, expected in {
        os.O_RDONLY: ALLOWED,
        os.O_WRONLY | os.O_CREAT | os.O_TRUNC: ALLOWED,
        os.O_RDWR: ALLOWED,
        os.O_TRUNC: REFUSED,
        os.O_ACCMODE: REFUSED,
        os.O_ACCMODE | os.O_TRUNC: REFUSED,
    }.items():
        assert answer(machine, "openat", 0, 0, flags) == expected, flags
    assert answer(machine, "tgkill", PID, 1, 6) == ALLOWED
    assert answer(machine, "tgkill", PID + 1, 1, 6) == REFUSED
    assert answer(machine, "prlimit64", 0, 3, 0, 1) == ALLOWED
    assert answer(machine, "prlimit64", 1, 3, 0, 1) == REFUSED
    assert answer(machine, "prlimit64", 0, 3, 8, 0) == REFUSED
    assert answer(machine, "prlimit64", 0, 3, 1 << 32, 0) == REFUSED
    assert answer(machine, "fcntl", 3, 8, 1) == REFUSED, "F_SETOWN"
    assert answer(machine, "fcntl", 3, 1030, 0) == ALLOWED
    assert answer(machine, "ioctl", 3, 0x5412) == REFUSED, "TIOCSTI"


@pytest.mark.parametrize("machine", calls.MACHINES)
def test_the_filter_refuses_every_other_number(machine):
    """Of the first five hundred and of both machines' other tables."""
    column = calls.MACHINES.index(machine)
    listed = {numbers[column] for numbers in calls.ALLOWED.values()}
    for number in set(range(500)) - listed:
        assert answer(machine, number) == REFUSED, number
    assert answer(machine, 0x40000000) == KILLED, "x32"
    assert answer(machine, 63, arch=0x40000003) == KILLED, "32 bits"


def test_the_numbers_are_the_kernel_s():
    """Against the headers of this machine, where they are installed."""
    headers = {
        "x86_64": Path("/usr/include/x86_64-linux-gnu/asm/unistd_64.h"),
        "aarch64": Path("/usr/include/asm-generic/unistd.h"),
    }
    for column, machine in enumerate(calls.MACHINES):
        if not headers[machine].exists():
            continue
        words = [line.split() for line in headers[machine].read_text().splitlines()]
        defined = {
            w[1].replace("__NR3264_", "__NR_"): int(w[2])
            for w in words
            if len(w) > 2 and w[0] == "#define" and w[2].isdigit()
        }
        defined.setdefault("__NR_newfstatat", defined.get("__NR_fstatat", -1))
        for name, numbers in calls.ALLOWED.items():
            assert defined.get(f"__NR_{name}") == numbers[column], (machine, name)


async def test_a_whole_kernel_starts_everything():
    """As this one, and every Linux since 5.13 that has not switched Landlock off."""
    lines = (await printed(LOOK)).splitlines()
    assert lines[0] == "() True"
    assert f"Landlock {landlock.version()}" in lines[1]
    ends = [line for line in lines if line.startswith(("further:", "refused:"))]
    assert [line.split(":")[0] for line in ends] == 6 * ["further"]
    assert sandbox.lacking() == ()


async def test_without_landlock_production_starts_only_if_a_setting_says_so():
    """A demo starts; production names what is missing and the setting."""
    lines = (await printed(DENY_LANDLOCK + LOOK)).splitlines()
    assert lines[0] == "('landlock',) False"
    assert "không có landlock" in lines[1]
    assert "this kernel has no landlock" in lines[1]
    ends = [line for line in lines if line.startswith(("further:", "refused:"))]
    assert [line.split(":")[0] for line in ends] == 2 * ["refused"] + 4 * ["further"]
    assert "INTAKE__ACCEPT_WEAK_SANDBOX=true" in ends[0]
    assert "STORAGE__ACCEPT_WEAK_SANDBOX=true" in ends[1]


async def test_what_stands_behind_the_walls_is_said_where_it_is_missing():
    """By the service once at its start, by ``ecopy doctor`` in a line each; it keeps
    neither from starting.
    """
    script = (
        "import ctypes, struct\n"
        "head = struct.pack('Ii', 0x20080522, 0)\n"
        "assert ctypes.CDLL(None).capset(head, bytes(24)) == 0\n"
        "from chassis import confined; from onebox import doctor\n"
        "confined.check_walls('INTAKE', accepted=False)\n"
        "print(*(each.text for each in doctor.walls_behind()), sep='\\n')\n"
    )
    lines = (await printed(script)).splitlines()
    (said,) = (line for line in lines if "sandbox_without" in line)
    assert "'own account'" in said
    network, account = lines[-2:]
    assert "own account: không có" in account
    assert ("network namespace" in said) == ("không có" in network)


async def test_a_kernel_s_second_thread_would_stay_outside():
    """Landlock and the filter bind the thread that asks: a second one is refused."""
    script = (
        "import threading\n"
        "from pathlib import Path\n"
        "from chassis import sandbox\n"
        "from intake.adapters.rebuild.limits import Limits\n"
        "stop = threading.Event()\n"
        "thread = threading.Thread(target=stop.wait)\n"
        "thread.start()\n"
        "try:\n"
        "    sandbox.confine(Limits().bounds, readable=(), writable=Path('.'))\n"
        "except sandbox.NotConfined as error:\n"
        "    print(error)\n"
        "stop.set()\n"
    )
    assert "second thread" in await printed(script)


async def test_a_service_hides_its_memory():
    """So a reader of the same account finds nothing, even without Landlock."""
    script = (
        "from chassis import process\n"
        "process.hide_memory()\n"
        "import ctypes; print(ctypes.CDLL(None).prctl(3, 0, 0, 0, 0))\n"
    )
    assert (await printed(script)).split()[-1] == "0"
