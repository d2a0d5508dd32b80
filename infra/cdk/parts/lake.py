"""Where what lies in the two buckets: every prefix of the lake, decided once."""

from __future__ import annotations

from typing import Final

RAW: Final = "raw_data/device_sensor/"
RAW_ERRORS: Final = "raw_errors/device_sensor/"
CURATED: Final = "curated/device_telemetry/"
DLQ: Final = "dlq/device_telemetry/"
CHECKPOINT: Final = "checkpoints/temperature_etl/"
METRICS: Final = "metrics/temperature_etl/"
RESULTS: Final = "athena-results/"
TABLE: Final = CURATED.rstrip("/").rpartition("/")[2]
"""The crawler names a table after the last part of its path."""
ANOMALIES: Final = "curated/device_anomalies/"
ANOMALIES_TABLE: Final = "device_anomalies"
MODELS: Final = "models/anomaly_detector/"
SCORING_STATE: Final = "checkpoints/anomaly_scoring/"
SCORING_METRICS: Final = "metrics/anomaly_scoring/"
DIGESTS: Final = "digests/device_anomalies/"
