// BME280: the sensor's own calibration turns raw counts into degrees Celsius and percent.
#pragma once

#include <stdint.h>

#include "sensor_math.h"

namespace core {

// The calibration of one sensor, as it stands in its registers.
struct Bme280 {
  uint16_t t1;
  int16_t t2, t3;
  uint8_t h1, h3;
  int16_t h2, h4, h5;
  int8_t h6;
};

// Read the calibration: 24 bytes from register 0x88 and the byte of 0xA1, then 7 bytes from 0xE1.
// Source: Bosch Sensortec BME280 datasheet, table 16.
Bme280 bme280_calibration(const uint8_t* low, uint8_t h1, const uint8_t* high);

// Compensate five bytes from register 0xFA: 20 bits of temperature, 16 bits of humidity. Integer arithmetic.
// Not valid while the sensor has not measured (0x800000, 0x8000). Source: BME280 datasheet, 4.2.3.
Climate bme280(const Bme280& calibration, const uint8_t* bytes);

}  // namespace core
