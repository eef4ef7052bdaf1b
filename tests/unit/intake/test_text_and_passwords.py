"""Texts at the door, whole numbers, and passwords that are guessed first."""

import pytest

from intake.app.visit import FIELD_CHARACTERS, TooMuch, Unreadable, whole
from intake.app.visit import typed_text as typed
from intake.domain import text
from intake.domain.passwords import check_password


@pytest.mark.parametrize(
    ("sent", "number"), [("0", 0), ("007", 7), ("999999999", 999_999_999)]
)
def test_whole_number_is_a_few_digits(sent, number):
    assert text.whole_number(sent) == number


@pytest.mark.parametrize(
    "sent", ["", " 1", "+1", "-1", "1_0", "1.0", "٣", "²", "9" * 10, "9" * 5000, "0x1"]
)
def test_anything_else_is_no_whole_number(sent):
    """Python's own reader takes some of them, and fails on others in its own way."""
    with pytest.raises(ValueError, match="whole number"):
        text.whole_number(sent)
    with pytest.raises(Unreadable):
        whole(sent, "version")


@pytest.mark.parametrize(
    ("sent", "clean"),
    [
        ("a\0b", "ab"),
        ("a\x1b[31mb", "a[31mb"),
        ("\u202efdp.exe", "fdp.exe"),
        ("a\u200bb\ufeff", "ab"),
        ("\ud800x\udfff", "x"),
        ("một\r\nhai\rba\tbốn", "một\nhai\nba\tbốn"),
    ],
)
def test_what_nobody_sees_does_not_get_in(sent, clean):
    """Into any field but a password; words and lines stay."""
    assert text.clean(sent) == clean


def test_a_field_is_cleaned_and_bounded_at_the_door():
    """A password is only compared, so its characters are its owner's."""
    fields = typed("text=a%00%E2%80%AEb&password=%00a&user=%F0%9F%91%A9")
    assert fields.one("text") == "ab"
    assert fields.one("password") == "\0a"
    with pytest.raises(TooMuch):
        typed(f"text={'a' * (FIELD_CHARACTERS + 1)}")


def test_a_reason_keeps_its_lines_and_is_never_cut():
    """What a person is told must not lose its end: too long is said, not mended."""
    assert text.prose(" trang 1\r\ne\u0301 \u202e ") == "trang 1\né"
    assert text.prose("a" * text.PROSE_CHARACTERS)
    with pytest.raises(ValueError, match="too long"):
        text.prose("a" * (text.PROSE_CHARACTERS + 1))


def test_a_quotation_mark_in_a_files_name_is_shown_as_one():
    """Browsers write it as %22 in a form's part."""
    assert text.file_name("giấy %22gốc%22.pdf") == 'giấy "gốc".pdf'


@pytest.mark.parametrize(
    "password",
    [
        *("1234567890", "0987654321", "12345678901234567890", "1111111111"),
        *("abababababab", "abcabcabcabc", "12341234123412", "aaaaabbbbb"),
        *("qwertyuiop", "asdfghjkl;", "1q2w3e4r5t6y", "1qaz2wsx3edc", "poiuytrewq"),
        *("password123", "Passw0rd!!", "P@ssw0rd2026", "matkhau123", "Mật khẩu 123"),
        *("admin12345", "Welcome2026!", "iloveyou123", "anhyeuem2000", "123456abcabc"),
        *("vietnam2026", "Hà Nội 2026!", "chungthuc1", "qwerty123456", "adminadmin1"),
    ],
)
def test_passwords_that_are_guessed_first_are_refused(password):
    with pytest.raises(ValueError, match=r"error\.password-common"):
        check_password(password)


@pytest.mark.parametrize("password", ["", " " * 10, "\u3000" * 12, "   ngắn   ", "123"])
def test_short_passwords_are_refused(password):
    """Spaces around are not length."""
    with pytest.raises(ValueError, match=r"error\.password-short"):
        check_password(password)


@pytest.mark.parametrize(
    "password",
    [
        *("lua-nuoc-song-nui-1", "correct horse battery", "con mèo leo cây cau"),
        *("kfmn2rtq7w", "testament of youth", "password manager xyz", "0912345678x"),
    ],
)
def test_others_are_accepted(password):
    """Ten characters, and none of what a guesser tries first."""
    check_password(password)
