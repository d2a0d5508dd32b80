// A device's name: looked at letter by letter once, when the device is configured, and only copied from then on.
#pragma once

#include <stdint.h>

namespace core {

constexpr uint8_t kDeviceIdLimit = 128;  // letters

class DeviceId {
 public:
  // Take a name; it is not copied and has to stay where it is.
  explicit DeviceId(const char* text);

  // Whether it may be a device's: 1 to 128 of A-Z a-z 0-9 ':' '_' '-'. So it needs no escapes in JSON.
  bool valid() const { return length_ != 0; }

  const char* text() const { return text_; }
  uint8_t length() const { return length_; }  // letters; 0 if it is not valid

 private:
  const char* text_;
  uint8_t length_;
};

}  // namespace core
