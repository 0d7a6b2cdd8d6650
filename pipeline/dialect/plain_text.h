// The bytes that a log line consists of nearly always, passed over sixteen at a time.
#pragma once

#include <bit>
#include <cstddef>
#include <string_view>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace vpnverdict::dialect {

// White space as JSON knows it.
inline bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

// Where the first byte stands, from `at` on, that is a control character, beyond ASCII, or one of kStops; the text's size when
// there is none.
template <char... kStops>
inline std::size_t end_of_plain(std::string_view text, std::size_t at = 0) {
#if defined(__SSE2__)
  const auto stops_among_sixteen = [text](std::size_t from) {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(text.data() + from));
    __m128i stops = _mm_subs_epi8(bytes, _mm_set1_epi8(' '));  // signed: those beyond ASCII are below, too; the sign is what counts
    ((stops = _mm_or_si128(stops, _mm_cmpeq_epi8(bytes, _mm_set1_epi8(kStops)))), ...);
    return static_cast<unsigned>(_mm_movemask_epi8(stops));
  };
  for (; at + 16 <= text.size(); at += 16)
    if (const unsigned stops = stops_among_sixteen(at)) return at + static_cast<std::size_t>(std::countr_zero(stops));
  if (at < text.size() && text.size() >= 16) {  // the last ones, with some before them once more
    const std::size_t from = text.size() - 16;
    const unsigned stops = stops_among_sixteen(from) >> (at - from);
    return stops != 0 ? at + static_cast<std::size_t>(std::countr_zero(stops)) : text.size();
  }
#endif
  const auto is_plain = [](char c) { return static_cast<signed char>(c) >= ' ' && ((c != kStops) && ...); };
  while (at < text.size() && is_plain(text[at])) ++at;
  return at;
}

}  // namespace vpnverdict::dialect
