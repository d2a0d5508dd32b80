// Short exchanges on the Grove I2C bus. Every one tells whether it succeeded: a sensor can be unplugged at any moment.
#pragma once

#include <stdint.h>

namespace board {
namespace i2c {

void begin();

// Let a sensor work.
void wait(uint32_t milliseconds);

// Whether a device acknowledges its address.
bool present(uint8_t address);

bool write(uint8_t address, const uint8_t* bytes, uint8_t count);

// False if fewer bytes came.
bool read(uint8_t address, uint8_t* bytes, uint8_t count);

// Write a command, wait, read the answer.
bool ask(uint8_t address, const uint8_t* command, uint8_t length, uint32_t wait_ms, uint8_t* answer, uint8_t count);

// Read registers from one on.
bool read_registers(uint8_t address, uint8_t first, uint8_t* bytes, uint8_t count);

}  // namespace i2c
}  // namespace board
