"""No two modules of the product need each other before they are whole."""

from pathlib import Path

import pytest

from shape.circles import import_circles
from shape.source import House, Module, read_house


def circles(files):
    """How many circles there are in a house of these modules, text by path."""
    modules = (Module(Path("libs", path), text) for path, text in files.items())
    return int(import_circles(House(tuple(modules))).value)


def test_the_product_has_no_import_circle():
    """Not even through an import inside a function, or through a package's start."""
    assert import_circles(read_house()).offenders == ()


@pytest.mark.parametrize(
    "files",
    [
        {"a.py": "import b", "b.py": "import a"},
        {"a.py": "def f():\n    import b", "b.py": "import a"},
        {"p/__init__.py": "from p.c import g", "p/c.py": "from p import f"},
        {
            "a.py": "from p.c import x",
            "p/__init__.py": "import p.d",
            "p/c.py": "",
            "p/d.py": "import a",
        },
    ],
    ids=["two modules", "in a function", "its own package", "a package on the way"],
)
def test_a_circle_is_found(files):
    """Each way of importing is seen."""
    assert circles(files) == 1


def test_a_package_that_gathers_its_modules_is_no_circle():
    """A package's start may import what lies in it, and those each other."""
    files = {
        "p/__init__.py": "from p.c import x\nfrom p.d import y",
        "p/c.py": "from p.d import y",
        "p/d.py": "",
    }
    assert circles(files) == 0
