"""``agencies.toml``: whole, in force today, and of keys that signing has."""

from collections import Counter
from collections.abc import Iterator
from datetime import date

from onebox.compose.defect import Defect
from onebox.compose.reading import ReadToml
from onebox.compose.shapes import AgenciesToml, AgencyTable, KeysToml, KeyTable

Path = tuple[str | int, ...]


def check_agencies(
    read: ReadToml[AgenciesToml], keys: ReadToml[KeysToml], today: date
) -> Iterator[Defect]:
    yield from read.defects
    if read.said is None:
        return
    counted = Counter(agency.code for agency in read.said.agencies)
    for at, agency in enumerate(read.said.agencies):
        path: Path = ("agencies", at)
        if counted[agency.code] > 1:
            vi = f"mã {agency.code} ghi hai lần, chỉ lần sau có hiệu lực: giữ một"
            en = f"code {agency.code} stands twice and only the later one counts: keep"
            yield _at(read, "agency-twice", (*path, "code"), vi, f"{en} one of them")
        yield from _in_force(read, path, agency, today)
        if keys.said is not None:
            yield from _keys(read, path, agency, keys)


def _in_force(
    read: ReadToml[AgenciesToml], path: Path, agency: AgencyTable, today: date
) -> Iterator[Defect]:
    if not any(version.valid_from <= today for version in agency.versions):
        vi = "chưa phiên bản nào của cơ quan có hiệu lực hôm nay: sửa valid_from"
        en = "no version of the agency is in force today: correct valid_from"
        place = (*path, "versions", 0, "valid_from")
        yield _at(read, "agency-not-begun", place, vi, en)
    for at, officer in enumerate(agency.officers):
        until = officer.valid_until
        if until is not None and until <= officer.valid_from:
            vi = f"{officer.id} kết thúc trước khi bắt đầu: sửa valid_until (ngày đầu"
            en = f"{officer.id} ends before the beginning: correct valid_until,"
            yield _at(
                read,
                "officer-days",
                (*path, "officers", at, "valid_until"),
                f"{vi} tiên không còn hiệu lực)",
                f"{en} which is the first day that no longer counts",
            )
    if not any(
        officer.valid_from <= today
        and (officer.valid_until is None or today < officer.valid_until)
        for officer in agency.officers
    ):
        vi = "hôm nay không ai có quyền ký cho cơ quan này: thêm [[agencies.officers]]"
        en = "nobody may sign for this agency today: add an [[agencies.officers]]"
        yield _at(read, "no-officer", (*path, "code"), vi, en)


def _keys(
    read: ReadToml[AgenciesToml],
    path: Path,
    agency: AgencyTable,
    keys: ReadToml[KeysToml],
) -> Iterator[Defect]:
    named: list[tuple[Path, str, tuple[str, str, str]]] = [
        ((*path, "versions", at, "key"), v.key, ("seal", agency.code, v.version))
        for at, v in enumerate(agency.versions)
    ]
    named += [
        ((*path, "officers", at, "key"), o.key, ("officer", o.id, o.version))
        for at, o in enumerate(agency.officers)
    ]
    for place, key, who in named:
        yield from _key(read, place, key, who, keys)


def _key(
    read: ReadToml[AgenciesToml],
    place: Path,
    key: str,
    who: tuple[str, str, str],
    keys: ReadToml[KeysToml],
) -> Iterator[Defect]:
    """The key is in the keys file, as the same role, id and version."""
    known = [_who(k) for name, k in _keys_of(keys) if (k.key or name) == key]
    role, identity, version = who
    if not known:
        vi = f"không có khóa {key} trong {keys.file}: thêm bảng [keys.{key}] ở đó"
        en = f"there is no key {key} in {keys.file}: add the table [keys.{key}] there"
        yield _at(read, "key-nowhere", place, vi, en)
    elif who not in known:
        other = " ".join(known[0])
        own = f"{role} {identity} {version}"
        vi = f"{keys.file} ghi khóa {key} là {other}, ở đây là {own}"
        en = f"{keys.file} has {key} as {other}, and here it is {own}"
        yield _at(
            read,
            "key-of-another",
            place,
            f"{vi}: ghi role, id và version giống nhau ở hai tệp",
            f"{en}: write role, id and version alike in both files",
        )


def _keys_of(keys: ReadToml[KeysToml]) -> Iterator[tuple[str, KeyTable]]:
    yield from () if keys.said is None else keys.said.keys.items()


def _who(key: KeyTable) -> tuple[str, str, str]:
    return key.role, key.id, key.version


def _at(
    read: ReadToml[AgenciesToml], slug: str, place: Path, vi: str, en: str
) -> Defect:
    key = ".".join(map(str, place))
    return Defect(slug, read.file, vi, en, read.lines.of(place), key)
