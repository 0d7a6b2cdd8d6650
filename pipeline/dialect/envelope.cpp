#include "pipeline/dialect/envelope.h"

#include <algorithm>
#include <bit>
#include <charconv>
#include <cmath>
#include <cstring>

#include "correlator/limits.h"
#include "pipeline/dialect/envelope_fields.h"
#include "pipeline/dialect/envelope_json.h"
#include "pipeline/dialect/envelope_repair.h"
#include "pipeline/dialect/envelope_stencil.h"
#include "pipeline/dialect/plain_text.h"
#include "pipeline/dialect/syslog.h"
#include "pipeline/dialect/time.h"

namespace vpnverdict::dialect {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
constexpr Timestamp kMillisPerDay = 86'400'000;

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_blank(char c) { return c == ' ' || c == '\t'; }

std::string_view without_leading_blanks(std::string_view text) {
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  return text;
}

// Line ends, and the NUL bytes that C programs send along.
std::string_view without_line_end(std::string_view text) {
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r' || text.back() == '\0')) text.remove_suffix(1);
  return text;
}

// '{' is JSON, '[' only in front of an object or nothing: "[IKEv1]: Group = …" is a log line.
bool looks_like_json(std::string_view payload) {
  std::size_t i = 0;
  while (i < payload.size() && is_space(payload[i])) ++i;
  if (i == payload.size()) return false;
  if (payload[i] == '{') return true;
  if (payload[i] != '[') return false;
  do ++i;
  while (i < payload.size() && is_space(payload[i]));
  return i < payload.size() && (payload[i] == '{' || payload[i] == ']');
}

// "#011" to a tab and so on: rsyslog's way to write control characters in one line. Returns `text` when there is nothing
// to do.
std::string_view unescape_octal(std::string_view text, std::string& scratch) {
  constexpr std::pair<std::string_view, char> kCodes[] = {{"#011", '\t'}, {"#012", '\n'}, {"#015", '\r'}, {"#000", '\0'}};
  std::size_t at = text.find("#0");
  if (at == std::string_view::npos) return text;
  scratch.clear();
  std::size_t done = 0;
  for (; at != std::string_view::npos; at = text.find("#0", at)) {
    const std::string_view code = text.substr(at, 4);
    const auto* hit = std::find_if(std::begin(kCodes), std::end(kCodes), [&](const auto& row) { return row.first == code; });
    if (hit == std::end(kCodes)) {
      at += 2;
      continue;
    }
    scratch.append(text.substr(done, at - done));
    scratch.push_back(hit->second);
    at += 4;
    done = at;
  }
  if (done == 0) return text;
  scratch.append(text.substr(done));
  return scratch;
}

// Nothing to do for finish_text(), nor a doubt about its UTF-8.
bool is_finished(std::string_view text) { return end_of_plain<'#'>(text) == text.size(); }

// "10.1.2.3:514" and "[2001:db8::1]:514" without the port.
std::string_view address_of(std::string_view text) {
  if (text.starts_with('[')) {
    const std::size_t close = text.find(']');
    return close == std::string_view::npos ? text : text.substr(1, close - 1);
  }
  const std::size_t colon = text.find(':');
  return colon != std::string_view::npos && text.find(':', colon + 1) == std::string_view::npos ? text.substr(0, colon) : text;
}

// Seconds, milliseconds, microseconds or nanoseconds since 1970, told apart by size (all four are unambiguous
// between 1973 and 5138).
bool parse_epoch(std::string_view text, Timestamp* out) {
  const char* const last = text.data() + text.size();
  std::int64_t whole = 0;
  double value = 0;
  auto [end, error] = std::from_chars(text.data(), last, whole);
  value = static_cast<double>(whole);
  if (error == std::errc{} && end != last && (*end == '.' || (*end | 0x20) == 'e')) {
    const auto fraction = std::from_chars(text.data(), last, value);
    end = fraction.ptr;
    error = fraction.ec;
  }
  if (error != std::errc{} || !std::all_of(end, last, is_space)) return false;
  if (!std::isfinite(value) || value < 1e8) return false;
  double millis = 0;
  if (value < 1e11) {
    millis = value * 1e3;
  } else if (value < 1e14) {
    millis = value;
  } else if (value < 1e17) {
    millis = value / 1e3;
  } else if (value < 1e20) {
    millis = value / 1e6;
  } else {
    return false;
  }
  *out = static_cast<Timestamp>(std::llround(millis));
  return true;
}

// "2026-11-25 12:39:29 +0100": the offset behind a blank, as Fluent Bit prints Windows times.
Timestamp blank_offset(std::string_view rest) {
  if (rest.size() < 6 || rest[0] != ' ' || (rest[1] != '+' && rest[1] != '-')) return 0;
  const bool east = rest[1] == '+';
  rest.remove_prefix(2);
  int hours = 0;
  int minutes = 0;
  if (!take_digits(rest, 2, &hours)) return 0;
  if (rest.starts_with(':')) rest.remove_prefix(1);
  take_digits(rest, 2, &minutes);
  const Timestamp offset = (Timestamp{hours} * 60 + minutes) * 60'000;
  return east ? offset : -offset;
}

bool parse_time(std::string_view text, Timestamp record_time, IsoStamps& stamps, Timestamp* out) {
  std::string_view rest = text;
  if (stamps.take(rest, out)) {
    *out -= blank_offset(rest);
    return true;
  }
  if (parse_epoch(text, out)) return true;
  const int year = year_of(record_time);
  if (!take_month_stamp(rest, year, out)) return false;
  // A line of 31 December that was received in January.
  if (record_time != kUntimed && *out > record_time + kMillisPerDay && rest.size() < text.size()) {
    std::string_view again = text;
    Timestamp last_year;
    if (take_month_stamp(again, year - 1, &last_year)) *out = last_year;
  }
  return true;
}

// "d/d/d" or "d:d:d": the date or clock of a VPN 3000 or Cisco client header.
bool is_stamp_word(std::string_view word, char separator) {
  return word.size() >= 6 && is_digit(word.front()) && is_digit(word.back()) &&
         std::count(word.begin(), word.end(), separator) == 2 &&
         std::all_of(word.begin(), word.end(), [&](char c) { return is_digit(c) || c == separator || c == '.'; });
}

// `text` begins with the date, clock or severity of a header whose sequence number is missing: "04/07/2005 20:12:14.500
// SEV=7 …", " 20:12:14.500 SEV=7 …", "06/20/05  Sev=Info/4 …".
bool is_headless(std::string_view text) {
  for (int words = 0; words < 3; ++words) {
    text = without_leading_blanks(text);
    if (text.size() > 4 && (text[0] | 0x20) == 's' && (text[1] | 0x20) == 'e' && (text[2] | 0x20) == 'v' && text[3] == '=')
      return true;
    if (text.empty() || !is_digit(text.front())) return false;
    const std::string_view word = text.substr(0, text.find_first_of(" \t"));
    if (!is_stamp_word(word, '/') && !is_stamp_word(word, ':')) return false;
    text.remove_prefix(word.size());
  }
  return false;
}

bool begins_with_whole_document(std::string_view payload) {
  std::string_view rest = without_leading_blanks(payload);
  return !cut_document(rest).empty() && !std::all_of(rest.begin(), rest.end(), is_space);
}

bool all_digits(std::string_view word) { return !word.empty() && std::all_of(word.begin(), word.end(), is_digit); }
std::uint64_t number_of(std::string_view word) {  // 0 when it is none
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), number);
  return error == std::errc() && end == word.data() + word.size() ? number : 0;
}

