// The bytes of a log file as text: what log rotation packed with gzip is unpacked, UTF-16, which Windows programs export, becomes
// UTF-8, and what was saved with the markup of a web page or a mail loses it. All else is given as it is. Works on a pipe as well.
// One thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

namespace vpnverdict {

class LogBytes {
 public:
  // Reads an open descriptor, and closes it.
  explicit LogBytes(int fd);
  ~LogBytes();
  LogBytes(const LogBytes&) = delete;
  LogBytes& operator=(const LogBytes&) = delete;

  // As read(2): some bytes, at most `size` of them (6 or more); waits for the first. 0 at the end, and where error() tells why it
  // ends.
  std::size_t read(char* into, std::size_t size);
  // As many bytes as the file has: nothing was unpacked or converted. Known after the first read().
  bool plain() const { return gzip_ == nullptr && (text_ == Text::unknown || text_ == Text::bytes); }
  const std::string& error() const { return error_; }

 private:
  class Gzip;
  enum class Text : std::uint8_t { unknown, bytes, utf16_little, utf16_big, page, spelled };

  bool has_markup() const { return text_ == Text::page || text_ == Text::spelled; }
  std::size_t read_raw(char* into, std::size_t size);
  std::size_t read_unpacked(char* into, std::size_t size);
  std::size_t read_start(char* into, std::size_t size);
  bool fill_raw();
  std::size_t to_utf8(char* into, std::size_t size);
  std::size_t without_markup(char* into, std::size_t size);

  int fd_;
  std::unique_ptr<Gzip> gzip_;
  Text text_ = Text::unknown;
  std::string raw_;     // read and not converted yet
  bool line_begins_ = true;  // of a page …
  bool broken_ = false;      // … by a tag
  std::string error_;
};

}  // namespace vpnverdict
