// A measured climate's way to the queue: the detector judges it, the chart shows it, the node stamps and sends it.
#pragma once

#include <stdint.h>

#include "anomaly.h"
#include "chart.h"
#include "model_window.h"
#include "node.h"
#include "sensor_math.h"

namespace core {

class Recorder {
 public:
  // Take a climate. False, and nothing learns from it, if it is not valid or not plausible.
  //   simulated  there is no sensor; the message says so
  bool record(Node& node, const Climate& climate, bool simulated, uint32_t now_ms);

  const Chart& chart() const { return chart_; }
  // The detector's score of the last reading, 0 (as usual) to 1.
  float score() const { return score_; }
  // What the edge model calls the last two hours, kModelUnknown in the first two and after a gap.
  int8_t kind() const { return window_.kind(); }

 private:
  AnomalyState detector_ = {};
  Chart chart_;
  ModelWindow window_;
  float score_ = 0.0f;
};

}  // namespace core
