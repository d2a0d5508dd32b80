#include "buttons.h"

#include <Arduino.h>

namespace board {
namespace {

constexpr uint32_t kBounceMs = 30;
constexpr uint8_t kPins[] = {WIO_KEY_A, WIO_KEY_B, WIO_KEY_C};

}  // namespace

void Buttons::begin() {
  for (const uint8_t pin : kPins) {
    pinMode(pin, INPUT_PULLUP);
  }
}

bool Buttons::pressed(Button button, uint32_t now_ms) {
  const uint8_t index = static_cast<uint8_t>(button);
  Key& key = keys_[index];
  const bool down = digitalRead(kPins[index]) == LOW;
  if (down == key.down || now_ms - key.changed_ms < kBounceMs) {
    return false;
  }
  key = {down, now_ms};
  return down;
}

}  // namespace board
