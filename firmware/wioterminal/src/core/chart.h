// The last hour as one mean a minute, for the chart on the screen.
#pragma once

#include <stdint.h>

namespace core {

constexpr uint8_t kChartMinutes = 60;

class Chart {
 public:
  // Take a reading. Minutes without one stay empty.
  void add(float value, uint32_t uptime_s);

  // How many minutes there are, at most 60; 0 is the oldest.
  uint8_t size() const { return size_; }
  bool has(uint8_t index) const { return minutes_[slot(index)].count != 0; }
  float at(uint8_t index) const;

  // Height of a minute on the screen, 0 (lowest value of the hour) to height - 1; empty minutes and a flat line are 0.
  uint8_t height(uint8_t index, uint8_t height) const;

 private:
  struct Minute {
    float sum;
    uint16_t count;
  };

  uint8_t slot(uint8_t index) const { return static_cast<uint8_t>((first_ + index) % kChartMinutes); }
  void open(uint32_t minute);

  Minute minutes_[kChartMinutes] = {};
  uint8_t first_ = 0;
  uint8_t size_ = 0;
  uint32_t newest_ = 0;
};

}  // namespace core
