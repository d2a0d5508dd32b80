// The edge model: which of six classes a window of readings belongs to. lab/edge_model.py is the same, step by step.
#pragma once

#include <stdint.h>

namespace core {

constexpr int32_t kModelWindow = 12;    // readings, hundredths of a degree Celsius
constexpr int32_t kModelFeatures = 8;   // whole numbers, see lab/edge_model.py

// Write the features of a window. Sums that leave int16 stay at its end.
void model_features(const int16_t* window, int16_t* features);

// Return the class of a window: 0 normal, 1 spike, 2 jump, 3 drift, 4 noise, 5 stuck.
int32_t model_class(const int16_t* window);

}  // namespace core
