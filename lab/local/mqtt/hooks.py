"""Where the device gateway joins MiniStack's listener and broker."""

from __future__ import annotations

from lab.local.hook import Hook
from lab.local.mqtt.address import answered, configured
from lab.local.mqtt.http import limited
from lab.local.mqtt.listener import certificate_required, chosen_address, named
from lab.local.mqtt.session import GatewaySession
from lab.local.mqtt.sessions import kept, restored

_IOT = "ministack.services.iot"

HOOKS: tuple[Hook, ...] = (
    Hook(_IOT, "_mtls_build_ssl_context", (), "a client certificate is required", certificate_required),
    Hook(_IOT, "_mtls_start_locked", (), "the address that the gateway listens on", chosen_address),
    Hook(_IOT, "_mtls_server_cert_sans", (), "the addresses that the gateway's certificate is for", named),
    Hook(_IOT, "_describe_endpoint", ("qp",), "the address that a device is told", answered),
    Hook(_IOT, "_endpoint_address", ("endpoint_type",), "the same in AWS's own domain configuration", configured),
    Hook(
        _IOT,
        "_WSSession",
        ("send_coro", "account_id", "region", "principal"),
        "what a connection may send",
        lambda _original: GatewaySession,
    ),
    Hook(
        "ministack.services.iot_data",
        "_publish",
        ("topic", "body", "qp", "headers", "access_key"),
        "messages over HTTP that are too large",
        limited,
    ),
    Hook(_IOT, "_broker_get_state", (), "persistent sessions in a snapshot", kept),
    Hook(_IOT, "_broker_restore_state", ("data",), "persistent sessions of a snapshot", restored),
    Hook(
        _IOT,
        "_PersistentSessionState",
        ("subscriptions", "created_at", "expiry_interval", "session_identifier"),
        "a session that waits for its device",
    ),
    Hook(_IOT, "_persistent_sessions", None, "the sessions that wait"),
    Hook(_IOT, "_connected_clients", None, "the connections there are"),
    Hook(_IOT, "_read_string", ("buf", "offset"), "topics, filters and client ids"),
    Hook(_IOT, "MQTT_5", None, "the version of the protocol"),
    Hook(
        _IOT,
        "_make_connack",
        ("return_code", "session_present", "protocol_version", "properties"),
        "the refusal of a client id",
    ),
    Hook(_IOT, "_parsed_iot_policy", ("document", "context"), "policy documents with their variables"),
    Hook(_IOT, "_certificates", None, "a certificate's policies"),
    Hook(_IOT, "_policies", None, "the policies' documents"),
    Hook(_IOT, "_MtlsAcceptor", (), "TLS for each connection"),
    Hook(_IOT, "_mtls_port", (), "the gateway's port"),
    Hook(_IOT, "_mtls_context", (), "the gateway's certificate and whom it trusts"),
    Hook(_IOT, "_mtls_server", None, "the listening server"),
    Hook(_IOT, "_mtls_loop", None, "the loop it listens on"),
)
