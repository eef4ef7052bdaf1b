"""The fee per certified copy (Thông tư 226/2016/TT-BTC art. 4), a table with dates."""

import tomllib
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

WHOLE: Final = 100


@dataclass(frozen=True, slots=True)
class FeeRule:
    rule_set: str
    valid_from: date
    first_pages: int
    first_rate: int
    """VND for each of the first pages."""
    further_rate: int
    ceiling: int
    support: int = 0
    """What a budget bears of each fee, in percent."""

    def fee(self, pages: int) -> int:
        """VND that are paid for a paper of so many pages of the original, whole ones in
        the payer's favour; ValueError below 1.
        """
        if pages < 1:
            raise ValueError("an original has at least one page")
        first = self.first_rate * min(pages, self.first_pages)
        further = self.further_rate * max(pages - self.first_pages, 0)
        return min(self.ceiling, first + further) * (WHOLE - self.support) // WHOLE

    def total(self, pages: int, copies: int) -> int:
        """VND for all copies of such a paper."""
        return self.fee(pages) * copies


def parse(table: str) -> tuple[FeeRule, ...]:
    """The TOML table, newest rule first."""
    rules = [FeeRule(**row) for row in tomllib.loads(table)["fees"]]
    return tuple(sorted(rules, key=lambda rule: rule.valid_from, reverse=True))


def in_force(rules: tuple[FeeRule, ...], day: date) -> FeeRule:
    """The rule of that day; LookupError before the first one."""
    for rule in rules:
        if rule.valid_from <= day:
            return rule
    raise LookupError(f"no fee rule in force on {day}")


def rule_set(rules: tuple[FeeRule, ...], name: str) -> FeeRule:
    """The rule a case was received under; LookupError if it was dropped."""
    for rule in rules:
        if rule.rule_set == name:
            return rule
    raise LookupError(f"no fee rule set {name}")


def supported(rule: FeeRule, percent: int) -> FeeRule:
    """The rule with what a budget bears of it."""
    return replace(rule, support=percent)
