// Texts whose every character has its place, such as the stamp of a log line: compared as a whole. Pure functions.
#pragma once

#include <array>
#include <cstddef>
#include <string_view>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace vpnverdict::dialect {

// True when `in` begins with the shape: a digit where it has 'd', anything where it has '?', and else the same characters.
template <const std::string_view& kShape>
bool has_shape(std::string_view in) {
  static_assert(kShape.size() >= 16 && kShape.size() <= 32);
  // A byte fits when it is, less the least that may stand in its place, no more than the span.
  static constexpr auto kLeast = [] {
    std::array<char, kShape.size()> least{};
    for (std::size_t i = 0; i < least.size(); ++i) least[i] = kShape[i] == 'd' ? '0' : kShape[i];
    return least;
  }();
  static constexpr auto kSpan = [] {
    std::array<unsigned char, kShape.size()> span{};
    for (std::size_t i = 0; i < span.size(); ++i) span[i] = kShape[i] == 'd' ? 9 : kShape[i] == '?' ? 255 : 0;
    return span;
  }();
  if (in.size() < kShape.size()) return false;
#if defined(__SSE2__)
  const auto sixteen = [](const void* from) { return _mm_loadu_si128(static_cast<const __m128i*>(from)); };
  const auto fits = [&](std::size_t at) {
    const __m128i above = _mm_sub_epi8(sixteen(in.data() + at), sixteen(kLeast.data() + at));
    return _mm_movemask_epi8(_mm_cmpeq_epi8(_mm_subs_epu8(above, sixteen(kSpan.data() + at)), _mm_setzero_si128())) == 0xFFFF;
  };
  return fits(0) && (kShape.size() == 16 || fits(kShape.size() - 16));
#else
  for (std::size_t i = 0; i < kShape.size(); ++i)
    if (static_cast<unsigned char>(in[i] - kLeast[i]) > kSpan[i]) return false;
  return true;
#endif
}

}  // namespace vpnverdict::dialect
