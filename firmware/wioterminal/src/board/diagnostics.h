// The page behind button B: memory, stack, versions, counters.
#pragma once

#include "../core/node.h"
#include "screen.h"

namespace board {

void diagnose(Screen& screen, const core::Node& node, const char* radio, const char* reset_cause, float score);

}  // namespace board
