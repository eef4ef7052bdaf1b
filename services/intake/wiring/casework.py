"""A case from its receipt to the certifier: received, arranged, corrected, put off,
ended.
"""

from uuid import uuid4

from intake.adapters.scans import StoredScans
from intake.adapters.sql.arranging import SqlArrangements
from intake.adapters.sql.cases import SqlCases
from intake.adapters.sql.closings import SqlClosings
from intake.adapters.sql.scan_objects import SqlScanClaims
from intake.usecases.adjusting import Adjusting
from intake.usecases.arranging import Arranging
from intake.usecases.casework import CaseWork
from intake.usecases.extending import Extending
from intake.usecases.receiving import Receiving
from intake.usecases.recognising import Recognising
from intake.wiring.adapters import Adapters


def receiving_of(house: Adapters, cases: SqlCases) -> Receiving:
    return Receiving(
        cases=cases, rebuilder=house.rebuilder, rules=house.rules, clock=house.clock
    )


def arranging_of(house: Adapters) -> Arranging:
    return Arranging(
        arrangements=SqlArrangements(house.store), rules=house.rules, clock=house.clock
    )


def adjusting_of(house: Adapters, cases: SqlCases) -> Adjusting:
    return Adjusting(
        cases=cases,
        arrangements=SqlArrangements(house.store),
        rebuilder=house.rebuilder,
        rules=house.rules,
        new_id=lambda: uuid4().hex,
        clock=house.clock,
    )


def casework_of(house: Adapters, cases: SqlCases) -> CaseWork:
    return CaseWork(
        cases=cases,
        arrangements=SqlArrangements(house.store),
        rules=house.rules,
        clock=house.clock,
    )


def extending_of(house: Adapters, cases: SqlCases) -> Extending:
    return Extending(
        cases=cases,
        arrangements=SqlArrangements(house.store),
        scans=StoredScans(house.objects, SqlScanClaims(house.store, house.clock)),
        rebuilder=house.rebuilder,
        rules=house.rules,
        new_id=lambda: uuid4().hex,
        clock=house.clock,
    )


def recognising_of(house: Adapters) -> Recognising:
    return Recognising(
        cases=SqlCases(house.store),
        audit=SqlClosings(house.store),
        clock=house.clock,
    )
