"""What a server beside the house must be able to suffer."""


class Other:
    """A server beside the house, which the storm itself keeps up."""

    def pid(self) -> int | None:
        raise NotImplementedError

    def end(self) -> None:
        raise NotImplementedError

    async def back(self) -> None:
        raise NotImplementedError

    async def struck(self, how: str, seconds: float) -> None:
        raise NotImplementedError
