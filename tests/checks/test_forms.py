"""Every form of intake acts once, and gives back what was typed, or is named here.

A new form fails the build until its page is a line of ``_SHOWN`` in
``services/intake/app/typed_forms.py``, or it stands in ``OPENED_ANEW`` with what is
lost by it; a new act until its route names the page that follows it.
"""

import re
from pathlib import Path

import intake.web
from intake.app.routes import ROUTES
from intake.app.typed_forms import shown

TEMPLATES = Path(intake.web.__file__).parent / "templates"
FIELD = (
    r"(?s)<textarea[^>]*>.*?</textarea>"
    r'|<input (?!type)[^>]*class="input.*?>(?=<|\s)'
)
"""A field of a form into which people type."""
OPENED_ANEW = {
    "/sign-in": "passwords are typed anew",
    "/account/password": "passwords are typed anew",
    "/accounts/{user}/password": "a password is typed anew",
    "/templates/{handout}/preview": "nothing: it is the answer that shows them",
}
"""Forms that are not shown again, and what somebody loses by it."""
ALONE = {
    "/sign-in": "a session is no act",
    "/sign-out": "nothing is left to do twice",
    "/wall/batches": "each paper belongs to the form by itself",
    "/documents/{document}/seen": "a look is noted once, whoever says it again",
    "/templates/{handout}/preview": "it writes nothing",
    "/tables/{table}/preview": "it writes nothing",
    "/cases/earlier": "it writes nothing but that somebody looked",
}
"""Acts that the guard does not hold to one use of their form, and why."""


def test_every_form_into_which_people_type_comes_back():
    """By construction: each form of each template that has a field to type in is shown
    again after a lost session and a conflict, or is named above with its reason.
    """
    paths = [
        route.path
        for route in ROUTES
        if route.method == "POST" and not route.path.startswith("/v1/")
    ]
    missing = set()
    for template in TEMPLATES.glob("*.html"):
        source = template.read_text("utf-8")
        for form in re.findall(r'(?s)<form[^>]*method="post".*?</form>', source):
            typed = re.search(r'<textarea|<input (?!type)[^>]*class="input', form)
            action = re.search(r'action="([^"]*)"', form)
            if typed is None or action is None:
                continue
            path = address(action[1], paths)
            if path not in OPENED_ANEW and shown(filled(path)) is None:
                missing.add(path)
    assert missing == set()


def test_every_field_stands_there_again():
    """By construction: whatever a form that comes back has typed in it, its template
    fills each field with what was typed.
    """
    forgetful = []
    for template in TEMPLATES.glob("*.html"):
        source = template.read_text("utf-8")
        for form in re.findall(r'(?s)<form[^>]*method="post".*?</form>', source):
            if 'action="/sign-in"' in form:
                continue
            for field in re.findall(FIELD, form):
                secret = 'type="password"' in field or 'type="file"' in field
                if not secret and not re.search(r"form\.|typed|again\.", field):
                    forgetful.append((template.name, field[:80]))
    assert forgetful == []


def test_every_act_is_done_once():
    """By construction: a route that a form posts to claims the form's key before it
    acts, or is named above; and each form of each template carries a key.
    """
    acts = {route.path for route in ROUTES if route.method == "POST"}
    once = {route.path for route in ROUTES if route.method == "POST" and route.outcome}
    by_program = {route.path for route in ROUTES if route.answer or route.tus}
    assert acts - once - by_program == set(ALONE)
    keyless = [
        (template.name, form)
        for template in TEMPLATES.glob("*.html")
        for form in re.findall(
            r'(?s)<form[^>]*method="post".*?</form>', template.read_text()
        )
        if "s.csrf(me)" not in form and 'action="/sign-' not in form
    ]
    assert keyless == []


def address(action, paths):
    """The route of an action with expressions in it."""
    pattern = re.escape(re.sub(r"{{.*?}}", "\0", action)).replace("\0", ".+")
    return next(path for path in paths if re.fullmatch(pattern, path))


def filled(path):
    return re.sub(r"{\w+}", "x", path)
