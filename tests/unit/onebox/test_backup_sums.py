"""No byte of a backup is believed: each changed one is found, and its file is named."""

import os
import subprocess

import pytest

from onebox.backup import sums


@pytest.fixture
def backup(tmp_path):
    folder = tmp_path / "ecopy-20261128-190000"
    for name, content in (
        ("backup.json", b'{"format": 1}\n'),
        ("db/intake.db", b"SQLite format 3\0" + bytes(200)),
        ("objects/archive/H99.1/E/2026/1/copy.pdf", b"%PDF-1.7 copy"),
        ("house/keys/link.key", b"0123456789abcdef" * 4),
        ("objects/scans/raw/empty", b""),
    ):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    sums.write(folder)
    return folder


def test_a_whole_backup(backup):
    assert sums.check(backup) == 5


def test_the_list_is_one_that_sha256sum_reads(backup):
    done = subprocess.run(
        ["sha256sum", "--check", "--strict", "--quiet", sums.LIST],
        cwd=backup,
        capture_output=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (0, b"")


def test_each_flipped_byte_is_found_and_its_file_is_named(backup):
    """Every byte of every file, the list's own among them."""
    files = [path for path in backup.rglob("*") if path.is_file()]
    for path in files:
        whole = path.read_bytes()
        for at in range(len(whole)):
            bent = bytearray(whole)
            bent[at] ^= 1
            path.write_bytes(bent)
            with pytest.raises(sums.NotWhole) as caught:
                sums.check(backup)
            if path.name != sums.LIST:
                assert str(path) in caught.value.vi
                assert str(path) in caught.value.en
        path.write_bytes(whole)
    assert sums.check(backup) == 5


@pytest.mark.parametrize("cut", [0, 1, 70, -1])
def test_a_list_that_was_cut_short(backup, cut):
    listed = backup / sums.LIST
    listed.write_bytes(listed.read_bytes()[:cut])
    with pytest.raises(sums.NotWhole):
        sums.check(backup)


def test_a_file_that_is_gone(backup):
    (backup / "house/keys/link.key").unlink()
    with pytest.raises(sums.NotWhole, match=r"link\.key is missing"):
        sums.check(backup)


def test_a_file_that_nobody_listed(backup):
    (backup / "house/keys/another.key").write_bytes(b"mine")
    with pytest.raises(sums.NotWhole, match=r"another\.key is not listed"):
        sums.check(backup)


def test_no_list(backup):
    (backup / sums.LIST).unlink()
    with pytest.raises(sums.NotWhole, match="SHA256SUMS is missing"):
        sums.check(backup)


@pytest.fixture(params=[b"b\xe1n sao.pdf", b"two\nlines.pdf", b"back\\slash.pdf"])
def strange(request, backup):
    """A scanner's file, named in another encoding or by somebody who plays."""
    path = backup / os.fsdecode(request.param)
    path.write_bytes(b"%PDF")
    sums.write(backup)
    return path


@pytest.mark.usefixtures("strange")
def test_whatever_a_scanner_has_named_is_listed(backup):
    """sha256sum reads such a list, too."""
    assert sums.check(backup) == 6
    test_the_list_is_one_that_sha256sum_reads(backup)


def test_a_strange_name_is_said_so_that_a_terminal_shows_it(backup, strange):
    """An error that cannot be printed would be no word at all."""
    strange.write_bytes(b"%PDF, and more")
    with pytest.raises(sums.NotWhole, match="has other bytes than were written") as no:
        sums.check(backup)
    assert strange.suffix in no.value.en
    assert no.value.en.encode().decode() == no.value.en
