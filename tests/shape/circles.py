"""Import circles: modules that reach each other, by imports anywhere in their text.

Importing ``a.b.c`` runs ``a`` and ``a.b`` first, so those count as imported too, unless
the importer lies inside them.
"""

import ast
from collections.abc import Iterator, Mapping

from shape.figures import Figure
from shape.source import House, Module

Graph = Mapping[str, frozenset[str]]


def import_circles(house: House) -> Figure:
    graph = import_graph(house)
    reach = {name: _reached(name, graph) for name in graph}
    circles = {
        tuple(sorted({name, *(other for other in goes if name in reach[other])}))
        for name, goes in reach.items()
        if name in goes
    }
    shown = {module.name for module in house.shown()}
    touching = sorted(circle for circle in circles if shown & set(circle))
    return Figure(
        "import circles",
        len(touching),
        "<= 0",
        "groups of modules that import each other, also inside functions",
        tuple(" <-> ".join(circle) for circle in touching),
    )


def import_graph(house: House) -> Graph:
    names = {module.name for module in house.modules}
    return {
        module.name: frozenset(
            target
            for wanted in _imported(module)
            for target in _run(_known(wanted, names), module, names)
        )
        for module in house.modules
    }


def _imported(module: Module) -> Iterator[str]:
    """Every name that an import statement may mean: a module, or a name inside one."""
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        if isinstance(node, ast.ImportFrom):
            origin = _origin(node, module)
            yield from (f"{origin}.{alias.name}" for alias in node.names)


def _origin(node: ast.ImportFrom, module: Module) -> str:
    if not node.level:
        return node.module or ""
    parents = module.package.split(".")
    parents = parents[: len(parents) - node.level + 1]
    return ".".join([*parents, *([node.module] if node.module else [])])


def _known(wanted: str, names: set[str]) -> str:
    """The module that holds the name, or nothing: it is not ours."""
    if wanted in names:
        return wanted
    holder = wanted.rpartition(".")[0]
    return holder if holder in names else ""


def _run(wanted: str, module: Module, names: set[str]) -> Iterator[str]:
    """What an import of *wanted* runs: it, and the packages around it."""
    if wanted and wanted != module.name:
        yield wanted
    package = wanted.rpartition(".")[0]
    while package and not f"{module.name}.".startswith(f"{package}."):
        if package in names:
            yield package
        package = package.rpartition(".")[0]


def _reached(start: str, graph: Graph) -> set[str]:
    reached: set[str] = set()
    waiting = list(graph[start])
    while waiting:
        name = waiting.pop()
        if name not in reached:
            reached.add(name)
            waiting.extend(graph[name])
    return reached
