// From the bytes of a sensor to degrees Celsius and percent.
#pragma once

#include <stdint.h>

namespace core {

struct Climate {
  float temperature;  // degrees Celsius
  float humidity;     // percent, 0 to 100
  bool valid;         // false: a checksum was wrong, or the sensor was not ready
};

// CRC-8, polynomial 0x31, start 0xFF, as SHT3x, SHT4x and DHT20 send it. Source: Sensirion SHT4x datasheet, 4.4.
uint8_t crc8(const uint8_t* bytes, uint8_t count);

// Six bytes: two of temperature, CRC, two of humidity, CRC. Source: Sensirion SHT4x datasheet, 4.6.
Climate sht4x(const uint8_t* bytes);

// The same six bytes with another scale of humidity. Source: Sensirion SHT3x-DIS datasheet, 4.13.
Climate sht3x(const uint8_t* bytes);

// Seven bytes: status, 20 bits of humidity, 20 bits of temperature, CRC. Source: Aosong DHT20 datasheet, 8.
Climate dht20(const uint8_t* bytes);

}  // namespace core
