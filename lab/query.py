"""The seed's analysis: each device's average temperature on one day."""

from __future__ import annotations

import datetime

import click

from lab import athena, stacks
from lab.errors import LabError


def averages(stage: str, day: datetime.date) -> athena.Result:
    """Return device_id and avg_temp (°C) of every device on a day, warmest first.

    Parameters: stage of the datastreamer stack; day, in the time zone of the ETL job (Asia/Tokyo by default).
    Raises: LabError when the stage is not deployed, or Athena refuses.
    """
    outputs = stacks.outputs("datastreamer", stage)
    return athena.query(sql(outputs["TableName"], day), outputs["WorkGroupName"], outputs["DatabaseName"])


def sql(table: str, day: datetime.date) -> str:
    """Return the statement. The partition columns are strings, so the day is written with leading zeros."""
    return (
        f"SELECT device_id, AVG(temperature) AS avg_temp\nFROM {table}\n"
        f"WHERE year='{day:%Y}' AND month='{day:%m}' AND day='{day:%d}'\n"
        "GROUP BY device_id\nORDER BY avg_temp DESC"
    )


@click.command("query")
@click.argument("stage")
@click.argument("day", type=click.DateTime(["%Y-%m-%d"]), metavar="YYYY-MM-DD")
def query_command(stage: str, day: datetime.datetime) -> None:
    """Show each device's average temperature in STAGE on one day."""
    result = averages(stage, day.date())
    if not result.rows:
        raise LabError(f"No reading of {day:%Y-%m-%d} is in the table.", "Run `lab run 22`, or ask for another day.")
    for device, average in result.rows:
        click.echo(f"{device:<24}{average:8.2f} °C")
    click.echo(f"{len(result.rows)} devices, {result.bytes_scanned:,} bytes scanned, query {result.query_id}")
