"""What staff see when the answer is no: of a file, and of a paper."""

from playwright.sync_api import expect

from support.desk_browser import (
    CHECKED_MS,
    Dropped,
    compare_and_submit,
    drop,
    new_case,
    sign_in,
)

TEXT = Dropped("khai-sinh.pdf", "application/pdf", "Không phải PDF".encode())
EMPTY = Dropped("trang-trong.png", "image/png", b"")


def test_a_wrong_file_is_named_and_the_others_go_on(house, visit, shot, three_files):
    """Each refusal says which file, what is wrong and what to do."""
    clerk = visit(house.desk)
    sign_in(clerk, house.people["clerk"])
    new_case(clerk)
    drop(clerk, [TEXT, *three_files[:1], EMPTY])

    wrong = clerk.locator("#live-files .is-bad")
    expect(wrong).to_have_count(2, timeout=CHECKED_MS)
    expect(wrong.filter(has_text="khai-sinh.pdf")).to_contain_text("Quét lại")
    expect(wrong.filter(has_text="trang-trong.png")).to_contain_text("Tệp rỗng")
    expect(clerk.locator("#live-files .is-done")).to_have_count(1)
    shot(clerk, "20-files-refused")


def test_a_paper_is_refused_with_code_and_words(house, visit, shot, three_files):
    """The certifier chooses a code; the clerk sees it, who, and what to do.

    What is missing is said in our words, and the chosen fit outlasts the paper.
    """
    clerk = visit(house.desk)
    sign_in(clerk, house.people["clerk"])
    new_case(clerk)
    drop(clerk, three_files)
    compare_and_submit(clerk)

    certifier = visit(house.desk)
    sign_in(certifier, house.people["certifier"])
    certifier.goto("/wall")
    certifier.keyboard.press("0")
    certifier.keyboard.press("x")
    expect(certifier.get_by_role("dialog")).to_be_visible()
    record = certifier.get_by_role("button", name="Ghi quyết định")
    record.click()
    missing = certifier.locator("#refuse [name=code]").first
    assert missing.evaluate("code => code.validationMessage") == "Chọn một mã lý do"
    certifier.get_by_label("D22.1").check()
    certifier.get_by_label("Nêu rõ chỗ nào").fill("Trang 2: ngày sinh bị tẩy.")
    shot(certifier, "21-refuse")
    record.click()
    done = certifier.get_by_role("status").filter(has_text="Đã từ chối, mã D22.1")
    expect(done).to_be_visible()
    assert certifier.evaluate("sessionStorage.getItem('fit')") == "page"

    expect(clerk.locator("#live-next")).to_contain_text("D22.1", timeout=CHECKED_MS)
    expect(clerk.locator("#live-next")).to_contain_text("ngày sinh bị tẩy")
    shot(clerk, "22-refused")


def test_the_desk_works_without_script(house, visit, three_files, tmp_path):
    """Sign in, receive, send files, compare, submit: plain forms do it."""
    scans = [tmp_path / file.name for file in three_files]
    for path, file in zip(scans, three_files, strict=True):
        path.write_bytes(file.content)
    clerk = visit(house.desk, java_script_enabled=False)
    sign_in(clerk, house.people["clerk"])
    clerk.goto("/cases/new")
    clerk.locator("[name=requester]").fill("Lương Gia Bách")
    clerk.locator("[name=id_number]").fill("000203004418")
    clerk.locator("[name=phone]").fill("0900 000 418")
    clerk.locator("[name=title]").fill("Học bạ")
    clerk.locator("[name=kind]").select_option("transcript")
    clerk.locator("[name=pages]").fill("3")
    clerk.locator("[name=privacy]").check()
    clerk.get_by_role("button", name="Tiếp nhận, sang quét").click()
    expect(clerk.get_by_role("status").filter(has_text="Đã tiếp nhận")).to_be_visible()
    clerk.locator("#files").set_input_files(scans)
    clerk.get_by_role("button", name="Gửi tệp").click()

    expect(clerk.locator(".thumb")).to_have_count(3, timeout=CHECKED_MS)
    clerk.get_by_label("Đã đối chiếu với bản chính").check()
    clerk.get_by_role("button", name="Ghi đã đối chiếu").click()
    expect(clerk.get_by_role("button", name="Gửi duyệt")).to_be_enabled()
