#include "exact.h"

#include "chart.h"

namespace core {

void Chart::open(uint32_t minute) {
  const uint32_t gap = size_ == 0 ? 1u : minute - newest_;
  for (uint32_t step = 0; step < gap && step < kChartMinutes; ++step) {
    if (size_ == kChartMinutes) {
      first_ = slot(1);
      --size_;
    }
    minutes_[slot(size_)] = {0.0f, 0};
    ++size_;
  }
  newest_ = minute;
}

void Chart::add(float value, uint32_t uptime_s) {
  const uint32_t minute = uptime_s / 60u;
  if (size_ == 0 || minute > newest_) {
    open(minute);
  }
  Minute& last = minutes_[slot(static_cast<uint8_t>(size_ - 1))];
  if (last.count < 0xFFFFu) {
    last.sum += value;
    ++last.count;
  }
}

float Chart::at(uint8_t index) const {
  const Minute& minute = minutes_[slot(index)];
  return minute.count == 0 ? 0.0f : minute.sum / static_cast<float>(minute.count);
}

uint8_t Chart::height(uint8_t index, uint8_t height) const {
  if (!has(index)) {
    return 0;
  }
  float low = at(index);
  float high = low;
  for (uint8_t other = 0; other < size_; ++other) {
    if (has(other)) {
      low = at(other) < low ? at(other) : low;
      high = at(other) > high ? at(other) : high;
    }
  }
  if (!(high > low) || height == 0) {
    return 0;
  }
  return static_cast<uint8_t>((at(index) - low) / (high - low) * static_cast<float>(height - 1));
}

}  // namespace core
