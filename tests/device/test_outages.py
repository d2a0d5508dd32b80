from __future__ import annotations

from typing import Any

import pytest

from lab import target
from lab.device import Identity, outages
from lab.device.cures import CURES
from lab.errors import LabError

START = 1_750_000_000


def test_ten_minutes_without_a_broker_cost_no_reading(identity: Identity) -> None:
    ran = outages.run(identity, target.mqtt(), 20, 10, epoch_s=START)
    assert ran.acknowledged == ran.taken
    assert ran.taken >= 10 + 10 * 60 / 5
    assert ran.dropped == 0
    assert ran.waited >= 119
    assert 0 < ran.recovery_s <= 60 + 20  # the longest wait and a step


def test_without_an_outage_each_reading_is_acknowledged(identity: Identity) -> None:
    said: list[str] = []
    ran = outages.run(identity, target.mqtt(), 12, say=said.append, epoch_s=START)
    assert ran == outages.Run(12, 12, 0, 0, 0.0)
    assert all(line.startswith("WIO1 {") for line in said)


def test_a_twin_that_cannot_come_online_says_why(aws: Any, identity: Identity) -> None:
    arn = (identity.folder / "certificate.arn").read_text()
    aws.client("iot").update_certificate(certificateId=arn.rpartition("/")[2], newStatus="INACTIVE")
    with pytest.raises(LabError, match=f"{identity.device_id} did not come online") as caught:
        outages.run(identity, target.mqtt(), 1, epoch_s=START)
    assert caught.value.remedy in {CURES["tls"], CURES["mqtt_refused"]}
