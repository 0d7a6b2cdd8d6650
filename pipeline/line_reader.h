// Lines of a file descriptor or of a text in memory, without an allocation per line. One thread.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "pipeline/log_bytes.h"

namespace vpnverdict {

class LineReader {
 public:
  enum class Got : std::uint8_t { line, too_long, end };

  // A reader of a path; "-" is standard input. Null and one sentence in `error` when it cannot be opened.
  static std::unique_ptr<LineReader> open(const std::string& path, std::string& error);
  // A reader of an open descriptor, which it closes. What a path would tell about a regular file stays unknown.
  explicit LineReader(int fd);
  // `text` must outlive the reader.
  explicit LineReader(std::string_view text);
  // Walks it from the last line to the first, but for those in `going_on` (numbers from 1, ascending), which go on the line before:
  // a message of several lines is given from its first line to its last. `going_on` must outlive the reader, too.
  LineReader(std::string_view text, std::span<const std::uint32_t> going_on);
  LineReader(const LineReader&) = delete;
  LineReader& operator=(const LineReader&) = delete;

  // The next line without its line end (LF or CRLF), valid until the next call. Of a line longer than
  // kLineBytesMax only the beginning is given, with Got::too_long.
  Got next(std::string_view& line);
  std::uint64_t number() const { return number_; }            // of the line that next() gave, from 1
  std::uint64_t bytes() const { return bytes_; }              // of text, consumed so far
  std::uint64_t bytes_total() const { return bytes_total_; }  // 0 when unknown: of a pipe, or of what is packed
  std::int64_t changed_at() const { return changed_at_; }     // seconds since 1970, 0 when unknown
  // Called before each read of a pipe or terminal, which may have to wait. When it returns false the input ends here.
  void set_before_wait(std::function<bool()> call) { before_wait_ = std::move(call); }
  bool mid_line() const { return !window_.empty(); }   // during that call: a line has begun and its end is not read yet
  const std::string& error() const { return error_; }  // set when reading failed, at once or half-way

 private:
  bool refill();
  Got next_backwards(std::string_view& line);
  static std::string_view without_cr(std::string_view line);

  std::unique_ptr<LogBytes> input_;
  std::unique_ptr<char[]> buffer_;
  std::string_view window_;  // what is read and not yet given out
  bool waits_ = true;        // for a pipe or a terminal, maybe
  bool ended_ = false;
  bool skipping_ = false;  // inside the rest of a line that is too long
  bool newest_first_ = false;
  std::span<const std::uint32_t> going_on_;  // of the lines in window_
  std::string_view message_;                 // its lines not yet given out, when walking backwards
  std::uint64_t lines_left_ = 0;             // in window_, when walking backwards
  std::uint64_t number_ = 0;
  std::uint64_t bytes_ = 0;
  std::uint64_t bytes_total_ = 0;
  std::int64_t changed_at_ = 0;
  std::string error_;
  std::function<bool()> before_wait_;
};

}  // namespace vpnverdict
