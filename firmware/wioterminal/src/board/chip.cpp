#include "chip.h"

namespace board {

// The first word of the serial number. Source: SAM D5x/E5x data sheet, 9.6.
uint32_t serial_number() { return *reinterpret_cast<const volatile uint32_t*>(0x008061FC); }

}  // namespace board
