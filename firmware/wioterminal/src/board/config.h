// What a workshop may want to change. Names and keys stand in secrets.h.
#pragma once

#include <stdint.h>

namespace config {

constexpr uint32_t kReadingMs = 5000;       // one reading in so many milliseconds
constexpr uint32_t kStatusMs = 1000;        // one status line on serial in so many
constexpr uint32_t kLinkCheckMs = 5000;     // ask the WiFi module so often whether the network is still joined
constexpr bool kAlwaysSimulate = false;     // true: do not look for a sensor
constexpr float kInjectedDegrees = 8.0f;    // what button C adds to a reading, to see the detector answer

// How long the WiFi module may take. Its calls block; a longer silence restarts the board.
constexpr uint32_t kAddressMs = 5000;       // from the network being joined to an address
constexpr int32_t kTlsTimeoutMs = 15000;    // handshake; name look-up and TCP come on top
constexpr int kMqttTimeoutMs = 8000;        // below core::kPublishMs: the library's answer comes first
constexpr int kKeepAliveS = 60;             // AWS IoT takes 30 to 1,200
constexpr uint32_t kRadioBudgetMs = 90000;  // join, time, TLS, MQTT
constexpr uint32_t kUsualBudgetMs = 15000;  // everything else

}  // namespace config
