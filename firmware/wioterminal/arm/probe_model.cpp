#include "probe.h"

#include "../src/core/model.h"

void probe_classes(const int16_t* windows, uint32_t count, int16_t* features, int32_t* classes) {
  for (uint32_t index = 0; index < count; ++index) {
    core::model_features(windows + index * core::kModelWindow, features + index * core::kModelFeatures);
    classes[index] = core::model_class(windows + index * core::kModelWindow);
  }
}
