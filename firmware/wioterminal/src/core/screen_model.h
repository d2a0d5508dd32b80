// What the screen shows, as text, and which lines changed: only those are drawn again, because drawing is slow.
#pragma once

#include "status.h"

namespace core {

enum class Line : uint8_t { kDevice, kState, kReading, kQueue, kSignal, kFault };

constexpr uint8_t kLineCount = 6;
constexpr uint8_t kLineCapacity = 48;

class ScreenModel {
 public:
  // Compose all lines from the state. Texts beyond a line's width are cut.
  void update(const Node& node, const Surroundings& around);

  const char* line(Line line) const { return lines_[static_cast<uint8_t>(line)]; }

  // Tell whether a line changed since it was last asked for.
  bool take_change(Line line);

 private:
  void show(Line line, const char* words);

  char lines_[kLineCount][kLineCapacity] = {};
  bool changed_[kLineCount] = {};
};

}  // namespace core
