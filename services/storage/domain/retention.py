"""How long storage's things are there. Start at ``FOR_EVER``."""

from datetime import timedelta
from typing import Final

from chassis.retention_rule import RetentionRule

FOR_EVER: Final = {
    "orders": "cổng kiểm tra cần · the gate judges by them",
    "copies": "mã băm và kết quả tra cứu · digests and verdicts",
    "links": "liên kết nói được khi đã hết hạn · an old link still says that it ended",
    "link_revocations": "liên kết đã tắt không mở lại · a closed link stays closed",
    "link_uses": "một dòng cho mỗi liên kết · one row for each link",
    "link_factors": "câu hỏi trước liên kết · the question before a link",
    "link_tries": "một dòng cho mỗi liên kết · one row for each link",
    "accesses": "ai đã mở, đã tải · who opened and fetched",
    "rejections": "bản không bao giờ được lưu · what is never archived",
    "closures": "số kết thúc không có bản sao · numbers that ended without a copy",
    "beginnings": "nhận ra bản bị sửa · an altered copy is told by them",
    "set_aside": "khi nào thấy, khi nào xóa · when it was seen, when removed",
    "given_up": "bản đã hết hạn giữ không trở lại · what is gone stays gone",
    "figures": "số liệu công khai, không của riêng ai · public counts of nobody's own",
    "rated": "mỗi liên kết chấm một lần · each link rates once",
    "scrubs": "một dòng cho mỗi bản · one row for each copy",
}
"""Table → why it is for ever."""
SPOOL: Final = "spool"


def archived_files(days: int) -> RetentionRule:
    return RetentionRule(
        "archive",
        timedelta(days=days),
        "sau khi lưu · since it was archived",
        "dòng trong sổ lưu, mã băm, kết quả tra cứu giữ mãi · the catalogue's line, its"
        " digest and its verdict stay for ever",
    )


RATINGS: Final = RetentionRule(
    "ratings",
    timedelta(days=730),
    "từ ngày chấm · since the day",
    "góp ý tự do có thể nói về người · free words may speak of people",
)
ASIDE: Final = RetentionRule(
    "set-aside",
    timedelta(days=90),
    "từ lần dọn đầu tiên thấy · since a purge first saw it",
    "tệp hỏng để xem lại; còn nếu là thứ duy nhất của số đó · what was not whole, to be"
    " looked at; it stays while its number has nothing else",
)


def for_ever(name: str) -> RetentionRule:
    return RetentionRule(name, None, law=FOR_EVER[name])
