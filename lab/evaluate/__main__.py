"""``python -m lab.evaluate NAB_FOLDER``: the table of detectors on a folder in the benchmark's layout.

The benchmark's data are not in this project; a checkout of numenta/NAB has them. The same folder gives the same table.
"""

from __future__ import annotations

from pathlib import Path

import click
import numpy as np

from lab.detector import Settings
from lab.errors import LabError
from lab.evaluate import contest, nab

HEAD = "detector                        best all  best known  threshold  shipped all  shipped known"


@click.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--seeds", default=contest.SEEDS, show_default=True, help="Random detectors to draw.")
def main(folder: Path, seeds: int) -> None:
    """Score the detectors on FOLDER, which has data/ and labels/combined_windows.json.

    "best": at the threshold that is best on the very series; "shipped": at the one that the detector comes with.
    """
    try:
        lines = table(folder, seeds)
    except LabError as error:
        raise click.UsageError(str(error)) from error
    for line in lines:
        click.echo(line)


def table(folder: Path, seeds: int = contest.SEEDS) -> list[str]:
    """Return the lines of the table.

    Raises: LabError when the folder has not the benchmark's layout.
    """
    try:
        series = nab.read(folder)
    except (FileNotFoundError, ValueError) as cause:
        raise LabError(f"{folder} is not in NAB's layout: {cause}.", "Give a checkout of numenta/NAB.") from cause
    rows, windows = sum(len(one.values) for one in series), sum(len(one.windows) for one in series)
    lines = [f"{len(series)} series, {rows:,} rows, {windows} windows", "", HEAD]
    entries = (
        ("streaming, shipped", contest.streaming, Settings().threshold),
        ("rolling z-score", contest.rolling_z, contest.Z_THRESHOLD),
        ("rolling z-score, hold-off", contest.held_off(contest.rolling_z), contest.Z_THRESHOLD),
    )
    for name, scorer, threshold in entries:
        found = contest.benchmark(series, name, scorer, threshold)
        lines.append(
            f"{name:<30}{found.best_all:>10.1f}{found.best_known:>12.1f}{threshold:>11.2f}"
            f"{found.shipped_all:>13.1f}{found.shipped_known:>15.1f}"
        )
    known = [one for one in series if one.name.startswith(contest.KNOWN)]
    for name, hold in (("chance", False), ("chance, hold-off", True)):
        everywhere = contest.floor(series, seeds, hold)
        somewhere = contest.floor(known, seeds, hold) if known else [float("nan")]
        lines.append(f"{name + ', mean':<30}{np.mean(everywhere):>10.1f}{np.mean(somewhere):>12.1f}")
        lines.append(f"{name + ', luckiest seed':<30}{everywhere[-1]:>10.1f}{somewhere[-1]:>12.1f}")
    return lines


if __name__ == "__main__":
    main()
