"""A trial's answers: the invented ward, its development PKI, everything on one host."""

import argparse
from typing import Final

from onebox import ward

PKI_BASE: Final = "http://pki.demo:8427"
"""The address of the room ``pki`` in ``deploy/docker/demo.yaml``."""
TSA: Final = f"{PKI_BASE}/tsa"


def demo_answers(needs: argparse.Namespace) -> argparse.Namespace:
    told = argparse.Namespace(**vars(needs))
    told.agency_code, told.agency_name = ward.AGENCY_CODE, ward.AGENCY_NAME
    told.agency_line, told.place = list(ward.AGENCY_LINES), ward.PLACE
    told.officer_id, told.officer_name = ward.OFFICER_ID, ward.OFFICER_NAME
    told.officer_title = list(ward.OFFICER_TITLES)
    told.public_host = needs.public_host or "localhost"
    told.desk_host = needs.desk_host or "localhost"
    told.tsa = [TSA]
    told.officer_image = ward.SIGNATURE
    return told
