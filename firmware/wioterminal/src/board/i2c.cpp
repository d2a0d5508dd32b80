#include "i2c.h"

#include <Arduino.h>
#include <Wire.h>

namespace board {
namespace i2c {

void begin() {
  Wire.begin();
  Wire.setClock(100000);  // DHT20 and long Grove cables; Wire1 is the accelerometer's own bus
}

void wait(uint32_t milliseconds) { delay(milliseconds); }

bool present(uint8_t address) {
  Wire.beginTransmission(address);
  return Wire.endTransmission() == 0;
}

bool write(uint8_t address, const uint8_t* bytes, uint8_t count) {
  Wire.beginTransmission(address);
  Wire.write(bytes, static_cast<size_t>(count));
  return Wire.endTransmission() == 0;
}

bool read(uint8_t address, uint8_t* bytes, uint8_t count) {
  if (Wire.requestFrom(address, static_cast<size_t>(count)) != count) {
    return false;
  }
  for (uint8_t index = 0; index < count; ++index) {
    bytes[index] = static_cast<uint8_t>(Wire.read());
  }
  return true;
}

bool ask(uint8_t address, const uint8_t* command, uint8_t length, uint32_t wait_ms, uint8_t* answer, uint8_t count) {
  if (!write(address, command, length)) {
    return false;
  }
  wait(wait_ms);
  return read(address, answer, count);
}

bool read_registers(uint8_t address, uint8_t first, uint8_t* bytes, uint8_t count) {
  return ask(address, &first, 1, 0, bytes, count);
}

}  // namespace i2c
}  // namespace board
