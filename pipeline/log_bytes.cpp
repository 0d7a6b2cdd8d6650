#include "pipeline/log_bytes.h"

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <cstring>
#include <new>
#include <span>
#include <utility>

#include <unistd.h>
#include <zlib.h>

namespace vpnverdict {
namespace {

constexpr std::size_t kPackedBytes = std::size_t{1} << 16;
constexpr std::string_view kGzip = "\x1F\x8B";
// Packed by other programs: said in one sentence rather than read as lines that nobody understands.
constexpr struct {
  std::string_view magic;
  std::string_view name;
} kOthers[] = {{"\x28\xB5\x2F\xFD", "zstd"},
               {"\xFD"
                "7zX",
                "xz"},
               {"BZh", "bzip2"},
               {"PK\x03\x04", "zip"}};
constexpr std::size_t kMagicBytes = 4;

constexpr std::size_t kTagMax = 512;
constexpr std::size_t kEntityMax = 8;

// Tags that end a line, and others. What else stands in angle brackets is the log's own: a group, a user, a priority.
constexpr std::string_view kBreaks[] = {"br", "p", "div", "pre", "tr", "li", "ul", "table", "tbody", "blockquote", "html", "body", "!doctype"};
constexpr std::string_view kInline[] = {"span", "code", "font", "td", "strong"};

// "br" of "<br />" and "</BR>"; empty when it is no tag.
std::string tag_name(std::string_view tag) {
  std::string name;
  for (const char c : tag.substr(tag.starts_with("</") ? 2 : 1)) {
    if (c == ' ' || c == '>' || c == '/') break;
    name.push_back(static_cast<char>(std::tolower(static_cast<unsigned char>(c))));
  }
  return name;
}
bool is_one_of(std::span<const std::string_view> names, std::string_view name) { return std::ranges::find(names, name) != names.end(); }
bool is_tag(std::string_view tag) { return is_one_of(kBreaks, tag_name(tag)) || is_one_of(kInline, tag_name(tag)); }

char entity(std::string_view text) {
  constexpr std::pair<std::string_view, char> kEntities[] = {{"&lt;", '<'}, {"&gt;", '>'}, {"&amp;", '&'}, {"&quot;", '"'}, {"&#39;", '\''}, {"&nbsp;", ' '}};
  for (const auto& [name, c] : kEntities)
    if (text == name) return c;
  return '\0';
}

bool ends_with_break(std::string_view line) {
  line = line.substr(0, line.find_last_not_of(" \r\t") + 1);
  const std::size_t last = line.rfind('<');
  return last != std::string_view::npos && line.ends_with('>') && tag_name(line.substr(last)) == "br";
}

// A page begins with a tag, or each of its first lines ends with a break: a stranger's name is neither.
bool is_page(std::string_view start) {
  constexpr int kLines = 3;
  start.remove_prefix(std::min(start.find_first_not_of(" \r\n\t"), start.size()));
  if (start.starts_with('<')) return is_tag(start.substr(0, kTagMax));
  int lines = 0;
  for (std::size_t end = 0; lines < kLines && (end = start.find('\n')) != std::string_view::npos; start.remove_prefix(end + 1), ++lines)
    if (!ends_with_break(start.substr(0, end))) return false;
  return lines == kLines || (ends_with_break(start) && start.size() < kTagMax);
}

// A mail spells all angle brackets. JSON has its own way to spell.
bool spells_brackets(std::string_view start) {
  return !start.starts_with('{') && start.find('<') == std::string_view::npos && (start.find("&lt;") != std::string_view::npos || start.find("&gt;") != std::string_view::npos);
}

}  // namespace

// What was packed, possibly in several pieces one after another, as `cat a.gz b.gz` leaves them.
class LogBytes::Gzip {
 public:
  Gzip() {
    if (::inflateInit2(&stream_, 15 + 16) != Z_OK) throw std::bad_alloc();
  }
  ~Gzip() { ::inflateEnd(&stream_); }
  Gzip(const Gzip&) = delete;
  Gzip& operator=(const Gzip&) = delete;

  // `more(char*, size)` reads packed bytes; 0 at their end.
  template <class More>
  std::size_t read(char* into, std::size_t size, More more, std::string& error) {
    stream_.next_out = reinterpret_cast<Bytef*>(into);
    stream_.avail_out = static_cast<uInt>(size);
    while (stream_.avail_out == size && error.empty()) {
      if (stream_.avail_in == 0) {
        const std::size_t got = more(packed_, kPackedBytes);
        if (got == 0) {
          if (error.empty() && !whole_) error = "the end of the packed file is missing";
          return 0;
        }
        put({packed_, got});
      }
      if (whole_ && *stream_.next_in != static_cast<Bytef>(kGzip[0]))
        return size - stream_.avail_out;  // padding, which gzip ignores, too
      if (whole_) ::inflateReset(&stream_);
      const int result = ::inflate(&stream_, Z_NO_FLUSH);
      whole_ = result == Z_STREAM_END;
      if (result != Z_OK && !whole_) error = "is damaged: its packed bytes make no sense";
    }
    return size - stream_.avail_out;
  }
  void put(std::string_view packed) {
    std::copy(packed.begin(), packed.end(), packed_);
    stream_.next_in = reinterpret_cast<Bytef*>(packed_);
    stream_.avail_in = static_cast<uInt>(packed.size());
  }

