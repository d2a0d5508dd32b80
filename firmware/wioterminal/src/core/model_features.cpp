#include "model.h"

namespace core {
namespace {

constexpr int32_t kMost = 32767;

int32_t size_of(int32_t value) { return value < 0 ? -value : value; }

int32_t larger(int32_t a, int32_t b) { return a > b ? a : b; }

int32_t smaller(int32_t a, int32_t b) { return a < b ? a : b; }

int32_t median(int32_t a, int32_t b, int32_t c) { return larger(smaller(a, b), smaller(larger(a, b), c)); }

int16_t bounded(int32_t value) { return static_cast<int16_t>(larger(-kMost, smaller(kMost, value))); }

}  // namespace

void model_features(const int16_t* window, int16_t* features) {
  int32_t low = window[0], high = window[0], largest = 0, total = 0, zeros = 0, turns = 0, off = 0;
  int32_t halves = window[0], before = 0;
  for (int32_t i = 1; i < kModelWindow; ++i) {
    const int32_t step = window[i] - window[i - 1];
    low = smaller(low, window[i]);
    high = larger(high, window[i]);
    largest = larger(largest, size_of(step));
    total += size_of(step);
    zeros += step == 0;
    turns += (step < 0 && before > 0) || (step > 0 && before < 0);
    halves += i < kModelWindow / 2 ? window[i] : -window[i];
    if (i + 1 < kModelWindow) {
      off = larger(off, size_of(window[i] - median(window[i - 1], window[i], window[i + 1])));
    }
    before = step;
  }
  features[0] = bounded(high - low);
  features[1] = bounded(window[kModelWindow - 1] - window[0]);
  features[2] = bounded(largest);
  features[3] = bounded(total);
  features[4] = bounded(zeros);
  features[5] = bounded(turns);
  features[6] = bounded(off);
  features[7] = bounded(size_of(halves));
}

}  // namespace core
