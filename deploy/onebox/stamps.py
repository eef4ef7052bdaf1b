"""Asks signing, as a program, for the digest of each visible signature it will draw."""

import asyncio
import json

from chassis.starting import CannotStart
from onebox import settings
from onebox.processes import dying_with_parent
from onebox.ward import IDENTITIES, Identity


async def appearance_pins() -> dict[str, str]:
    """Role → pin, for the trust document."""
    process = await asyncio.create_subprocess_exec(
        *(settings.python(), "-m", "signing", "appearances"),
        env=settings.for_child({}),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        preexec_fn=dying_with_parent(),
    )
    drawn = json.dumps([_facts(who) for who in IDENTITIES]).encode()
    output, complaint = await process.communicate(drawn)
    if process.returncode != 0:
        why = complaint.decode(errors="replace").strip()[-500:]
        raise CannotStart(
            f"Không vẽ được mẫu chữ ký: {why}",
            f"The visible signatures could not be drawn: {why}",
        )
    pins = [str(pin["appearance_sha256"]) for pin in json.loads(output)]
    return {who.role: pin for who, pin in zip(IDENTITIES, pins, strict=True)}


def _facts(who: Identity) -> dict[str, object]:
    return {
        "role": who.role,
        "id": who.id,
        "name_lines": who.name_lines,
        "title_lines": who.title_lines,
        "image": str(who.image or ""),
    }
