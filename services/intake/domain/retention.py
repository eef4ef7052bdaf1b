"""How long intake's things are there: one rule for each, as data.

What the law keeps has no time, and nothing can remove it: Decree 23/2015/NĐ-CP, article
14, keeps the register for ever; our own rule keeps the audit and all digests beside it.
Start at ``FOR_EVER``.
"""

from datetime import timedelta
from typing import Final

from chassis.retention_rule import RetentionRule
from intake.domain import form_keys, guesses
from intake.domain.answering import KEYED
from intake.domain.states import State

LAW: Final = "23/2015/NĐ-CP điều 14 · article 14"
FOR_EVER: Final = {
    "register": LAW,
    "register_notes": LAW,
    "register_skips": LAW,
    "register_closings": LAW,
    "handout_templates": "hồ sơ giữ mẫu của ngày mình · a case keeps that of its day",
    "calendar_days": "hồ sơ giữ lịch của ngày mình · a case keeps that of its day",
    "closing_hours": "hồ sơ giữ giờ của ngày mình · a case keeps that of its day",
    "own_rows": "hồ sơ giữ chữ và số của ngày mình · a case keeps those of its day",
    "taken_back": "nói dòng nào không dùng · which planned rows never counted",
    "own_fees": "hồ sơ giữ lệ phí của ngày mình · a case keeps those of its day",
    "own_switches": "duyệt theo quy tắc của ngày mình · an approval keeps those of its"
    " day",
    "delegations": "ai được ký thay, khi nào · who might sign for whom, and when",
    "delegation_revocations": "ủy quyền đã thu hồi · a delegation that has ended",
    "programs": "nhật ký còn nhắc tên chúng · the audit names them; only a digest of a"
    " token is there",
    "audit": "nhật ký nối chuỗi · a chained log",
    "cases": LAW,
    "case_words": "cùng hồ sơ; chữ trên bản quét đi cùng bản quét · with its case; what"
    " is read of scans goes with them",
    "documents": LAW,
    "files": "mã băm của bản quét · digests of the scans",
    "certifications": LAW,
    "page_steps": "từ đó ra thứ tự trang đã chứng thực · the order of certified pages",
    "scan_objects": "khóa đã xóa không dùng lại · a removed key is never used again",
}
"""Table → why it is for ever."""
AUDITED: Final = frozenset(
    {"outbox", "incoming", "temporary", "uploads", "arrivals", "strays"}
)
"""A purge of these is a line of the audit. The others are the desk's own small change:
a line each hour would outgrow what was removed."""
GIVES_UP: Final = (
    State.ISSUED,
    State.REFUSED,
    State.VOID,
    State.NOT_ACCEPTED,
    State.TAKEN_BACK,
    State.MERGED,
)
"""The ends after which a paper's scans are given up. A paper that is held for report
keeps them: they are what is reported."""
RATINGS: Final = RetentionRule(
    "ratings",
    timedelta(days=730),
    "từ lần báo cuối · since the last report",
    "góp ý tự do có thể nói về người · free words may speak of people",
)
LOOKS: Final = RetentionRule(
    "looks",
    timedelta(days=7),
    "sau khi xem · since the look",
    "nhật ký giữ trang đã duyệt · the audit keeps what was approved",
)
FORM_USES: Final = RetentionRule(
    "form_uses",
    form_keys.LIFE + timedelta(hours=1),
    "sau khi gửi · since it was sent",
    "khóa biểu mẫu sống ba ngày · a form's key lives three days",
)
ANSWERS: Final = RetentionRule(
    "answers",
    KEYED,
    "sau khi nhận yêu cầu · since the request",
    "chương trình gửi lại thì nhận đúng câu trả lời cũ · a program that asks again with"
    " the same key gets the same answer",
)
SUPERSEDED: Final = RetentionRule(
    "superseded",
    form_keys.LIFE + timedelta(hours=1),
    "sau khi sửa · since the change",
    "biểu mẫu cũ hơn không còn gửi được · no older form acts",
)
BATCHES: Final = RetentionRule(
    "batches",
    timedelta(days=31),
    "sau khi duyệt · since the act",
    "nhật ký giữ từng lần duyệt · the audit keeps each approval",
)
ATTEMPTS: Final = RetentionRule(
    "attempts", guesses.LOCK, "sau lần thử · since the try", "mật khẩu sai · guesses"
)
STRAYS: Final = RetentionRule(
    "strays",
    timedelta(days=30),
    "từ lần dọn đầu tiên thấy · since a purge first saw it",
    "tệp quét không hồ sơ nào dùng; chờ nếu sổ cũ được thay lại · scans that no case"
    " uses; a register that is put back may know them",
)
HOT_FOLDERS: Final = RetentionRule(
    "hot_folders",
    timedelta(days=1),
    "sau lần xem cuối · since the last look",
    "thư mục quét còn đặt thì cứ nửa phút xem một lần · a folder that is still set is"
    " looked at twice a minute",
)
DEAD_LETTER_ACTS: Final = RetentionRule(
    "dead_letter_acts",
    timedelta(days=30),
    "sau khi làm · since the act",
    "hàng đợi quên tin sau 14 ngày; nhật ký giữ mãi · the audit keeps them for ever",
)


def uploads(life: timedelta) -> RetentionRule:
    return RetentionRule(
        "uploads",
        life,
        "sau byte cuối cùng tới nơi · since its last byte came",
        "phần đã tới chờ gửi tiếp · what came waits for the rest",
    )


def arrivals(days: int) -> RetentionRule:
    return RetentionRule(
        "arrivals",
        timedelta(days=days),
        "sau lần chuyển cuối cùng · since the last hand that moved it",
        "tệp từ máy quét không ai nhận · what came from a scanner and nobody took",
    )


def sessions(absolute_seconds: int) -> RetentionRule:
    return RetentionRule(
        "sessions",
        timedelta(seconds=absolute_seconds),
        "sau khi đăng nhập · since the sign-in",
    )


def scans(days: int) -> RetentionRule:
    return RetentionRule(
        "scans",
        timedelta(days=days),
        "sau khi hồ sơ kết thúc · since the case has ended",
        "mã băm giữ mãi; giấy tạm giữ để báo cáo thì giữ · digests stay for ever; a"
        " paper that is held for report keeps them",
    )


def page_texts(days: int) -> RetentionRule:
    return RetentionRule(
        "page_texts",
        timedelta(days=days),
        "cùng lúc với bản quét · with the scans",
        "chữ máy đọc trên trang · what was read of the pages",
    )


def for_ever(name: str) -> RetentionRule:
    return RetentionRule(name, None, law=FOR_EVER[name])
