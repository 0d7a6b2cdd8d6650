#include "pipeline/log_bytes.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <new>

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
  if (got == 0 || std::string_view("\x1F\xFF\xFE\x28\xFD\x42\x50").find(into[0]) == std::string_view::npos) return got;
  got = fill(got);
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
  if (start.starts_with("\xFE\xFF")) text_ = Text::utf16_big;
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
    utf16_.assign(into + 2, got - 2);
  }
  while (utf16_.size() < 2) {
    const std::size_t had = utf16_.size();
    utf16_.resize(had + kPackedBytes);
    utf16_.resize(had + read_unpacked(utf16_.data() + had, kPackedBytes));
    if (utf16_.size() == had) return 0;
  }
  return to_utf8(into, size);
}

// Halves of surrogate pairs come out as invalid UTF-8 and are repaired like any other.
std::size_t LogBytes::to_utf8(char* into, std::size_t size) {
  const std::size_t units = std::min(utf16_.size() / 2, size / 3);
  const char* const begin = into;
  for (std::size_t i = 0; i < 2 * units; i += 2) {
    const auto first = static_cast<unsigned char>(utf16_[i]);
    const auto second = static_cast<unsigned char>(utf16_[i + 1]);
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
  utf16_.erase(0, 2 * units);
  return static_cast<std::size_t>(into - begin);
}

}  // namespace vpnverdict
