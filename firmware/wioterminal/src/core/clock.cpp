#include "clock.h"

namespace core {
namespace {

constexpr uint32_t kHalfRange = 0x80000000u;

bool agree(uint32_t one, uint32_t other) { return (one > other ? one - other : other - one) <= kAgreeS; }

}  // namespace

void Clock::advance(uint32_t now_ms) {
  const uint32_t passed = now_ms - last_ms_;  // right across the wrap, because both are unsigned
  if (passed > kHalfRange) {
    return;  // read before the last one, and handed in after it
  }
  last_ms_ = now_ms;
  uptime_s_ += passed / 1000u;
  rest_ms_ += passed % 1000u;
  if (rest_ms_ >= 1000u) {
    rest_ms_ -= 1000u;
    ++uptime_s_;
  }
}

bool Clock::set(uint32_t epoch_s) {
  if (epoch_s < kEarliestEpoch || epoch_s >= kLatestEpoch) {
    return false;
  }
  const uint32_t start = epoch_s - uptime_s_;
  if (is_set() && !agree(start, start_epoch_s_) && !agree(start, doubted_start_s_)) {
    doubted_start_s_ = start;
    return false;
  }
  start_epoch_s_ = start;
  doubted_start_s_ = 0;
  return true;
}

}  // namespace core
