"""Connections end when their certificate is no longer active.

Within minutes on AWS, at once here.
Source: https://docs.aws.amazon.com/iot/latest/apireference/API_UpdateCertificate.html
"""

from __future__ import annotations

import logging
from typing import Final

from ministack.services import iot

from lab.local.mqtt.session import GatewaySession

REASON: Final = "FORBIDDEN_ACCESS"
"""Source: https://docs.aws.amazon.com/iot/latest/developerguide/life-cycle-events.html#connect-disconnect"""

logger = logging.getLogger("lab.mqtt")


def end_inactive() -> None:
    """End every connection whose certificate is not active, or is gone. To be called on the gateway's loop."""
    for (account, region, client_id), session in list(iot._connected_clients.items()):
        if not isinstance(session, GatewaySession) or session.certificate_id is None:
            continue
        record = iot._certificates.get_scoped(account, region, session.certificate_id)
        if record is None or record["status"] != "ACTIVE":
            logger.warning("MQTT client %r is disconnected: its certificate is not active", client_id)
            session.end(REASON)
