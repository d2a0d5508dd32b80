// Keeps the tables that Clang's coverage hands over when the library is loaded: a counter for each block, the address of
// each block, and which blocks follow which. Source: https://clang.llvm.org/docs/SanitizerCoverage.html
#include <stddef.h>
#include <stdint.h>

namespace {

struct Words {
  const uintptr_t* begin;
  const uintptr_t* end;
};

struct Bytes {
  const uint8_t* begin;
  const uint8_t* end;
};

Bytes counters;
Words blocks;
Words flow;

}  // namespace

extern "C" {

void __sanitizer_cov_8bit_counters_init(uint8_t* begin, uint8_t* end) { counters = {begin, end}; }
void __sanitizer_cov_pcs_init(const uintptr_t* begin, const uintptr_t* end) { blocks = {begin, end}; }
void __sanitizer_cov_cfs_init(const uintptr_t* begin, const uintptr_t* end) { flow = {begin, end}; }

// Each writes where a table begins and returns how many entries it has.
size_t coverage_counters(const uint8_t** out) {
  *out = counters.begin;
  return static_cast<size_t>(counters.end - counters.begin);
}

size_t coverage_blocks(const uintptr_t** out) {
  *out = blocks.begin;
  return static_cast<size_t>(blocks.end - blocks.begin);
}

size_t coverage_flow(const uintptr_t** out) {
  *out = flow.begin;
  return static_cast<size_t>(flow.end - flow.begin);
}

}
