#include "device_id.h"

namespace core {
namespace {

// One bit for each ASCII letter that a name may have: '-' 0-9 ':', A-Z '_', a-z.
constexpr uint32_t kAllowed[4] = {0, 0x07FF2000u, 0x87FFFFFEu, 0x07FFFFFEu};

bool allowed(char letter) {
  const uint8_t code = static_cast<uint8_t>(letter);
  return code < 128 && ((kAllowed[code / 32u] >> (code % 32u)) & 1u) != 0;
}

}  // namespace

DeviceId::DeviceId(const char* text) : text_(text), length_(0) {
  const char* end = text;
  while (allowed(*end)) {
    ++end;
  }
  if (*end == '\0' && end - text <= kDeviceIdLimit) {
    length_ = static_cast<uint8_t>(end - text);
  }
}

}  // namespace core
