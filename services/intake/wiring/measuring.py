"""The dashboard bound to the books that it is counted from."""

from intake.adapters.sql.measures import SqlMeasures
from intake.usecases.measuring import Measuring
from intake.wiring.adapters import Adapters
from intake.wiring.handouts import vietnamese


def measuring_of(house: Adapters) -> Measuring:
    return Measuring(
        measures=SqlMeasures(house.store),
        rules=house.rules,
        words=vietnamese,
        clock=house.clock,
    )
