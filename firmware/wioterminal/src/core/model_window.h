// What the last two hours looked like: the readings' means of ten minutes, and the class that the edge model gives them.
#pragma once

#include <stdint.h>

#include "model.h"

namespace core {

constexpr uint32_t kModelStepS = 600;  // the model was trained on one value in ten minutes

class ModelWindow {
 public:
  // Take a reading. After ten minutes without one the window begins anew: the model has never seen a gap.
  void add(float value, uint32_t uptime_s);

  // The class of the last full window (model.h), kModelUnknown while there is none.
  int8_t kind() const { return kind_; }

 private:
  void close();

  int16_t means_[kModelWindow] = {};
  float sum_ = 0.0f;
  uint32_t step_ = 0;
  uint16_t count_ = 0;
  uint8_t size_ = 0;
  int8_t kind_ = kModelUnknown;
};

}  // namespace core
