#include "pipeline/dialect/header_shape.h"

#include "pipeline/dialect/syslog.h"

namespace vpnverdict::dialect {
namespace {

HeaderResult result_of(Matched matched) {
  switch (matched) {
    case Matched::yes:
      return HeaderResult::cut;
    case Matched::bad_field:
      return HeaderResult::bad_field;
    case Matched::ambiguous_field:
      return HeaderResult::ambiguous;
    case Matched::no:
    case Matched::partly:
      break;
  }
  return HeaderResult::not_mine;
}

HeaderResult cut_by_patterns(const HeaderShape& shape, std::string_view line, int year, Event& event, std::string_view& text) {
  if (shape.patterns.empty()) {
    text = line;
    return HeaderResult::cut;
  }
  HeaderResult refused = HeaderResult::not_mine;
  for (const Pattern& pattern : shape.patterns) {
    const HeaderResult result = result_of(pattern.match_header(line, year, event, &text));
    if (result == HeaderResult::cut) return result;
    if (refused == HeaderResult::not_mine) refused = result;
  }
  return refused;
}

}  // namespace

HeaderResult cut_by_shape(const HeaderShape& shape, std::string_view program, std::string_view line, const SourceState& state,
                          Event& event, std::string_view& text) {
  const bool envelope_says = !shape.program.empty() && program == shape.program;
  if (state.dialect != Dialect::custom && !envelope_says && !shape.mark.empty() &&
      line.find(shape.mark) == std::string_view::npos)
    return HeaderResult::not_mine;
  const int year = year_for(state, event);
  HeaderResult result = HeaderResult::not_mine;
  if (envelope_says || shape.program.empty()) result = cut_by_patterns(shape, trimmed(line), year, event, text);
  if (result == HeaderResult::not_mine) {
    SyslogHeader header;
    if (!cut_syslog(line, year, &header)) return result;
    if (!shape.program.empty() && header.program != shape.program) return result;
    const Timestamp before = event.time;
    const std::string_view device = event.device;
    result = cut_by_patterns(shape, header.text, year, event, text);
    if (result != HeaderResult::cut) return result;
    if (event.time == before) event.time = header.time;
    if (event.device.data() == device.data() && !header.host.empty()) event.device = header.host;
  }
  if (result == HeaderResult::cut && event.time == kUntimed) event.time = state.last_time;
  return result;
}

}  // namespace vpnverdict::dialect
