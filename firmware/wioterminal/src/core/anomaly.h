// Streaming anomaly detector: one pass, fixed memory, float only. lab/detector.py is the same algorithm, step by step.
#pragma once

#include <stdint.h>

namespace core {

// What the detector ships with. All rates are per sample.
struct AnomalySettings {
  float level_rate;      // how fast the level follows the readings
  float spread_rate;     // how fast the usual residual is learnt
  float profile_rate;    // least rate of an hour's offset; the first samples of an hour count more
  float surprise_rate;   // how fast the usual surprise is learnt
  float range_weight;    // weight of a reading outside everything seen, per span seen
  uint16_t short_count;  // samples in the short mean of surprise
  uint16_t warm_up;      // samples before the first score
  uint16_t hold_off;     // samples during which only a higher score is emitted again
  float threshold;       // a score at or above it is an anomaly
};

constexpr uint8_t kHours = 24;

// Everything that the detector remembers. Zero-initialise it.
struct AnomalyState {
  float level;
  float spread;
  float profile[kHours];
  uint16_t profile_count[kHours];
  float short_mean;
  float usual;
  float usual_spread;
  float low;
  float high;
  float held;
  uint16_t held_age;
  uint32_t count;
};

// A larger reading is no reading; up to here no intermediate result leaves the range of a float.
constexpr float kAnomalyLargest = 1e12f;

// Take one reading and return its score, 0 (as usual) to 1. A reading that is not finite, or beyond +-1e12, scores 0 and
// teaches nothing.
//   value    reading, any unit
//   seconds  Unix seconds, for the hour of the day
float anomaly_step(AnomalyState& state, const AnomalySettings& settings, float value, uint32_t seconds);

// Settings that ship with the firmware.
const AnomalySettings& anomaly_settings();

}  // namespace core
