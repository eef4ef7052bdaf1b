"""What one figure is: a value, its goal, and the places that stand outside it."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Figure:
    name: str
    value: float
    goal: str = ""
    """The bound, as ``<= 5`` or ``>= 1.0``; empty where a figure only informs."""
    rule: str = ""
    """What was counted, in words."""
    offenders: tuple[str, ...] = ()
    met: bool = True
    """False where the goal asks for more than the value can show."""

    def verdict(self) -> str:
        if not self.goal:
            return ""
        return "yes" if self.met and within(self.value, self.goal) else "NO"


def within(value: float, goal: str) -> bool:
    sign, bound = goal.split()
    return value <= float(bound) if sign == "<=" else value >= float(bound)
