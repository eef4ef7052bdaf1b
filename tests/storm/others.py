"""What a server beside the house must be able to suffer."""


class Other:
    """A server beside the house, which the storm itself keeps up."""

    def pid(self) -> int | None:
        raise NotImplementedError

    def end(self) -> None:
        raise NotImplementedError

    def freeze(self) -> None:
        """Stop every process of it."""
        raise NotImplementedError

    def end_at_once(self) -> None:
        """kill −9 of every process of it, frozen or not."""
        raise NotImplementedError

    async def back(self) -> None:
        raise NotImplementedError

    async def struck(self, how: str, seconds: float) -> None:
        raise NotImplementedError
