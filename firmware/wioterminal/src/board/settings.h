// secrets.h, which `lab device secrets` writes, and whether it is complete.
#pragma once

#if !__has_include("../../secrets.h")
#error "secrets.h is missing: run `lab device secrets DEVICE_ID`, or copy secrets.example.h and fill it in"
#endif

#include "../../secrets.h"

namespace board {

// Without an authority the WiFi module would check nothing, silently; so all three must be there.
bool settings_complete();

}  // namespace board
