#include "pipeline/verdict_json.h"

#include "pipeline/dialect/plain_text.h"
#include "pipeline/json_object.h"

namespace vpnverdict {
namespace {

constexpr char kHex[] = "0123456789abcdef";

void append_escape(std::uint32_t code, std::string& out) {
  out += "\\u";
  for (int shift = 12; shift >= 0; shift -= 4) out += kHex[(code >> shift) & 15];
}

bool is_continuation(char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }

// The code point of a valid sequence of `length` bytes.
std::uint32_t decode(std::string_view text, std::size_t length) {
  static constexpr std::uint32_t kLeadMask[] = {0, 0x7F, 0x1F, 0x0F, 0x07};
  std::uint32_t code = static_cast<unsigned char>(text[0]) & kLeadMask[length];
  for (std::size_t i = 1; i < length; ++i) code = code << 6 | (static_cast<unsigned char>(text[i]) & 0x3F);
  return code;
}

// Characters that move a terminal's cursor, end a line or hide text, beyond ASCII.
bool must_escape(std::uint32_t code) {
  return code < 0xA0 || (code >= 0x200B && code <= 0x200F) || (code >= 0x2028 && code <= 0x202E) ||
         (code >= 0x2066 && code <= 0x2069) || code == 0xFEFF;
}

// Days since 1970-01-01 to the civil date (the proleptic Gregorian calendar has a period of 146,097 days).
void civil_from_days(std::int64_t days, std::int64_t& year, unsigned& month, unsigned& day) {
  days += 719468;  // from 0000-03-01
  const std::int64_t era = (days >= 0 ? days : days - 146096) / 146097;
  const auto of_era = static_cast<unsigned>(days - era * 146097);
  const unsigned of_year = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
  const unsigned yday = of_era - (365 * of_year + of_year / 4 - of_year / 100);
  const unsigned shifted = (5 * yday + 2) / 153;
  day = yday - (153 * shifted + 2) / 5 + 1;
  month = shifted < 10 ? shifted + 3 : shifted - 9;
  year = static_cast<std::int64_t>(of_year) + era * 400 + (month <= 2 ? 1 : 0);
}

void append_source(std::uint32_t source, std::span<const std::string> sources, std::string& out) {
  if (source < sources.size()) append_json_string(sources[source], out);
  else append_json_string("source " + std::to_string(source), out);
}

// Most of a verdict's bytes, so what never changes is written in one piece.
void append_evidence(const Evidence& evidence, std::span<const std::string> sources, std::string& out) {
  out += evidence.side == Vantage::client ? R"({"side":"client","source":)" : R"({"side":"concentrator","source":)";
  append_source(evidence.ref.source, sources, out);
  out += R"(,"line":)";
  append_json_number(evidence.ref.position, out);
  out += R"(,"time":)";
  append_json_time(evidence.time, out);
  out += R"(,"text":)";
  append_json_string(evidence.text, out);
  out += R"(,"facts":)";
  append_json_facts(evidence.facts, out);
  out += '}';
}

}  // namespace

std::size_t utf8_length(std::string_view text) {
  if (text.empty()) return 0;
  const auto lead = static_cast<unsigned char>(text[0]);
  if (lead < 0x80) return 1;
  std::size_t length = 0;
  std::uint32_t least = 0;
  if (lead >= 0xC2 && lead <= 0xDF) {
    length = 2;
    least = 0x80;
  } else if ((lead & 0xF0) == 0xE0) {
    length = 3;
    least = 0x800;
  } else if (lead >= 0xF0 && lead <= 0xF4) {
    length = 4;
    least = 0x10000;
  } else {
    return 0;
  }
  if (text.size() < length) return 0;
  for (std::size_t i = 1; i < length; ++i)
    if (!is_continuation(text[i])) return 0;
  const std::uint32_t code = decode(text, length);
  const bool surrogate = code >= 0xD800 && code <= 0xDFFF;
  return code >= least && code <= 0x10FFFF && !surrogate ? length : 0;
}

void append_json_string(std::string_view text, std::string& out) {
  out += '"';
  std::size_t clean = 0;  // start of the run that can be copied as it is
  std::size_t i = 0;
  const auto flush = [&] { out.append(text.substr(clean, i - clean)); };
  for (;;) {
    i = dialect::end_of_plain<'"', '\\', '\x7F'>(text, i);
    if (i == text.size()) break;
    const auto c = static_cast<unsigned char>(text[i]);
    const std::size_t length = utf8_length(text.substr(i));
    if (length > 1 && !must_escape(decode(text.substr(i), length))) {
      i += length;
      continue;
    }
    flush();
    if (c == '"' || c == '\\') {
      out += '\\';
      out += static_cast<char>(c);
    } else if (c == '\n') {
      out += "\\n";
    } else if (c == '\t') {
      out += "\\t";
    } else if (c == '\r') {
      out += "\\r";
    } else {
      append_escape(length == 0 ? 0xFFFD : decode(text.substr(i), length), out);
    }
    i += length == 0 ? 1 : length;
    clean = i;
  }
  flush();
  out += '"';
}

void append_rfc3339(Timestamp time, std::string& out) {
  constexpr std::int64_t kDayMs = 24LL * 3600 * 1000;
  if (time == kUntimed) return;
  std::int64_t days = time / kDayMs;
  std::int64_t rest = time % kDayMs;
  if (rest < 0) {
    rest += kDayMs;
    --days;
  }
  if (days < -719162 || days > 2932896) return;
  std::int64_t year = 0;
  unsigned month = 0;
  unsigned day = 0;
  civil_from_days(days, year, month, day);
  char stamp[] = "0000-00-00T00:00:00.000Z";
  const auto put = [&stamp](std::size_t at, unsigned two_digits) {
    stamp[at] = static_cast<char>('0' + two_digits / 10);
    stamp[at + 1] = static_cast<char>('0' + two_digits % 10);
  };
  const auto of_day = static_cast<unsigned>(rest);
  const auto of_era = static_cast<unsigned>(year);
  put(0, of_era / 100);
  put(2, of_era % 100);
  put(5, month);
  put(8, day);
  put(11, of_day / 3600000);
  put(14, of_day / 60000 % 60);
  put(17, of_day / 1000 % 60);
  put(20, of_day % 1000 / 10);
  stamp[22] = static_cast<char>('0' + of_day % 10);
  out.append(stamp, sizeof stamp - 1);
}

std::string rfc3339(Timestamp time) {
  std::string out;
  append_rfc3339(time, out);
  return out;
}

std::string hex16(std::uint64_t value) {
  std::string out(16, '0');
  for (std::size_t i = 0; i < 16; ++i) out[15 - i] = kHex[(value >> (4 * i)) & 15];
  return out;
}

void append_json(const Verdict& verdict, std::span<const std::string> sources, std::string& out) {
  const auto cause = [&](Cause c) { append_json_string(name_of(c), out); };
  JsonObject object(out);
  object.number("schema", kVerdictSchemaVersion);
  object.term("id", hex16(verdict.id));
  object.number("revision", verdict.revision);
  object.term("about", verdict.about_session ? "session" : "attempt");
  object.term("attempt", hex16(verdict.about_session ? verdict.attempt : verdict.id));
  if (verdict.same_as != 0) object.term("same_as", hex16(verdict.same_as));
  object.term("state", verdict.final ? "final" : "provisional");
  object.term("outcome", name_of(verdict.outcome));
  object.term("cause", name_of(verdict.cause));
  object.number("step", static_cast<std::uint64_t>(verdict.step));
  object.term("grade", name_of(verdict.grade));
  object.term("actor", name_of(verdict.actor));
  object.text("peer_ip", verdict.peer_ip);
  object.text("client", verdict.client);
  object.text("concentrator", verdict.concentrator);
  object.text("group", verdict.group);
  object.text("user", verdict.user);
  object.time("started_at", verdict.started_at);
  object.time("ended_at", verdict.ended_at);
  object.number("legs", static_cast<std::uint64_t>(verdict.legs));
  object.term("reached", name_of(verdict.reached));
  object.array("evidence", verdict.evidence, [&](const Evidence& e) { append_evidence(e, sources, out); });
  object.array("alternatives", verdict.alternatives, cause);
  object.array("also_seen", verdict.also_seen, cause);
  object.text("next_check", verdict.next_check);
  object.text("remedy", verdict.remedy);
  object.term("join", name_of(verdict.join));
  object.number("rule", static_cast<std::uint64_t>(verdict.rule));
  if (verdict.partial) {
    object.boolean("partial", true);
    object.array("missing", verdict.missing, [&](std::uint32_t source) { append_source(source, sources, out); });
  }
  object.close();
}

std::string to_json(const Verdict& verdict, std::span<const std::string> sources) {
  std::string out;
  out.reserve(1024);
  append_json(verdict, sources, out);
  return out;
}

}  // namespace vpnverdict
