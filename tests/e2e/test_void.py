"""A number that cannot get its copy is declared void by a person, at the desk."""

import json

import pytest
from playwright.sync_api import expect

from e2e.conftest import open_house
from support.desk_browser import (
    CHECKED_MS,
    approve,
    compare_and_submit,
    drop,
    new_case,
    sign_in,
)
from support.servers import wait_for

NOBODY = "http://127.0.0.1:9/tsa"
"""The discard port: a timestamp authority that never answers."""
WHY = "Dấu thời gian không lấy được, người dân đã rút yêu cầu."


@pytest.fixture(scope="module")
def stuck_house(tmp_path_factory):
    """No timestamp is to be had, and a person may act after three seconds."""
    own = {
        "SIGNING__TSA__URLS": json.dumps([NOBODY]),
        "INTAKE__PATIENCE__PERSON_SECONDS": "3",
    }
    with open_house(tmp_path_factory.mktemp("stuck"), **own) as opened:
        yield opened


def test_a_number_is_declared_void_by_its_form(stuck_house, visit, shot, three_files):
    """Approved and not signed: after its time the certifier finds the form, an empty
    reason is not taken, and the reason stands with a name in the case and in the book.
    The clerk has no such form, and the fee is not asked any more.
    """
    clerk = visit(stuck_house.desk)
    sign_in(clerk, stuck_house.people["clerk"])
    new_case(clerk)
    drop(clerk, three_files)
    compare_and_submit(clerk)
    case = clerk.url
    certifier = visit(stuck_house.desk)
    sign_in(certifier, stuck_house.people["certifier"])
    approve(certifier)

    certifier.goto(case)
    form = certifier.locator("details", has_text="Hủy số 1/")

    def offered():
        certifier.reload()
        return form.count() == 1

    wait_for(offered, "the form that voids", seconds=60.0)
    clerk.goto(case)
    expect(clerk.locator("details", has_text="Hủy số 1/")).to_have_count(0)
    form.locator("summary").click()
    press = form.get_by_role("button", name="Hủy số 1/")
    press.click()
    reason = form.get_by_label("Vì sao hủy")
    said = reason.evaluate("field => field.validationMessage")
    assert said == "Nêu rõ vì sao hủy số này"
    reason.fill(WHY)
    form.scroll_into_view_if_needed()
    shot(certifier, "30-void-form")
    press.click()

    ended = certifier.locator("#live-next")
    expect(ended).to_contain_text("hủy số này lúc", timeout=CHECKED_MS)
    expect(ended).to_contain_text(WHY)
    expect(ended).to_contain_text("Số này không dùng lại")
    expect(certifier.locator(".head")).to_contain_text("phí 0 đ")
    shot(certifier, "31-void-done")
    clerk.goto("/register")
    line = clerk.locator("tr.void")
    expect(line).to_contain_text(f"Số hủy: {WHY}")
    shot(clerk, "32-void-register")
