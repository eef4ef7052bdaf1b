"""A page of ours, judged by axe-core in the browser that shows it."""

from pathlib import Path

from playwright.sync_api import Page

AXE = Path(__file__).parents[1] / "e2e" / "axe" / "axe.min.js"


def violations(page: Page) -> list[tuple[str, str, str]]:
    """What axe finds on the page as it stands: address, rule and the first place.

    The page's context bypasses our Content-Security-Policy, which lets no script of a
    stranger in.
    """
    if not page.evaluate("'axe' in window"):
        page.add_script_tag(path=AXE)
    found = page.evaluate("axe.run().then((result) => result.violations)")
    return [(page.url, each["id"], each["nodes"][0]["html"]) for each in found]
