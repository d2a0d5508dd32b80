// The LCD, 320 x 240: the lines of the core's screen model and the chart of the last hour, or a page of diagnostics.
#pragma once

#include <stdint.h>

#include "../core/chart.h"
#include "../core/screen_model.h"

namespace board {

class Screen {
 public:
  void begin();

  // A sentence over the whole screen, before anything else can be shown.
  void say(const char* words);

  // Draw what changed.
  void show(core::ScreenModel& model, const core::Chart& chart);

  // Change between the two pages. Returns whether diagnostics are shown now.
  bool toggle_diagnostics();
  bool diagnostics() const { return diagnostics_; }

  // One line of the page of diagnostics, from above.
  void diagnose(uint8_t row, const char* label, const char* value);

 private:
  void clear();
  void draw_line(core::Line line, const char* words);
  void draw_chart(const core::Chart& chart);

  uint8_t drawn_minutes_ = 0;
  float drawn_last_ = 0.0f;
  bool all_ = true;
  bool diagnostics_ = false;
};

}  // namespace board
