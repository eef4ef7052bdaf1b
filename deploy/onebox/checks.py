"""What must be whole before anything is made: a start that was cut short is mended or
begun anew; a file that copies depend on is a person's matter. Start at ``check``.

A new key beside copies that name the old one would make them worthless without a word.
Which files are not whole is found in ``whole``; what is missing is made in ``prepare``.
"""

from pathlib import Path

from chassis.starting import CannotStart
from onebox import pki, whole
from onebox.files import remove
from onebox.places import BUCKETS, Places
from onebox.plain import say
from onebox.ward import agencies_toml


def check(places: Places) -> None:
    """Mends or clears what a start that was cut short has left. CannotStart names the
    file that is not whole, once somebody's copy may depend on it.
    """
    # First, or a renewal that was cut short would look like a lost folder.
    pki.finish_renewal(places.pki)
    spoilt = list(whole.unreadable(places))
    if is_open(places):
        spoilt += whole.unreadable_databases(places)
        if spoilt:
            raise _not_whole(spoilt[0])
    else:
        _begin_anew(places, spoilt)
        remove(places / "nats")  # no event yet, and it may be half-written too
        for path in whole.unreadable_databases(places):
            for file in path.parent.glob(f"{path.name}*"):  # with -wal and -shm
                remove(file)
    _mend_agencies(places.agencies)


def check_restored(places: Places) -> None:
    """Raises CannotStart where a restore did not come to its end."""
    if places.restoring.exists():
        raise CannotStart(
            f"Lần phục hồi vào {places.var} chưa xong, dữ liệu còn thiếu: chạy ecopy"
            f" reset rồi ecopy restore lại.",
            f"The restore to {places.var} did not come to its end and the house is not"
            f" whole: run ecopy reset, then ecopy restore again.",
        )


def check_pki(places: Places) -> None:
    """CannotStart names a file of the development PKI that is not whole."""
    for path in whole.unreadable(places):
        if path.parent == places.pki:
            raise _not_whole(path)


def is_open(places: Places) -> bool:
    """Whether a request may have been taken; ``people-added`` and objects are what an
    earlier version has left of it.
    """
    if places.opened.exists() or (places.demo / "people-added").exists():
        return True
    return any(_stored(places / "objects" / name) for name in BUCKETS)


def _stored(bucket: Path) -> bool:
    """Apart from what a start leaves there: arriving files, provision's self-test."""
    names = (path.name for path in bucket.glob("*"))
    return any(name not in {".incoming", "self-test"} for name in names)


def _begin_anew(places: Places, spoilt: list[Path]) -> None:
    """Clear what a first start that did not come to its end has half made: a folder of
    keys that belong together, or one file.
    """
    together = (places.pki, places.event_keys)
    left = {path.parent if path.parent in together else path for path in spoilt}
    if any(path.exists() for path in left):
        say(
            "Lần khởi động đầu bị ngắt giữa chừng, chưa có hồ sơ nào: tạo khóa lại từ"
            " đầu. · The first start was cut short, there is no case yet: making the"
            " keys anew."
        )
    for path in left:
        remove(path)


def _mend_agencies(path: Path) -> None:
    """A beginning of our own text is made anew; a person's text is theirs to mend."""
    if not path.exists():
        return
    ours, there = agencies_toml().encode(), path.read_bytes()
    if ours.startswith(there) and there != ours:
        remove(path)
    elif not whole.is_toml(path):
        raise CannotStart(
            f"Tệp {path} không đúng cú pháp TOML: sửa lại, hoặc xóa tệp để dùng phường"
            f" mẫu, rồi chạy lại.",
            f"The file {path} is not valid TOML: mend it, or delete it to have the"
            f" demo's ward again, then run again.",
        )


def _not_whole(path: Path) -> CannotStart:
    vi, en = _state(path)
    return CannotStart(
        f"Tệp {path} {vi}, mà các hồ sơ đã có cần đến nó: chép lại tệp này từ bản sao"
        f" lưu rồi chạy lại; nếu chỉ là thử nghiệm, make reset xóa hết và làm lại từ"
        f" đầu.",
        f"The file {path} {en}, and the cases that are here need it: put it back from"
        f" your backup and run again; if this is only a trial, make reset clears"
        f" everything and begins anew.",
    )


def _state(path: Path) -> tuple[str, str]:
    if not path.exists():
        return "không còn", "is missing"
    if not path.stat().st_size:
        return "trống không", "is empty"
    return "không đọc được trọn vẹn", "cannot be read whole"
