// What can go wrong, with a code that the serial line, the screen and docs/device.md share.
#pragma once

#include <stdint.h>

namespace core {

enum class Fault : uint8_t {
  kNone,
  kRadio,         // the WiFi module does not answer
  kWifi,          // the network was not joined
  kTime,          // no time from the server in time
  kTimeWrong,     // a time outside 2024 to 2049, or far from a clock that runs
  kTls,           // no TCP connection, or the handshake failed
  kMqttRefused,   // the broker said no
  kNotAcknowledged,
  kLinkLost,
  kPayload,       // a reading could not be written
  kSecrets,       // certificate, key or authority is missing
};

constexpr uint8_t kFaultCount = 11;

// The code, such as "tls"; "none" without a fault.
const char* fault_code(Fault fault);

// The sentence for the screen, at most 40 characters.
const char* fault_words(Fault fault);

}  // namespace core
