#include "recorder.h"

namespace core {

bool Recorder::record(Node& node, const Climate& climate, bool simulated, uint32_t now_ms) {
  Reading reading = {climate.temperature, climate.humidity, 0.0f, 0, 0, 0, static_cast<uint8_t>(simulated ? 1 : 0)};
  if (!climate.valid || !plausible(reading)) {
    node.refuse();
    return false;
  }
  node.follow(now_ms);
  const Clock& clock = node.clock();
  const uint32_t uptime = clock.uptime_s();
  // Without a set clock the hour of the day is unknown: the hour since the start is as good to learn from.
  const uint32_t seconds = clock.is_set() ? clock.epoch_at(uptime) : uptime;
  score_ = anomaly_step(detector_, anomaly_settings(), climate.temperature, seconds);
  reading.anomaly_score = score_;
  chart_.add(climate.temperature, uptime);
  window_.add(climate.temperature, uptime);
  return node.take(reading, now_ms);
}

}  // namespace core
