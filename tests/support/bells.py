"""What a test of the bell needs to know of it."""

import asyncio


class Looked:
    """``ports.Changes`` that tells when somebody has looked for the first time."""

    def __init__(self, changes):
        self.changes, self.looked = changes, asyncio.Event()

    async def since(self, seen):
        found = await self.changes.since(seen)
        self.looked.set()
        return found
