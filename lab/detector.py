"""The streaming anomaly detector that also runs on the board: one pass, fixed memory, causal by construction.

Each line is the same single-precision operation, in the same order, as firmware/wioterminal/src/core/anomaly.cpp:
both give the same scores bit for bit. The idea: how far is a reading from a slowly moving level plus its hour's usual
offset; is such a distance unusual lately; does it leave everything seen so far; was the alarm given already.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import numpy.typing as npt

F = np.float32
ZERO: Final = F(0.0)
HOURS: Final = 24
CLIP: Final = F(50.0)
HALF: Final = F(10.0)
SPAN_SHARE: Final = F(0.001)
LEAST: Final = F(1e-6)
USUAL_LEAST: Final = F(0.05)
COUNT_LIMIT: Final = 0xFFFF
LARGEST: Final = F(1e12)  # up to here no intermediate result leaves the range of a float


@dataclass(frozen=True)
class Settings:
    """What the detector ships with; rates are per sample, counts are samples.

    threshold: a score at or above it is an anomaly; hold_off: samples during which only a higher score is given again.
    """

    level_rate: float = 0.008
    spread_rate: float = 0.0016
    profile_rate: float = 0.008
    surprise_rate: float = 0.01
    range_weight: float = 110.0
    short_count: int = 8
    warm_up: int = 288
    hold_off: int = 144
    threshold: float = 0.32


@dataclass
class Detector:
    """One detector of one device. Feed it readings in their order of arrival."""

    settings: Settings = field(default_factory=Settings)
    level: np.float32 = ZERO
    spread: np.float32 = ZERO
    profile: list[np.float32] = field(default_factory=lambda: [ZERO] * HOURS)
    profile_count: list[int] = field(default_factory=lambda: [0] * HOURS)
    short_mean: np.float32 = ZERO
    usual: np.float32 = ZERO
    usual_spread: np.float32 = ZERO
    low: np.float32 = ZERO
    high: np.float32 = ZERO
    held: np.float32 = ZERO
    held_age: int = 0
    count: int = 0

    def step(self, value: float, seconds: int) -> float:
        """Take one reading and return its score, 0 (as usual) to 1.

        What is not finite, or beyond +-1e12, scores 0 and teaches nothing: so no score is ever NaN.
        """
        reading = F(value)
        if not np.abs(reading) <= LARGEST:
            return 0.0
        if self.count == 0:
            self.level = self.low = self.high = reading
            self.held_age = self.settings.hold_off
        hour = (int(seconds) // 3600) % HOURS
        residual = reading - self.level - self.profile[hour]
        span = self.high - self.low
        least = span * SPAN_SHARE + LEAST
        spread = np.sqrt(self.spread) + least
        bounded = np.clip(residual / spread, -CLIP, CLIP) * spread
        surprise = np.abs(bounded) / spread
        novelty = max(self.low - reading, reading - self.high, ZERO) / (span + least)
        strength = self._likelihood(surprise) + F(self.settings.range_weight) * novelty
        self._learn(reading, hour, bounded, surprise)
        if self.count <= self.settings.warm_up:
            return 0.0
        return float(self._held_off(strength / (strength + HALF)))

    def scores(self, values: Sequence[float], seconds: Sequence[int]) -> npt.NDArray[np.float32]:
        """Return the scores of a series: (n,). The detector remembers it afterwards."""
        pairs = zip(values, seconds, strict=True)
        return np.fromiter((self.step(value, second) for value, second in pairs), dtype=np.float32)

    def is_anomaly(self, score: float) -> bool:
        """Tell whether a score reaches the shipped threshold."""
        return bool(F(score) >= F(self.settings.threshold))

    def explain(self, value: float, seconds: int) -> str:
        """Say in words how a reading stands to what the detector expects; call it before the reading is taken."""
        if self.count <= self.settings.warm_up:
            return f"still learning: {self.count} of {self.settings.warm_up} readings"
        expected = float(self.level + self.profile[(int(seconds) // 3600) % HOURS])
        usual = float(np.sqrt(self.spread))
        words = [f"{value:.2f} against {expected:.2f} expected at this hour (usual distance {usual:.2f})"]
        if value > self.high:
            words.append(f"{value - float(self.high):.2f} above everything seen")
        if value < self.low:
            words.append(f"{float(self.low) - value:.2f} below everything seen")
        return "; ".join(words)

    def _likelihood(self, surprise: np.float32) -> np.float32:
        """Return by how many spreads the recent mean surprise exceeds the usual one."""
        self.short_mean += (surprise - self.short_mean) / F(self.settings.short_count)
        excess = self.short_mean - self.usual
        return excess / (np.sqrt(self.usual_spread) + USUAL_LEAST) if excess > 0 else ZERO

    def _learn(self, reading: np.float32, hour: int, bounded: np.float32, surprise: np.float32) -> None:
        """Move level, spread, profile and range towards the reading; early readings move them more."""
        excess = self.short_mean - self.usual
        early = F(1) / F(self.count + 1)
        usual_rate = max(early, F(self.settings.surprise_rate))
        self.level += max(early, F(self.settings.level_rate)) * bounded
        self.spread += max(early, F(self.settings.spread_rate)) * (bounded * bounded - self.spread)
        self.usual += usual_rate * (surprise - self.usual)
        self.usual_spread += usual_rate * (excess * excess - self.usual_spread)
        self.profile_count[hour] = min(self.profile_count[hour] + 1, COUNT_LIMIT)
        first = F(1) / F(self.profile_count[hour] + 12)
        self.profile[hour] += max(first, F(self.settings.profile_rate)) * bounded
        self.low = min(self.low, reading)
        self.high = max(self.high, reading)
        self.count += 1

    def _held_off(self, score: np.float32) -> np.float32:
        """Return a score only if it is higher than the one held, or that one is old."""
        if self.held_age < self.settings.hold_off:
            self.held_age += 1
            if score <= self.held:
                return ZERO
        self.held = score
        self.held_age = 0
        return score
