// The same bits everywhere: a compiler must not fuse a * b + c into one rounding, which an FPU may and a PC may not.
// Include it first in every .cpp that calculates with float. Source: ISO C11 6.5 (8), FP_CONTRACT.
#pragma once

#if defined(__clang__)
#pragma STDC FP_CONTRACT OFF
#elif defined(__GNUC__)
#pragma GCC optimize("fp-contract=off")  // GCC does not know the standard's pragma in C++
#endif
