"""A client of the bus under its own key. Apart from ``nkey``: whoever makes keys needs
no client, which takes half of the onebox's start to import (docs/decisions/0081).
"""

from pathlib import Path
from typing import Any

from nats.aio.client import Client

from chassis.nkey import Nkey
from ecopy.topology import INBOX


async def connect(
    url: str, user_file: Path | None, user: str, **options: Any
) -> Client:
    """A client of the bus for *user*, whose nkey is in the file where there is one.

    What it is sent goes to an inbox under its own name, the only one that the bus lets
    it hear: under the common prefix everybody would hear everybody's deliveries.
    """
    client = Client()
    options["inbox_prefix"] = f"{INBOX}.{user}"
    if user_file is not None:
        key = Nkey.parse(user_file.read_text())  # noqa: ASYNC240 - 58 bytes, once
        client._public_nkey = key.public  # noqa: SLF001 - else only its own nkeys_seed=
        options["signature_cb"] = key.sign
    try:
        await client.connect(url, **options)
    except BaseException:
        await client.close()
        raise
    return client
