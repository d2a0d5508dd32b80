"""The ``lab`` command: joins the commands of the modules and turns a LabError into one line and exit status 2."""

from __future__ import annotations

import importlib
import sys
from typing import Final

import click

from lab.errors import LabError

COMMANDS: Final[dict[str, str]] = {
    "up": "lab.aws_cli:up",
    "down": "lab.aws_cli:down",
    "status": "lab.aws_cli:status",
    "env": "lab.aws_cli:env",
    "reset": "lab.aws_cli:reset",
    "doctor": "lab.doctor:doctor",
    "deploy": "lab.deploy:deploy_command",
    "destroy": "lab.destroy:destroy_command",
    "clean": "lab.clean:clean_command",
    "cost": "lab.cost:cost_command",
    "run": "lab.run.cli:run_command",
    "report": "lab.report.cli:report_command",
    "sensor": "lab.sensor:sensor_command",
    "query": "lab.query:query_command",
    "device": "lab.device.cli:device",
    "dashboard": "lab.dashboard:dashboard_command",
    "progress": "lab.progress:progress_command",
    "open": "lab.open:open_command",
}


class Lazy(click.Group):
    """A group that imports a command's module when the command is asked for: `lab status` need not load Spark."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names in the order of a person's way through the lab."""
        del ctx
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return a command, or None when there is none of that name."""
        del ctx
        place = COMMANDS.get(cmd_name)
        if place is None:
            return None
        module, _, attribute = place.partition(":")
        command: click.Command = getattr(importlib.import_module(module), attribute)
        return command


@click.command(cls=Lazy, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="aws-iot-temperature-lab", prog_name="lab")
def group() -> None:
    """Learn, teach and test an AWS IoT temperature pipeline, on this computer or in a real account.

    Begin with `lab up`, `lab run`, `lab open`. LAB_TARGET=aws makes every command work in your AWS account.
    """


def main() -> None:
    """Run the command line. Status: 0 done, 1 a check said no, 2 something to mend first."""
    try:
        status = group.main(standalone_mode=False)
    except LabError as error:
        click.echo(f"error: {error} [{error.code}]", err=True)
        sys.exit(2)
    except click.UsageError as error:
        error.show()
        sys.exit(2)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except (click.Abort, KeyboardInterrupt):
        click.echo("stopped", err=True)
        sys.exit(130)
    else:
        # Without standalone mode click returns the status of an Exit instead of raising it.
        sys.exit(status if isinstance(status, int) else 0)


if __name__ == "__main__":
    main()
