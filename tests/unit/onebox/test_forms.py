"""Forms are read and filled in as a browser would."""

import pytest

from onebox.forms import form_to, forms_on

PAGE = """
<form action="/cases" method="post" id="case">
  <input type="hidden" name="csrf" value="a&amp;b">
  <input name="title" value=""><textarea name="note">one
two</textarea>
  <select name="kind"><option value="x">X</option><option value="y" selected>Y</option>
  </select>
  <select name="channel"><option value="desk">Desk</option><option value="post">P
  </option>  </select>
  <label><input type="checkbox" name="seen" value="1"></label>
  <label><input type="checkbox" name="seen" value="2" checked></label>
  <input name="off" value="1" disabled><input type="file" name="files">
  <button name="go" value="1">Go</button>
</form>
<input form="case" name="outside" value="o">
<form action="/other?x=1"><input name="q" value="2"></form>
"""


def test_untouched_form():
    """What nobody typed is sent as the page had it; nothing disabled, no button."""
    assert form_to(PAGE, "/cases").filled({}) == {
        "csrf": ["a&b"],
        "title": [""],
        "note": ["one\ntwo"],
        "kind": ["y"],
        "channel": ["desk"],
        "seen": ["2"],
        "outside": ["o"],
    }


def test_filled_form():
    """What is typed replaces the page's own value."""
    sent = form_to(PAGE, "/cases").filled({"title": "Bằng", "seen": ["1", "2"]})
    assert (sent["title"], sent["seen"]) == (["Bằng"], ["1", "2"])


def test_csrf_goes_first():
    """The order of the page is kept: the server reads the token before a file."""
    assert next(iter(form_to(PAGE, "/cases").filled({"title": "x"}))) == "csrf"


def test_control_that_is_not_there():
    """Typing into a control that the page does not have fails."""
    with pytest.raises(KeyError, match="no surname"):
        form_to(PAGE, "/cases").filled({"surname": "x"})


def test_boxes_of_a_name():
    """All check boxes of one name are found, ticked or not."""
    assert sorted(form_to(PAGE, "/cases").values_of("seen")) == ["1", "2"]


def test_form_that_is_not_there():
    """A page without the form is an error; a query does not hide a form."""
    assert len(forms_on(PAGE)) == 2
    assert form_to(PAGE, "/other").filled({}) == {"q": ["2"]}
    with pytest.raises(LookupError, match="/nowhere"):
        form_to(PAGE, "/nowhere")


CHOOSE = """
<form action="/cases"><select name="kind" required><option value="">Choose</option>
<option value="x">X</option></select></form>
"""


def test_a_choice_that_must_be_made_is_made():
    """A browser does not send the empty first choice; nor does the story."""
    assert form_to(CHOOSE, "/cases").filled({"kind": "x"}) == {"kind": ["x"]}
    with pytest.raises(ValueError, match="choose kind"):
        form_to(CHOOSE, "/cases").filled({})


def test_a_control_may_stand_before_its_form():
    """A hidden field beside a picture, far above the form that it belongs to."""
    page = """
      <input type="hidden" name="page" value="b" form="compare">
      <input type="hidden" name="page" value="a" form="compare">
      <input type="hidden" name="page" value="x" form="other">
      <form action="/compare" id="compare"><input name="csrf" value="t"></form>
    """
    assert form_to(page, "/compare").filled({}) == {"page": ["b", "a"], "csrf": ["t"]}
