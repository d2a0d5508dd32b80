// A reading as the JSON message of the contract.
#pragma once

#include "contract.h"

namespace core {

// Write the message and return its length.
// Returns -1 if it does not fit, the name is not valid, the reading has no time yet or holds a value that is not a number.
// Members beyond the contract's four, each only when it says something: "simulated":true without a sensor,
// "anomaly_score", "anomaly":1 when the score reaches the detector's threshold, "dropped".
int16_t write_payload(char* out, uint16_t capacity, const DeviceId& device_id, const Reading& reading);

}  // namespace core
