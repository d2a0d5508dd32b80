// Unix time from a counter of milliseconds that starts with the board and wraps every 49.7 days.
#pragma once

#include <stdint.h>

namespace core {

constexpr uint32_t kEarliestEpoch = 1704067200u;  // 2024-01-01: an earlier answer was never set
constexpr uint32_t kLatestEpoch = 2524608000u;    // 2050-01-01: a later answer is broken
constexpr uint32_t kAgreeS = 3600;                // answers of one hour or less apart agree

class Clock {
 public:
  // Follow the counter. Call it at least once in 24 days; a count that is older than the last one is ignored.
  void advance(uint32_t now_ms);

  // Take the time from a server. False, and the clock stays as it is, if the answer is not within 2024 to 2049, or if it
  // is far from a clock that runs: then it holds only once the next answer says the same. One wrong answer moves nothing.
  bool set(uint32_t epoch_s);

  bool is_set() const { return start_epoch_s_ != 0; }
  uint32_t uptime_s() const { return uptime_s_; }

  // Unix seconds at which the uptime was as given; 0 while the clock is not set.
  uint32_t epoch_at(uint32_t uptime_s) const { return is_set() ? start_epoch_s_ + uptime_s : 0; }

 private:
  uint32_t last_ms_ = 0;
  uint32_t rest_ms_ = 0;
  uint32_t uptime_s_ = 0;
  uint32_t start_epoch_s_ = 0;
  uint32_t doubted_start_s_ = 0;  // what the last answer that was not believed would have made of it; 0: there is none
};

}  // namespace core
