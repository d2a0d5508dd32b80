// The three buttons on the upper edge: A (right) publish now, B diagnostics, C (left) inject an anomaly.
#pragma once

#include <stdint.h>

namespace board {

enum class Button : uint8_t { kA, kB, kC };

class Buttons {
 public:
  void begin();

  // Whether a button went down since it was last asked for. Call it often: it looks at the pins.
  bool pressed(Button button, uint32_t now_ms);

 private:
  struct Key {
    bool down;
    uint32_t changed_ms;
  };

  Key keys_[3] = {};
};

}  // namespace board
