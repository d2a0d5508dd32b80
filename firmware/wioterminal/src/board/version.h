// The version that the status line reports and `lab device verify` expects.
#pragma once

constexpr char kFirmware[] = "1.0.0";
