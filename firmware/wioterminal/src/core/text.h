// Text into a buffer of fixed size, without heap and without printf: what does not fit makes the whole text invalid.
#pragma once

#include <stddef.h>
#include <stdint.h>

namespace core {

class Text {
 public:
  // capacity counts the closing NUL.
  Text(char* out, uint16_t capacity);

  Text& add(const char* words);
  // The same for words whose length is known: a plain copy. What does not fit is cut.
  Text& append(const char* words, size_t length);
  template <size_t Size>
  Text& literal(const char (&words)[Size]) {
    return append(words, Size - 1);
  }
  Text& add(uint32_t number);
  // A fixed-point number with two decimals, rounded half away from zero. Beyond +-1e6, or not finite: invalid.
  Text& add_hundredths(float value);
  // A JSON member "name":value, with a comma if it is not the first in its object.
  Text& member(const char* name, uint32_t value);
  Text& member(const char* name, float value);
  // A value of printable ASCII; quotes and backslashes are escaped, anything else becomes '?'.
  Text& member(const char* name, const char* value);

  // Length without the NUL, or -1 if something did not fit or was not a number.
  int16_t length() const { return valid_ ? static_cast<int16_t>(next_ - out_) : static_cast<int16_t>(-1); }

 private:
  void put(char letter);
  void name(const char* name);
  void put_quoted(char letter);

  char* out_;
  char* next_;  // where the next letter goes; a NUL stands there
  char* last_;  // where no letter may go, because the NUL needs it
  bool valid_;
};

}  // namespace core
