"""What stands around the certifier's wall: one approval, many, the page itself and its
pictures.
"""

import secrets
from functools import partial

from intake.adapters.scans import StoredScans
from intake.adapters.sql.batches import SqlBatches
from intake.adapters.sql.cases import SqlCases
from intake.adapters.sql.looks import SqlLooks
from intake.adapters.sql.scan_objects import SqlScanClaims
from intake.adapters.sql.users import SqlUsers
from intake.usecases.batching import Batching
from intake.usecases.certifying import Certifying
from intake.usecases.looking import Pictures
from intake.usecases.wall import Wall
from intake.wiring.adapters import Adapters
from intake.wiring.readiness import standstill
from intake.wiring.reporting import report_batch_item


def certifying_of(house: Adapters, cases: SqlCases, looks: SqlLooks) -> Certifying:
    return Certifying(
        cases=cases,
        looks=looks,
        marks=house.marks,
        rules=house.rules,
        random_bits=secrets.randbits,
        clock=house.clock,
    )


def batching_of(house: Adapters, cases: SqlCases, certifying: Certifying) -> Batching:
    return Batching(
        certifying=certifying,
        cases=cases,
        batches=SqlBatches(house.store),
        report=report_batch_item,
        clock=house.clock,
    )


def wall_of(house: Adapters, cases: SqlCases, users: SqlUsers, looks: SqlLooks) -> Wall:
    return Wall(
        cases=cases,
        users=users,
        looks=looks,
        numbering=partial(standstill, house),
        rules=house.rules,
        clock=house.clock,
    )


def pictures_of(house: Adapters, cases: SqlCases, looks: SqlLooks) -> Pictures:
    return Pictures(
        cases=cases,
        scans=StoredScans(house.objects, SqlScanClaims(house.store, house.clock)),
        looks=looks,
        drawings=house.drawings,
        clock=house.clock,
    )
