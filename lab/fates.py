"""What becomes of messages that do not belong into the table: nothing at all, or a line in the rule's error log."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from lab import items, logs, target

if TYPE_CHECKING:
    from matplotlib.figure import Figure


CLOCKS_DIFFER_S: Final = 1.0


@dataclass(frozen=True)
class Fate:
    """stored: whether an item came of it; reason: why the action failed, from the error log, empty without one."""

    payload: str
    stored: bool
    reason: str

    @property
    def words(self) -> str:
        """The fate in words."""
        if self.stored:
            return "stored"
        return f"selected, refused by the table, logged: {self.reason}" if self.reason else "not selected"


def send(topic: str, messages: Mapping[str, Any], table: str, group: str) -> dict[str, Fate]:
    """Publish messages by the cloud's own operation and return the fate of each, by its name.

    Parameters: messages, name → document, or text that is no JSON; the last one has to be one that ends in the log, for
    it is waited for; group, the rule's error log group.
    Source: https://docs.aws.amazon.com/iot/latest/developerguide/rule-error-handling.html
    """
    cloud, since = target.client("iot-data"), time.time() - CLOCKS_DIFFER_S
    payloads = {
        name: message if isinstance(message, str) else json.dumps(message) for name, message in messages.items()
    }
    for payload in payloads.values():
        cloud.publish(topic=topic, qos=1, payload=payload)
    last = list(payloads.values())[-1]
    logged = _logged(logs.wait_for(group, since, f'"{base64.b64encode(last.encode()).decode()}"'))
    logged |= _logged(logs.events(group, since))
    return {
        name: Fate(payload, _is_stored(table, messages[name]), logged.get(payload, ""))
        for name, payload in payloads.items()
    }


def _is_stored(table: str, message: Any) -> bool:
    """Say whether a message lies in the table; one that has no key of the table's types cannot."""
    if not isinstance(message, dict) or not isinstance(message.get("timestamp"), int | float):
        return False
    return bool(items.typed(table, str(message.get("device_id")), message["timestamp"]))


def _logged(events: Sequence[str]) -> dict[str, str]:
    """Return the messages in an error log: the original payload, which is kept whole → why the action failed."""
    found = map(json.loads, events)
    return {
        base64.b64decode(event["base64OriginalPayload"]).decode(): event["failures"][0]["errorMessage"]
        for event in found
    }


def picture(fates: Mapping[str, Fate]) -> Figure:
    """Draw how far each message came: taken by the broker, selected by the rule, stored, and whether the log has it."""
    from lab.notebook import figures

    steps = ("taken", "selected", "stored", "in the error log")
    figure, axes = figures.new(height=1.0 + 0.45 * len(fates))
    for row, fate in enumerate(fates.values()):
        logged = bool(fate.reason)
        for column, reached in enumerate((True, logged or fate.stored, fate.stored, logged)):
            colour = figures.GOOD if reached else figures.MUTED
            axes.plot(column, row, "o" if reached else "x", ms=9, color=colour)
    axes.set_xticks(range(len(steps)), steps)
    axes.set_yticks(range(len(fates)), list(fates))
    axes.set(xlim=(-0.5, len(steps) - 0.5), ylim=(len(fates) - 0.5, -0.5))
    return figure