 private:
  z_stream stream_{};
  bool whole_ = false;  // a piece has ended and no other has begun
  char packed_[kPackedBytes];
};

LogBytes::LogBytes(int fd) : fd_(fd) {}
LogBytes::~LogBytes() { ::close(fd_); }

std::size_t LogBytes::read_raw(char* into, std::size_t size) {
  for (;;) {
    const ssize_t got = ::read(fd_, into, size);
    if (got >= 0) return static_cast<std::size_t>(got);
    if (errno == EINTR) continue;
    error_ = std::strerror(errno);
    return 0;
  }
}

std::size_t LogBytes::read_unpacked(char* into, std::size_t size) {
  if (!gzip_) return read_raw(into, size);
  return gzip_->read(
      into, size, [this](char* packed, std::size_t most) { return read_raw(packed, most); }, error_);
}

// The first bytes say what it is. A pipe is waited for only when the first of them is one that could.
std::size_t LogBytes::read_start(char* into, std::size_t size) {
  const auto fill = [&](std::size_t got) {
    while (got < kMagicBytes && error_.empty()) {
      const std::size_t more = read_unpacked(into + got, std::min(size, kPackedBytes) - got);
      if (more == 0) break;
      got += more;
    }
    return got;
  };
  std::size_t got = read_raw(into, std::min(size, kPackedBytes));
  if (got > 0 && std::string_view("\x1F\xFF\xFE\x28\xFD\x42\x50").find(into[0]) != std::string_view::npos) got = fill(got);
  if (std::string_view(into, got).starts_with(kGzip)) {
    gzip_ = std::make_unique<Gzip>();
    gzip_->put({into, got});
    got = fill(0);
  }
  const std::string_view start(into, got);
  for (const auto& other : kOthers) {
    if (!start.starts_with(other.magic)) continue;
    error_ = "is packed by " + std::string(other.name) + ": unpack it first";
    return 0;
  }
  if (start.starts_with("\xFF\xFE")) text_ = Text::utf16_little;
  else if (start.starts_with("\xFE\xFF")) text_ = Text::utf16_big;
  else if (is_page(start)) text_ = Text::page;
  else if (spells_brackets(start)) text_ = Text::spelled;
  return got;
}

std::size_t LogBytes::read(char* into, std::size_t size) {
  if (text_ == Text::bytes) return read_unpacked(into, size);
  if (text_ == Text::unknown) {
    const std::size_t got = read_start(into, size);
    if (text_ == Text::unknown) {
      text_ = Text::bytes;
      return got;
    }
    const std::size_t mark = has_markup() ? 0 : 2;
    raw_.assign(into + mark, got - mark);
  }
  if (has_markup()) return without_markup(into, size);
  while (raw_.size() < 2)
    if (!fill_raw()) return 0;
  return to_utf8(into, size);
}

// False at the end.
bool LogBytes::fill_raw() {
  const std::size_t had = raw_.size();
  raw_.resize(had + kPackedBytes);
  raw_.resize(had + read_unpacked(raw_.data() + had, kPackedBytes));
  return raw_.size() > had;
}

// What it gives is never longer than what it takes. Where only brackets are spelled no line is broken, whatever a name contains.
std::size_t LogBytes::without_markup(char* into, std::size_t size) {
  char* const begin = into;
  bool more = true;
  while (into == begin && (!raw_.empty() || (more = fill_raw()))) {
    const std::size_t most = std::min(raw_.size(), size);
    std::size_t i = 0;
    while (i < most) {
      const char c = raw_[i];
      const bool opens = c == '&' || (c == '<' && text_ == Text::page);
      const std::size_t reach = c == '<' ? kTagMax : kEntityMax;
      const std::string_view ahead = std::string_view(raw_).substr(i, reach);
      const std::size_t end = opens ? ahead.find(c == '<' ? '>' : ';') : std::string_view::npos;
      if (opens && end == std::string_view::npos && ahead.size() < reach && more && (more = fill_raw())) continue;
      const std::string_view piece = ahead.substr(0, end + 1);
      const bool whole = opens && end != std::string_view::npos;
      const char meant = whole && c == '&' ? entity(piece) : '\0';
      if (whole && c == '<' && is_tag(piece)) {
        i += piece.size();
        if (!is_one_of(kBreaks, tag_name(piece))) continue;
        if (!line_begins_) *into++ = '\n';
        line_begins_ = broken_ = true;
        continue;
      }
      i += meant != '\0' ? piece.size() : 1;
      const char out = meant != '\0' ? meant : c;
      if ((out == '\n' || out == '\r') && broken_) continue;  // the line was ended by its tag
      *into++ = out;
      line_begins_ = out == '\n';
      broken_ = false;
    }
    raw_.erase(0, i);
  }
  return static_cast<std::size_t>(into - begin);
}

// Halves of surrogate pairs come out as invalid UTF-8 and are repaired like any other.
std::size_t LogBytes::to_utf8(char* into, std::size_t size) {
  const std::size_t units = std::min(raw_.size() / 2, size / 3);
  const char* const begin = into;
  for (std::size_t i = 0; i < 2 * units; i += 2) {
    const auto first = static_cast<unsigned char>(raw_[i]);
    const auto second = static_cast<unsigned char>(raw_[i + 1]);
    const unsigned unit = text_ == Text::utf16_big ? first * 256u + second : second * 256u + first;
    if (unit < 0x80) {
      *into++ = static_cast<char>(unit);
      continue;
    }
    if (unit < 0x800) {
      *into++ = static_cast<char>(0xC0 | (unit >> 6));
    } else {
      *into++ = static_cast<char>(0xE0 | (unit >> 12));
      *into++ = static_cast<char>(0x80 | (unit >> 6 & 63));
    }
    *into++ = static_cast<char>(0x80 | (unit & 63));
  }
  raw_.erase(0, 2 * units);
  return static_cast<std::size_t>(into - begin);
}

}  // namespace vpnverdict