// A tag that is no program but the beginning of the message: sequence number, date, clock, "%ASA-6-113039", "[IKEv1]".
bool is_message_start(std::string_view tag) {
  if (tag.empty()) return false;
  if (tag.front() == '%' || tag.front() == '[') return true;
  if (tag.back() == ':') tag.remove_suffix(1);
  return all_digits(tag) || is_stamp_word(tag, '/') || is_stamp_word(tag, ':');
}

}  // namespace

class Envelope::Opener {
 public:
  explicit Opener(const EnvelopeFields& extra) : fields_(extra), loop_(choose_loop()) {}

  void open(std::string_view payload, SourceRef ref, Timestamp record_time, const Receiver& receiver) {
    ref_ = ref;
    record_time_ = record_time;
    receiver_ = &receiver;
    if (payload.starts_with(kByteOrderMark)) payload.remove_prefix(kByteOrderMark.size());
    payload = without_line_end(payload);
    if (payload.size() > kPayloadBytesMax) {
      reject(Reject::too_long, payload);
    } else if (looks_like_json(payload)) {
      open_json(payload);
    } else {
      open_plain(payload);
    }
  }

  std::uint64_t by_stencil() const { return stencils_.fitted(); }

  std::array<std::uint64_t, kShapes> shapes{};
  std::uint64_t repaired = 0;
  std::uint64_t rebuilt = 0;
  std::string_view code_path = "baseline";

