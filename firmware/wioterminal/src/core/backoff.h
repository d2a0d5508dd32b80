// How long to wait before the next attempt: doubling, capped, with jitter, so that a fleet does not return at once.
#pragma once

#include <stdint.h>

#include "random.h"

namespace core {

constexpr uint32_t kBackoffFirstMs = 1000;
constexpr uint32_t kBackoffCapMs = 60000;

class Backoff {
 public:
  explicit Backoff(uint32_t seed) : random_(seed), window_ms_(kBackoffFirstMs) {}

  // The next wait in milliseconds: half of the window and a random part of the other half. The window then doubles.
  // Source: https://aws.amazon.com/builders-library/timeouts-retries-and-backoff-with-jitter/
  uint32_t next();

  // Begin again with a short wait: the connection was good for long enough.
  void reset() { window_ms_ = kBackoffFirstMs; }

 private:
  Random random_;
  uint32_t window_ms_;
};

}  // namespace core
