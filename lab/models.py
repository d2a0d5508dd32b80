"""Models in S3: each version with metrics and fingerprint of its data; one is promoted, and never for the worse.

Below the prefix lie ``<version>/model.json``, ``<version>/metrics.json`` and ``current.json``, which names the version
that the scheduled scoring uses. A version is the beginning of the SHA-256 of the model itself, so equal models have
equal versions and a changed one is seen.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from lab import raw, stacks, target
from lab.errors import LabError

SCORING: Final = "streaming"
"""The detector that the scheduled scoring runs (glue/anomaly_scoring.py)."""
BETTER: Final[Mapping[str, int]] = {"event_recall": 1, "false_alarms_per_device_day": -1}
"""What a promotion looks at: 1 where more is better, -1 where less is. No figure may become worse."""


@dataclass(frozen=True)
class Artefact:
    """One registered model. detector, settings: what it is; metrics: figures by name; data: their fingerprint."""

    version: str
    detector: str
    settings: Mapping[str, float]
    metrics: Mapping[str, float]
    data: str


@dataclass(frozen=True)
class Registry:
    """The models below one prefix. Parameters: bucket; prefix, which ends in a slash."""

    bucket: str
    prefix: str

    def register(
        self, settings: Mapping[str, float], metrics: Mapping[str, float], data: str, detector: str = "streaming"
    ) -> Artefact:
        """Keep a model with its metrics; one that is there already gets the new metrics. Nothing is promoted.

        Parameters: settings, all of them; metrics, at least those of ``BETTER``; data, fingerprint of what they were
        measured on.
        Raises: LabError when a figure is missing or is no number.
        """
        for name in BETTER:
            if not isinstance(metrics.get(name), int | float) or metrics[name] != metrics[name]:
                raise LabError(f"The metric {name} is {metrics.get(name)!r}, not a number.", "Judge the model first.")
        version = version_of(detector, settings)
        self._write(f"{version}/model.json", {"detector": detector, "settings": dict(settings)})
        self._write(f"{version}/metrics.json", {"metrics": dict(metrics), "data": data})
        return Artefact(version, detector, dict(settings), dict(metrics), data)

    def artefact(self, version: str) -> Artefact:
        """Return a registered model.

        Raises: LabError when there is none of this version, or when it was changed since.
        """
        model, measured = self._read(f"{version}/model.json"), self._read(f"{version}/metrics.json")
        if model is None or measured is None:
            known = ", ".join(self.versions()) or "none"
            raise LabError(f"There is no model {version!r}.", f"Register it; there are: {known}.")
        if version_of(model["detector"], model["settings"]) != version:
            raise LabError(f"The model {version} was changed after it was registered.", "Register it again.")
        return Artefact(version, model["detector"], model["settings"], measured["metrics"], measured["data"])

    def versions(self) -> list[str]:
        """Return the registered versions, sorted."""
        keys = raw.keys(self.bucket, self.prefix)
        return sorted(key.split("/")[-2] for key in keys if key.endswith("/model.json"))

    def current(self) -> Artefact | None:
        """Return the promoted model, None when the scoring still uses the settings that it ships with."""
        promoted = self._read("current.json")
        return None if promoted is None else self.artefact(promoted["version"])

    def promote(self, version: str, shipped: Mapping[str, float]) -> Artefact:
        """Let the scheduled scoring use a version from its next run on.

        Parameters: shipped, the settings that the scoring ships with; they are the measure until one is promoted.
        Raises: LabError when the version is of another detector, worse in any figure, or cannot be compared: both have
        to be registered, measured on the same data.
        """
        candidate = self.artefact(version)
        if candidate.detector != SCORING:
            reason = f"it is a {candidate.detector} detector, the scheduled scoring runs a {SCORING} one"
            raise LabError(
                f"The model {version} is not promoted: {reason}.", "Its rows stand in the table all the same."
            )
        standing = self.current() or self.artefact(version_of(SCORING, shipped))
        problem = comparison(candidate, standing)
        if problem:
            raise LabError(f"The model {version} is not promoted: {problem}.", f"{standing.version} stays.")
        self._write("current.json", {"version": version, "replaces": standing.version})
        return candidate

    def _read(self, name: str) -> dict[str, Any] | None:
        client = target.client("s3")
        try:
            body = client.get_object(Bucket=self.bucket, Key=self.prefix + name)["Body"].read()
        except client.exceptions.NoSuchKey:
            return None
        document: dict[str, Any] = json.loads(body)
        return document

    def _write(self, name: str, document: Mapping[str, Any]) -> None:
        body = json.dumps(document, indent=1, sort_keys=True).encode()
        target.client("s3").put_object(Bucket=self.bucket, Key=self.prefix + name, Body=body)


def registry(stage: str = stacks.DEFAULT_STAGE) -> Registry:
    """Return the models of a deployed Level 2.

    Raises: LabError when it is not deployed.
    """
    outputs = stacks.outputs("level2", stage)
    return Registry(outputs["AnalyticsBucketName"], outputs["ModelsPrefix"])


def comparison(candidate: Artefact, standing: Artefact) -> str:
    """Return why one model may not replace another, or an empty text."""
    if candidate.data != standing.data:
        return f"it was measured on the data {candidate.data}, the standing {standing.version} on {standing.data}"
    worse = [
        f"{name} {candidate.metrics[name]:g} is worse than {standing.metrics[name]:g}"
        for name, sign in BETTER.items()
        if sign * candidate.metrics[name] < sign * standing.metrics[name]
    ]
    return "; ".join(worse)


def version_of(detector: str, settings: Mapping[str, float]) -> str:
    """Return the version of a model, as glue/anomaly_scoring.py reckons it too."""
    text = json.dumps({"detector": detector, "settings": dict(settings)}, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:12]
