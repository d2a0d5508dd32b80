"""The device gateway: MQTT over mutual TLS."""
