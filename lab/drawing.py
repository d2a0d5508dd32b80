"""Pictures of what a stack made: its resources as a tree with their status, its roles as a matrix of permissions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from lab.notebook import figures

if TYPE_CHECKING:
    from matplotlib.figure import Figure

ROW_INCHES: Final = 0.26
DARKEST: Final = 8  # more actions than this are not drawn darker, so that the number stays readable


def tree(resources: Sequence[Mapping[str, Any]]) -> Figure:
    """Draw a stack's resources, grouped by service, green when complete.

    Parameters: resources, as ``lab.stacks.resources`` returns them.
    """
    groups: dict[str, list[Mapping[str, Any]]] = {}
    for item in resources:
        groups.setdefault(item["ResourceType"].split("::")[1], []).append(item)
    rows = sum(1 + len(items) for items in groups.values())
    figure, axes = figures.new(height=max(2.0, rows * ROW_INCHES))
    axes.axis("off")
    axes.set(xlim=(0, 10), ylim=(-rows, 0.5))
    row = 0
    for service, items in sorted(groups.items()):
        axes.text(0, -row, service, weight="bold", va="center")
        for item in sorted(items, key=lambda item: str(item["LogicalResourceId"])):
            row += 1
            axes.plot([0.15, 0.4], [-row, -row], color=figures.MUTED, lw=0.8)
            axes.plot(0.55, -row, "o", ms=5, color=_colour(item["ResourceStatus"]))
            axes.text(0.8, -row, item["ResourceType"].split("::")[2], va="center", size=8)
            axes.text(3.6, -row, item["LogicalResourceId"], va="center", size=8, color=figures.MUTED)
        row += 1
    return figure


def matrix(grants: Mapping[str, Mapping[str, int]]) -> Figure:
    """Draw who may do what: a row for each role, a column for each service, the number of actions in the cell.

    Parameters: grants, role → service → number of actions.
    """
    services = sorted({service for row in grants.values() for service in row})
    figure, axes = figures.new(height=1.2 + 0.4 * len(grants))
    values = [[row.get(service, 0) for service in services] for row in grants.values()]
    axes.imshow(
        [[min(value, DARKEST) for value in row] for row in values], cmap="Blues", vmax=3 * DARKEST, aspect="auto"
    )
    axes.set_xticks(range(len(services)), services, rotation=30, ha="right")
    axes.set_yticks(range(len(grants)), list(grants))
    axes.grid(False)
    for y, row in enumerate(values):
        for x, value in enumerate(row):
            axes.text(x, y, value or "", ha="center", va="center", size=8)
    return figure


def _colour(status: str) -> str:
    return figures.GOOD if status.endswith("_COMPLETE") and "ROLLBACK" not in status else figures.BAD
