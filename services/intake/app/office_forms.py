"""Forms of the office that are shown again with what was typed: see ``typed_pages``."""

from intake.app.typed_pages import TypedPage
from intake.app.visit import Visit, whole
from intake.domain.handouts.fields import Handout
from intake.domain.records import NotFound


async def template_page(visit: Visit) -> TypedPage:
    """The template that was being written."""
    view = await visit.desk.templating.template(handout_of(visit), visit.by)
    return TypedPage("template.html", view, visit.typed.again(), {"faults": ()})


async def remark_page(visit: Visit) -> TypedPage:
    """The register, with the note that was being written."""
    year, month = (whole(visit.typed.one(name), name) for name in ("year", "month"))
    view = await visit.desk.registering.register(visit.by, year=year, month=month)
    return TypedPage("register.html", view, visit.typed.again())


async def account_page(visit: Visit) -> TypedPage:
    """The list of accounts, or one where the address names one."""
    user = visit.request.path_params.get("user")
    view = await visit.desk.staffing.view(user, visit.by)
    template = "accounts.html" if user is None else "account-edit.html"
    return TypedPage(template, view, visit.typed.again("roles"))


def handout_of(visit: Visit) -> Handout:
    """The paper that the address names. Raises NotFound for none of ours."""
    try:
        return Handout(visit.path("handout"))
    except ValueError as error:
        raise NotFound(visit.path("handout")) from error