 private:
  std::unique_ptr<JsonLoop> choose_loop() {
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__)
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi") && __builtin_cpu_supports("pclmul") &&
        __builtin_cpu_supports("lzcnt"))
      if (std::unique_ptr<JsonLoop> loop = make_json_loop_haswell()) {
        code_path = "haswell";
        return loop;
      }
#endif
    return make_json_loop_baseline();
  }

  void reject(Reject reason, std::string_view text) { receiver_->on_reject(receiver_->reject_context, reason, text); }

  void emit(Line& line) {
    line.ref = ref_;
    if (line.text.size() > kLineBytesMax) {
      reject(Reject::too_long, line.text);
    } else {
      receiver_->on_line(receiver_->line_context, line);
    }
  }

  // ---- plain text

  void open_plain(std::string_view payload) {
    std::string_view frame;
    while (std::size_t used = octet_counted_frame(payload, &frame)) {
      plain_line(frame, true);
      payload.remove_prefix(used);
      if (payload.starts_with('\n')) payload.remove_prefix(1);
      if (payload.empty()) return;
    }
    if (is_finished(payload)) return finished_line(payload, false);  // one line, as nearly always
    for (;;) {
      const std::size_t end = payload.find('\n');
      plain_line(payload.substr(0, end), false);
      if (end == std::string_view::npos) return;
      payload.remove_prefix(end + 1);
    }
  }

  void finished_line(std::string_view text, bool whole_message) {
    ++shapes[static_cast<std::size_t>(Shape::bare)];
    Line line;
    line.received = record_time_;
    line.text = text;
    line.complete = whole_message;
    line.plain = true;
    emit(line);
  }

  void plain_line(std::string_view text, bool whole_message) {
    if (is_finished(text)) return finished_line(text, whole_message);
    ++shapes[static_cast<std::size_t>(Shape::bare)];
    Line line;
    line.received = record_time_;
    if (!is_valid_utf8(text)) {  // line by line: a frame's count is in bytes as sent, and may cut a character
      repair_utf8(text, repaired_);
      text = repaired_;
      ++repaired;
    }
    finish_text(text, line);
    line.complete = line.complete || whole_message;
    emit(line);
  }

  // What every text gets, wherever it comes from. A text with a line break inside is a whole message.
  void finish_text(std::string_view text, Line& line) {
    if (is_finished(text)) {
      line.text = text;
      line.plain = true;
      return;
    }
    if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
    text = without_line_end(unescape_octal(without_line_end(text), unescaped_));
    line.text = text;
    line.complete = text.find('\n') != std::string_view::npos;
  }

  // ---- JSON

  JsonResult read(std::string_view document) {
    if (buffer_size_ < document.size() + kJsonPadding || buffer_size_ > kBufferKept + kJsonPadding) {
      buffer_size_ = std::max(document.size(), kBufferKept) + kJsonPadding;
      buffer_ = std::make_unique<char[]>(buffer_size_);
    }
    std::memcpy(buffer_.get(), document.data(), document.size());
    std::memset(buffer_.get() + document.size(), 0, kJsonPadding);
    drafts_.clear();
    return loop_->read({buffer_.get(), document.size()}, fields_, drafts_);
  }

  // `mended` must not be the string that `document` stands in.
  JsonResult read_or_repair(std::string_view& document, std::string& mended) {
    const JsonResult result = read(document);
    if (result != JsonResult::bad_text) return result;
    repair_json(document, mended);
    document = mended;
    const JsonResult again = read(document);
    if (again == JsonResult::read || again == JsonResult::trailing) ++repaired;
    return again;
  }

  void open_json(std::string_view payload) {
    if (Draft draft; stencils_.read(payload, draft)) {
      deliver(draft, payload);
      return;
    }
    const std::string_view sent = payload;
    const JsonResult result = read_or_repair(payload, repaired_);
    if (result == JsonResult::read && payload.data() == sent.data() && drafts_.size() == 1) {
      const Draft draft = drafts_.front();
      deliver(draft, payload);
      stencils_.missed(payload, draft, parse_);
      return;
    }
    // A torn last document must not take the whole ones before it along.
    if (result != JsonResult::trailing && !(result == JsonResult::bad && begins_with_whole_document(payload))) {
      deliver(result, payload);
      return;
    }
    std::string_view rest = payload;
    for (;;) {
      while (!rest.empty() && is_space(rest.front())) rest.remove_prefix(1);
      if (rest.empty()) return;
      std::string_view document = cut_document(rest);
      if (document.empty()) {
        reject(Reject::bad_json, rest);
        return;
      }
      const JsonResult one = read_or_repair(document, mended_);
      deliver(one == JsonResult::trailing ? JsonResult::bad : one, document);
    }
  }

  void deliver(JsonResult result, std::string_view document) {
    if (result == JsonResult::too_many) {
      reject(Reject::too_long, document);
    } else if (result != JsonResult::read) {
      reject(Reject::bad_json, document);
    } else if (drafts_.empty()) {
      reject(Reject::no_message, document);
    } else {
      for (const Draft& draft : drafts_) deliver(draft, document);
    }
  }

  void deliver(const Draft& draft, std::string_view document) {
    ++shapes[static_cast<std::size_t>(shape_of(draft))];
    if (!draft.has(Slot::message) && !draft.has(Slot::raw)) {
      reject(Reject::no_message, document);
      return;
    }
    Line line;
    line.received = record_time_;
    if (draft.has(Slot::time)) {
      Timestamp received;
      if (parse_time(draft[Slot::time], record_time_, stamps_, &received)) line.received = received;
    }
    line.group = draft[Slot::group];
    line.user = draft[Slot::user];
    line.session = number_of(draft[Slot::session]);
    line.program = draft.has(Slot::program) ? program_of_tag(draft[Slot::program]) : program_of_tag(draft[Slot::tag]);
    const std::string_view text = message_of(draft, line);
    line.peer = address_of(draft.has(Slot::sender) ? draft[Slot::sender] : draft[Slot::peer]);
    line.host = host_of(draft, line.peer);
    if (draft.plain && text.find('#') == std::string_view::npos) {
      line.text = text;
      line.plain = true;
    } else {
      finish_text(text, line);
    }
    emit(line);
  }

  static Shape shape_of(const Draft& draft) {
    return draft.shapes == 0 ? Shape::other_json : static_cast<Shape>(std::countr_zero(draft.shapes));
  }

  // A number in the host field is a VPN 3000 sequence number. Where a Beat listened on the network, host.name is the
  // Beat's own: unless a syslog header named the device, the sender's address is the better name.
  std::string_view host_of(const Draft& draft, std::string_view peer) const {
    const std::string_view host = draft[Slot::host];
    const bool named = draft.has(Slot::host) && host != "-" && !all_digits(host);
    const bool named_by_collector = draft.has(Slot::sender) && draft.rank(Slot::host) < kDeviceHostRank;
    if (named && !named_by_collector) return address_of(host);
    if (draft.has(Slot::relay)) return address_of(draft[Slot::relay]);
    if (!peer.empty()) return peer;
    return named ? host : std::string_view{};
  }

  // The message, with the beginning that an RFC 3164 parser took for host name and tag put back.
  std::string_view message_of(const Draft& draft, Line& line) {
    if (!draft.has(Slot::message)) return draft[Slot::raw];
    std::string_view message = draft[Slot::message];
    if (draft.shapes & (1u << static_cast<unsigned>(Shape::rsyslog))) message = without_leading_blanks(message);
    const std::string_view tag = draft.has(Slot::tag) ? draft[Slot::tag] : draft[Slot::program];
    const bool tag_is_text = is_message_start(tag);
    if (!tag_is_text && !is_headless(message)) return message;
    line.program = {};
    if (draft.has(Slot::raw)) {
      if (draft[Slot::raw] != message) ++rebuilt;
      return draft[Slot::raw];
    }
    if (!tag_is_text && !draft.has(Slot::legacy_header)) return message;
    std::string_view start = draft.has(Slot::legacy_header) ? draft[Slot::legacy_header] : tag;
    while (!start.empty() && is_blank(start.back())) start.remove_suffix(1);
    message = without_leading_blanks(message);
    if (start.empty() || message.starts_with(start)) return message;
    ++rebuilt;
    whole_.clear();
    if (all_digits(draft[Slot::host]) && !all_digits(start)) whole_.append(draft[Slot::host]).push_back(' ');
    whole_.append(start);
    if (start.front() == '%' && start.back() != ':') whole_.push_back(':');
    whole_.push_back(' ');
    whole_.append(message);
    return whole_;
  }

  static constexpr std::size_t kBufferKept = 1024 * 1024;
  static constexpr std::uint8_t kDeviceHostRank = 149;  // "hostname" and "log.syslog.hostname" head the host rows

  const FieldTable fields_;
  std::unique_ptr<JsonLoop> loop_;
  std::unique_ptr<char[]> buffer_;
  std::size_t buffer_size_ = 0;
  std::vector<Draft> drafts_;
  Stencils stencils_;
  IsoStamps stamps_;
  const Stencils::Parse parse_ = [this](std::string_view document) {
    return read(document) == JsonResult::read && drafts_.size() == 1 ? &drafts_.front() : nullptr;
  };
  std::string repaired_;   // the whole payload, or one plain line, when it had to be repaired
  std::string mended_;     // one of several documents, the same
  std::string whole_;      // a message put together again
  std::string unescaped_;  // a message without rsyslog's escapes
  SourceRef ref_;
  Timestamp record_time_ = kUntimed;
  const Receiver* receiver_ = nullptr;
};

Envelope::Envelope(const EnvelopeFields& extra) : opener_(std::make_unique<Opener>(extra)) {}
Envelope::~Envelope() = default;
Envelope::Envelope(Envelope&&) noexcept = default;
Envelope& Envelope::operator=(Envelope&&) noexcept = default;

const std::array<std::uint64_t, kShapes>& Envelope::shapes() const { return opener_->shapes; }
std::uint64_t Envelope::repaired() const { return opener_->repaired; }
std::uint64_t Envelope::rebuilt() const { return opener_->rebuilt; }
std::uint64_t Envelope::by_stencil() const { return opener_->by_stencil(); }
std::string_view Envelope::code_path() const { return opener_->code_path; }

void Envelope::open_into(std::string_view payload, SourceRef ref, Timestamp record_time, const Receiver& receiver) {
  opener_->open(payload, ref, record_time, receiver);
}

}  // namespace vpnverdict::dialect
