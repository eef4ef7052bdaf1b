"""The trust document from its file, or one sentence that says why not."""

from pathlib import Path

from ecopy.trust import TrustDocument


class UnreadableTrustError(ValueError):
    """It is not there, is not one, or is not what it says it is."""


def read_trust(path: Path) -> TrustDocument:
    """Raises UnreadableTrustError, for a person to read."""
    try:
        return TrustDocument.model_validate_json(path.read_bytes())
    except (OSError, ValueError) as error:
        why = " ".join(str(error).split())[:300]
        raise UnreadableTrustError(
            f"Không khởi động: {path.name} không phải tài liệu tin cậy dùng được. Đặt"
            f" đúng tệp rồi khởi động lại. / Not started: {path.name} is no trust"
            f" document that can be used; give the right one and start again. ({why})"
        ) from error
