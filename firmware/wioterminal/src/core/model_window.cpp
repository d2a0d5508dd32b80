#include "exact.h"

#include "model_window.h"

namespace core {

void ModelWindow::add(float value, uint32_t uptime_s) {
  const uint32_t step = uptime_s / kModelStepS;
  if (step != step_) {
    close();
    if (step != step_ + 1u) {
      size_ = 0;
      kind_ = kModelUnknown;
    }
    step_ = step;
  }
  sum_ += value;
  ++count_;
}

void ModelWindow::close() {
  if (count_ == 0) {
    return;
  }
  if (size_ == kModelWindow) {
    for (uint8_t i = 1; i < kModelWindow; ++i) {
      means_[i - 1] = means_[i];
    }
    --size_;
  }
  const float hundredths = sum_ / static_cast<float>(count_) * 100.0f;
  means_[size_++] = static_cast<int16_t>(hundredths < 0.0f ? hundredths - 0.5f : hundredths + 0.5f);
  sum_ = 0.0f;
  count_ = 0;
  if (size_ == kModelWindow) {
    kind_ = static_cast<int8_t>(model_class(means_));
  }
}

}  // namespace core
