#include "backoff.h"

namespace core {

uint32_t Backoff::next() {
  const uint32_t half = window_ms_ / 2u;
  const uint32_t wait = half + random_.next() % (half + 1u);
  window_ms_ = window_ms_ < kBackoffCapMs / 2u ? window_ms_ * 2u : kBackoffCapMs;
  return wait;
}

}  // namespace core
