"""A house in which one officer certifies only within a delegation in writing."""

from dataclasses import replace
from datetime import date

from intake.domain import agencies
from intake.domain.delegating import TypedDelegation
from intake.domain.rules import Rules
from support.intake import AGENCIES, house_rules, pinned

HIEN = "nong-the-hien"
OFFICER = """valid_until = 2027-01-01
[[agencies.officers]]
id = "nong-the-hien"
version = "1"
name = "Nông Thế Hiển"
title_lines = ["KT. CHỦ TỊCH", "TRƯỞNG PHÒNG TƯ PHÁP"]
key = "officer-nong-the-hien"
valid_from = 2026-07-01
by_delegation = true
"""
TYPED = TypedDelegation(
    number="19/UQ-UBND",
    signed_on=date(2026, 11, 16),
    delegator="pham-quoc-vinh",
    delegate=HIEN,
    kinds=("diploma",),
    title_line="TUQ. CHỦ TỊCH",
    valid_from=date(2026, 11, 23),
    valid_until=date(2026, 12, 31),
)


def delegated_rules() -> Rules:
    rules = house_rules()
    text = AGENCIES.replace("valid_until = 2027-01-01\n", OFFICER)
    pins = (*rules.trust.identities, pinned("officer", HIEN, f"officer-{HIEN}"))
    trust = rules.trust.model_copy(update={"identities": pins})
    return replace(rules, agencies=agencies.parse(text), trust=trust)
