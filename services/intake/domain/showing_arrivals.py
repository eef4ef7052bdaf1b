"""What the inbox says of an arrival and of a folder."""

from collections.abc import Mapping

from intake.domain.arrivals import Arrival, FolderReport
from intake.domain.views.inbox import ArrivalView, FolderView, PaperChoice

LEAST_DPI = 200


def arrival_view(arrival: Arrival, papers: Mapping[str, PaperChoice]) -> ArrivalView:
    """*papers*: those that can still be worked on, by their ids."""
    pages = () if arrival.part is None else arrival.part.pages
    dpi = min((page.dpi for page in pages), default=0)
    return ArrivalView(
        id=arrival.id,
        name=arrival.name,
        folder=arrival.folder,
        sender=arrival.sender,
        size=arrival.size,
        pages=arrival.pages,
        dpi=int(dpi),
        arrived_at=arrival.arrived_at,
        state=arrival.state,
        checked=arrival.checked,
        fault=arrival.fault,
        low=0 < dpi < LEAST_DPI,
        by=arrival.by_name,
        at=arrival.at,
        reason=arrival.reason,
        paper=papers.get(arrival.document),
    )


def folder_view(seen: FolderReport) -> FolderView:
    return FolderView(
        name=seen.name,
        looked_at=seen.looked_at,
        trouble=seen.trouble,
        since=seen.since,
        arriving=seen.arriving,
    )
