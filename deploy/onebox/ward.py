"""The invented ward of the demo. Nobody here exists; no number is anybody's."""

from typing import Final

AGENCY_CODE: Final = "H99.42.05.13"
AGENCY_NAME: Final = "UBND phường Hoa Ban"
AGENCY_LINES: Final = ("ỦY BAN NHÂN DÂN", "PHƯỜNG HOA BAN")
PLACE: Final = "Hoa Ban"
OFFICER_ID: Final = "phamquocvinh"
OFFICER_NAME: Final = "Phạm Quốc Vĩnh"
OFFICER_TITLES: Final = ("KT. CHỦ TỊCH", "PHÓ CHỦ TỊCH")
VERSION: Final = "1"
"""Of the officer's and the agency's identity: a new key is a new version."""
