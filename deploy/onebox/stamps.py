"""Asks signing, as a program, for the digest of each visible signature it will draw."""

import asyncio
import json

from chassis.starting import CannotStart
from onebox import settings
from onebox.processes import dying_with_parent
from onebox.ward import IDENTITIES, Identity


async def appearance_pins() -> dict[str, str]:
    """Role → pin, for the trust document."""
    pins = await asyncio.gather(*(_pin(who) for who in IDENTITIES))
    return {who.role: pin for who, pin in zip(IDENTITIES, pins, strict=True)}


async def _pin(who: Identity) -> str:
    process = await asyncio.create_subprocess_exec(
        *(settings.python(), "-m", "signing", "appearance"),
        *("--role", who.role, "--id", who.id),
        *(word for line in who.name_lines for word in ("--name", line)),
        *(word for line in who.title_lines for word in ("--title", line)),
        *(("--image", str(who.image)) if who.image else ()),
        env=settings.for_child({}),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        preexec_fn=dying_with_parent(),
    )
    output, complaint = await process.communicate()
    if process.returncode != 0:
        why = complaint.decode(errors="replace").strip()[-500:]
        raise CannotStart(
            f"Không vẽ được mẫu chữ ký của {who.id}: {why}",
            f"The visible signature of {who.id} could not be drawn: {why}",
        )
    pin: str = json.loads(output)["appearance_sha256"]
    return pin
