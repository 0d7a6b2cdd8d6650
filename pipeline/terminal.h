// Text for people: nothing from a log reaches a terminal raw, and lines end at 100 columns. Pure functions.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace vpnverdict {

inline constexpr std::size_t kTerminalColumns = 100;

// The text with every byte that could move the cursor, end the line or hide text replaced: control characters
// become '?' (tabs and line ends a blank), bytes that are no UTF-8 become U+FFFD, bidi and zero-width signs go.
std::string printable(std::string_view text);
// Code points of a printable text; good enough for columns.
std::size_t width_of(std::string_view text);
// Breaks a printable text at blanks into lines of at most `columns`; a longer word is cut.
std::vector<std::string> wrapped(std::string_view text, std::size_t columns);
// At most `columns`, the rest as "…".
std::string shortened(std::string_view text, std::size_t columns);
// The same from the other end, "…" and the end of the text: the end of a path is what names the file.
std::string shortened_front(std::string_view text, std::size_t columns);
std::string padded(std::string_view text, std::size_t columns);
std::string padded_left(std::string_view text, std::size_t columns);
std::string with_thousands(std::uint64_t number);

enum class Style : std::uint8_t { plain, bold, dim, red, green, yellow };
// The text in a style; unchanged when `colour` is false.
std::string styled(std::string_view text, Style style, bool colour);
// True when the descriptor is a terminal that wants colours: NO_COLOR unset or empty, TERM not "dumb".
bool wants_colour(int descriptor);

}  // namespace vpnverdict
