"""What each process of the tests would make anew, made once before they are forked
(``support.forks``): databases with their tables, and compiled templates.
"""

from intake import console as intake
from intake.web import create_renderer
from signing import console as signing
from storage import console as storage
from support.databases import migrated_file
from support.storage import pages_of_most


def make() -> None:
    for service in (intake, signing, storage):
        migrated_file(service.MIGRATIONS)
    for pages in (create_renderer().pages, pages_of_most()):
        for environment in pages._environments.values():
            for name in environment.list_templates():
                environment.get_template(name)
