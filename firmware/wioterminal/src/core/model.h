// The edge model: which of six classes a window of readings belongs to. lab/edge_model.py is the same, step by step.
#pragma once

#include <stdint.h>

namespace core {

constexpr int32_t kModelWindow = 12;    // readings, hundredths of a degree Celsius
constexpr int32_t kModelFeatures = 8;   // whole numbers, see lab/edge_model.py
constexpr int8_t kModelUnknown = -1;    // no class: there is no full window yet

// Write the features of a window. Sums that leave int16 stay at its end.
void model_features(const int16_t* window, int16_t* features);

// Return the class of a window: 0 normal, 1 spike, 2 jump, 3 drift, 4 noise, 5 stuck.
int32_t model_class(const int16_t* window);

// The name of a class; kModelUnknown has none, and any other number neither: "".
const char* model_word(int8_t kind);

}  // namespace core
