// Pseudo-random numbers for jitter and simulation, not for secrets.
#pragma once

#include <stdint.h>

namespace core {

// George Marsaglia, Xorshift RNGs, 2003, https://doi.org/10.18637/jss.v008.i14: shifts 13, 17, 5.
class Random {
 public:
  explicit Random(uint32_t seed) : state_(seed != 0 ? seed : 1u) {}

  uint32_t next() {
    state_ ^= state_ << 13;
    state_ ^= state_ >> 17;
    state_ ^= state_ << 5;
    return state_;
  }

 private:
  uint32_t state_;
};

}  // namespace core
