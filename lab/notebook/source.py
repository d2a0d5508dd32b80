"""What the dashboard shows: readings of a device from Athena, through the DynamoDB connector."""

from __future__ import annotations

from dataclasses import dataclass

from lab import athena, contract, crawl, stacks
from lab.errors import LabError

HOUR_SECONDS = 3600


@dataclass(frozen=True)
class Sample:
    """One reading: Unix seconds, °C, % (None when the device measures none)."""

    timestamp: float
    temperature: float
    humidity: float | None


@dataclass(frozen=True)
class Source:
    """The crawled table of Level 1, as Athena knows it."""

    table: str
    catalog: str
    workgroup: str

    def devices(self) -> list[str]:
        """Return the devices that have readings, sorted."""
        result = athena.query(f"SELECT DISTINCT device_id FROM {self.table}", self.workgroup, catalog=self.catalog)  # noqa: S608
        return sorted(row[0] for row in result.rows)

    def readings(self, device_id: str, hours: float | None) -> list[Sample]:
        """Return a device's readings in the order of time.

        Parameters: hours, how far back from its newest reading (None: all).
        Raises: ValueError for a name that no device can have; it would otherwise become part of a statement.
        """
        if contract.TOPIC_PATTERN.match(contract.topic(device_id)) is None:
            raise ValueError(f"{device_id!r} is no device id")
        where = f"device_id = '{device_id}'"
        if hours is not None:
            newest = f"(SELECT MAX(timestamp) FROM {self.table} WHERE {where})"  # noqa: S608
            where += f" AND timestamp > {newest} - {hours * HOUR_SECONDS:.0f}"
        columns = "CAST(timestamp AS DOUBLE), CAST(temperature AS DOUBLE), CAST(humidity AS DOUBLE)"
        statement = f"SELECT {columns} FROM {self.table} WHERE {where} ORDER BY 1"  # noqa: S608 - checked above
        result = athena.query(statement, self.workgroup, catalog=self.catalog)
        return [Sample(*row) for row in result.rows]


def of_level1() -> Source:
    """Return the source of the deployed Level 1 stack.

    Raises: LabError when the stack is missing, or when its crawler has not run yet.
    """
    outputs = stacks.outputs("level1")
    tables = crawl.tables(outputs["DatabaseName"])
    if not tables:
        raise LabError("No table of level 1 is in the catalogue yet.", "Run `lab run 14`: it crawls the table.")
    name = f'"{outputs["DatabaseName"]}"."{tables[0]["Name"]}"'
    return Source(name, outputs["CatalogName"], outputs["WorkGroupName"])
