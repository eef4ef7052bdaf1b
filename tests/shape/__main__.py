"""``make shape``: the figures of the house's style, then each place outside its goal.

Counts with ``ast`` and ``tokenize`` over libs/, services/ and deploy/. It ends in 1
where a goal is missed, and is no part of the gate, which is ``make check``.
``ONLY=services/intake`` shows one folder; the graph of imports and the homes of a name
are still those of the whole house.
"""

import argparse
import sys

from shape.circles import import_circles
from shape.figures import Figure
from shape.names import (
    adapter_entries,
    banned_names,
    names_with_more_homes,
    untyped_callables,
)
from shape.prose import comment_density, dependent_docstrings
from shape.sizes import function_lengths, module_lengths
from shape.source import House, read_house


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--only", default="", help="a folder, as services/intake")
    house = read_house(arguments.parse_args().only)
    figures = measured(house)
    print_table(figures)
    for figure in figures:
        print_offenders(figure)
    missed = [figure.name for figure in figures if figure.verdict() == "NO"]
    print(f"\n{summary(missed)}")
    return 1 if missed else 0


def summary(missed: list[str]) -> str:
    if not missed:
        return "Every goal is met."
    return f"Goals that are missed ({len(missed)}): {'; '.join(missed)}."


def measured(house: House) -> list[Figure]:
    return [
        *function_lengths(house),
        *module_lengths(house),
        adapter_entries(house),
        import_circles(house),
        names_with_more_homes(house),
        banned_names(house),
        *comment_density(house),
        dependent_docstrings(house),
        untyped_callables(house),
    ]


def print_table(figures: list[Figure]) -> None:
    width = max(len(figure.name) for figure in figures)
    print(f"{'figure':<{width}} {'value':>8}  {'goal':<8} ok")
    for figure in figures:
        goal, ok = figure.goal or "-", figure.verdict()
        print(f"{figure.name:<{width}} {figure.value:>8g}  {goal:<8} {ok}")


def print_offenders(figure: Figure) -> None:
    if not figure.offenders:
        return
    print(f"\n{figure.name} ({figure.rule})")
    for offender in figure.offenders:
        print(f"  {offender}")


if __name__ == "__main__":
    sys.exit(main())
