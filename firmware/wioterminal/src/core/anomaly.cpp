#include "exact.h"

#include "anomaly.h"

#include <math.h>

namespace core {
namespace {

constexpr float kClip = 50.0f;            // a residual counts at most so many spreads
constexpr float kHalf = 10.0f;            // the surprise that scores one half
constexpr float kSpanShare = 0.001f;      // least spread, as a share of the span seen: a constant series is no surprise
constexpr float kLeast = 1e-6f;           // least spread at all
constexpr float kUsualLeast = 0.05f;      // least spread of surprise

float clipped(float value) {
  if (value > kClip) {
    return kClip;
  }
  return value < -kClip ? -kClip : value;
}

float outside(const AnomalyState& state, float value) {
  if (value < state.low) {
    return state.low - value;
  }
  return value > state.high ? value - state.high : 0.0f;
}

void widen(AnomalyState& state, float value) {
  if (value < state.low) {
    state.low = value;
  }
  if (value > state.high) {
    state.high = value;
  }
}

void begin(AnomalyState& state, const AnomalySettings& settings, float value) {
  state.level = value;
  state.low = value;
  state.high = value;
  state.held_age = settings.hold_off;
}

// Emit a score only if it is higher than the one held, or that one is old.
float hold_off(AnomalyState& state, const AnomalySettings& settings, float score) {
  if (state.held_age < settings.hold_off) {
    ++state.held_age;
    if (score <= state.held) {
      return 0.0f;
    }
  }
  state.held = score;
  state.held_age = 0;
  return score;
}

}  // namespace

float anomaly_step(AnomalyState& state, const AnomalySettings& settings, float value, uint32_t seconds) {
  if (!(fabsf(value) <= kAnomalyLargest)) {
    return 0.0f;
  }
  if (state.count == 0) {
    begin(state, settings, value);
  }
  const uint8_t hour = static_cast<uint8_t>((seconds / 3600u) % kHours);
  const float residual = value - state.level - state.profile[hour];
  const float span = state.high - state.low;
  const float least = span * kSpanShare + kLeast;
  const float spread = sqrtf(state.spread) + least;
  const float bounded = clipped(residual / spread) * spread;
  const float surprise = fabsf(bounded) / spread;

  const float novelty = outside(state, value) / (span + least);
  const float early = 1.0f / static_cast<float>(state.count + 1u);
  state.short_mean += (surprise - state.short_mean) / static_cast<float>(settings.short_count);
  const float excess = state.short_mean - state.usual;
  const float likelihood = excess > 0.0f ? excess / (sqrtf(state.usual_spread) + kUsualLeast) : 0.0f;
  const float strength = likelihood + settings.range_weight * novelty;
  const float score = strength / (strength + kHalf);

  const float level_rate = early > settings.level_rate ? early : settings.level_rate;
  const float spread_rate = early > settings.spread_rate ? early : settings.spread_rate;
  const float usual_rate = early > settings.surprise_rate ? early : settings.surprise_rate;
  state.level += level_rate * bounded;
  state.spread += spread_rate * (bounded * bounded - state.spread);
  state.usual += usual_rate * (surprise - state.usual);
  state.usual_spread += usual_rate * (excess * excess - state.usual_spread);
  if (state.profile_count[hour] < 0xFFFFu) {
    ++state.profile_count[hour];
  }
  const float first = 1.0f / static_cast<float>(state.profile_count[hour] + 12u);
  const float profile_rate = first > settings.profile_rate ? first : settings.profile_rate;
  state.profile[hour] += profile_rate * bounded;
  widen(state, value);
  ++state.count;
  if (state.count <= settings.warm_up) {
    return 0.0f;
  }
  return hold_off(state, settings, score);
}

const AnomalySettings& anomaly_settings() {
  static const AnomalySettings settings = {0.008f, 0.0016f, 0.008f, 0.01f, 110.0f, 8u, 288u, 144u, 0.32f};
  return settings;
}

}  // namespace core
