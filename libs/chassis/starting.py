"""Why a program does not start, in one sentence that its operator can act on."""


class CannotStart(Exception):
    """The configuration, or what it points to, must be mended before the program runs.

    Each language says what is wrong and what to do about it. Services and the onebox
    end with it, without a traceback.
    """

    def __init__(self, vi: str, en: str) -> None:
        super().__init__(f"{vi} / {en}")
        self.vi = vi
        self.en = en


def not_started(service: str, error: CannotStart) -> str:
    """The one line with which *service* ends."""
    return f"{service}: Không khởi động: {error.vi} / Not started: {error.en}"
