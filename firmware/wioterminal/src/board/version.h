// The version that the status line reports and `lab device verify` expects.
#pragma once

namespace board {

constexpr char kFirmware[] = "1.0.0";

}  // namespace board
