// What the compiler and the core ask of the C library, for the emulated Cortex-M4 without one. Volatile, so that the
// loops are not turned into calls of themselves.
#include <stddef.h>

extern "C" {

void* memset(void* target, int value, size_t count) {
  volatile unsigned char* out = static_cast<unsigned char*>(target);
  while (count-- != 0) {
    *out++ = static_cast<unsigned char>(value);
  }
  return target;
}

// Four bytes at a time, from and to any address, as a Cortex-M4 can and as the board's C library does.
void* memcpy(void* target, const void* source, size_t count) {
  struct Word {
    unsigned int value;
  } __attribute__((packed, may_alias));
  volatile unsigned char* out = static_cast<unsigned char*>(target);
  const unsigned char* in = static_cast<const unsigned char*>(source);
  for (; count >= sizeof(Word); count -= sizeof(Word), out += sizeof(Word), in += sizeof(Word)) {
    reinterpret_cast<volatile Word*>(out)->value = reinterpret_cast<const Word*>(in)->value;
  }
  while (count-- != 0) {
    *out++ = *in++;
  }
  return target;
}

void* memmove(void* target, const void* source, size_t count) {
  volatile unsigned char* out = static_cast<unsigned char*>(target);
  const volatile unsigned char* in = static_cast<const unsigned char*>(source);
  if (out <= in) {
    return memcpy(target, source, count);  // upwards: what is read was not written yet
  }
  while (count-- != 0) {
    out[count] = in[count];
  }
  return target;
}

size_t strlen(const char* words) {
  const volatile char* end = words;
  while (*end != '\0') {
    ++end;
  }
  return static_cast<size_t>(end - words);
}

int strncmp(const char* one, const char* other, size_t count) {
  for (; count != 0; ++one, ++other, --count) {
    if (*one != *other || *one == '\0') {
      return static_cast<unsigned char>(*one) - static_cast<unsigned char>(*other);
    }
  }
  return 0;
}

// The compiler's own names for them; the arguments of memset stand in another order.
void __aeabi_memcpy(void* target, const void* source, size_t count) { memcpy(target, source, count); }
void __aeabi_memcpy4(void* target, const void* source, size_t count) { memcpy(target, source, count); }
void __aeabi_memcpy8(void* target, const void* source, size_t count) { memcpy(target, source, count); }
void __aeabi_memmove(void* target, const void* source, size_t count) { memmove(target, source, count); }
void __aeabi_memmove4(void* target, const void* source, size_t count) { memmove(target, source, count); }
void __aeabi_memmove8(void* target, const void* source, size_t count) { memmove(target, source, count); }
void __aeabi_memset(void* target, size_t count, int value) { memset(target, value, count); }
void __aeabi_memclr(void* target, size_t count) { memset(target, 0, count); }
void __aeabi_memclr4(void* target, size_t count) { memset(target, 0, count); }
void __aeabi_memclr8(void* target, size_t count) { memset(target, 0, count); }
}
