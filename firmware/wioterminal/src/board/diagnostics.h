// The page behind button B: memory, stack, versions, counters, what detector and edge model say.
#pragma once

#include "../core/node.h"
#include "../core/recorder.h"
#include "screen.h"

namespace board {

void diagnose(Screen& screen, const core::Node& node, const char* radio, const char* reset_cause,
              const core::Recorder& recorder);

}  // namespace board
