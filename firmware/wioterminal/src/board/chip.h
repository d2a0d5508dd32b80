// What the processor itself knows: a number that no other one has.
#pragma once

#include <stdint.h>

namespace board {

// Differs between boards, so that they do not come back all at once.
uint32_t serial_number();

}  // namespace board
