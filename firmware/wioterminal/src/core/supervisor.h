// Whether the watchdog may still be fed: the loop says how long its next step may take, an interrupt asks.
#pragma once

#include <stdint.h>

namespace core {

class Supervisor {
 public:
  // The step that begins now may take so long.
  void allow(uint32_t now_ms, uint32_t budget_ms) {
    begun_ms_ = now_ms;
    budget_ms_ = budget_ms;
  }

  // False once the step took longer: let the watchdog restart the board.
  bool may_feed(uint32_t now_ms) const { return now_ms - begun_ms_ <= budget_ms_; }

 private:
  // One word each, so that an interrupt on a 32-bit core never sees half of a value.
  volatile uint32_t begun_ms_ = 0;
  volatile uint32_t budget_ms_ = 10000;
};

}  // namespace core
