#include "pipeline/line_reader.h"

#include <algorithm>
#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "correlator/limits.h"

namespace vpnverdict {
namespace {

// Reads of 256 KiB: they stay in the processor's cache until their lines are read. The buffer also holds the beginning of a line
// that a read cut in two.
constexpr std::size_t kReadBytes = std::size_t{1} << 18;
constexpr std::size_t kBufferBytes = kReadBytes + 2 * kLineBytesMax;

std::string what_failed(const std::string& path) { return path + ": " + std::strerror(errno); }

}  // namespace

std::unique_ptr<LineReader> LineReader::open(const std::string& path, std::string& error) {
  const int fd = path == "-" ? ::dup(STDIN_FILENO) : ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) {
    error = what_failed(path);
    return nullptr;
  }
  std::unique_ptr<LineReader> reader(new LineReader(fd));
  struct stat status {};
  if (::fstat(fd, &status) != 0) {
    error = what_failed(path);
    return nullptr;
  }
  if (S_ISDIR(status.st_mode)) {
    error = path + ": is a directory";
    return nullptr;
  }
  if (S_ISREG(status.st_mode)) {
    reader->bytes_total_ = static_cast<std::uint64_t>(status.st_size);
    reader->changed_at_ = status.st_mtime;
    reader->waits_ = false;
  }
  return reader;
}

LineReader::LineReader(int fd) : input_(std::make_unique<LogBytes>(fd)), buffer_(new char[kBufferBytes]) {}

LineReader::LineReader(std::string_view text) : window_(text), ended_(true), bytes_total_(text.size()) {}

LineReader::LineReader(std::string_view text, std::span<const std::uint32_t> going_on)
    : window_(text), ended_(true), newest_first_(true), going_on_(going_on), bytes_total_(text.size()) {
  if (window_.ends_with('\n')) window_.remove_suffix(1);
  lines_left_ = static_cast<std::uint64_t>(std::count(window_.begin(), window_.end(), '\n')) + 1;
}

std::string_view LineReader::without_cr(std::string_view line) {
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

// Moves the unfinished line to the front of the buffer and reads behind it. False at the end of the input.
bool LineReader::refill() {
  if (ended_) return false;
  if (!window_.empty()) std::memmove(buffer_.get(), window_.data(), window_.size());
  const bool go_on = !before_wait_ || !waits_ || before_wait_();
  const std::size_t got = go_on ? input_->read(buffer_.get() + window_.size(), kReadBytes) : 0;
  window_ = {buffer_.get(), window_.size() + got};
  if (!input_->plain()) bytes_total_ = 0;
  if (got > 0) return true;
  error_ = input_->error();
  ended_ = true;
  return false;
}

LineReader::Got LineReader::next_backwards(std::string_view& line) {
  if (message_.data() != nullptr) {
    ++number_;
  } else {
    if (lines_left_ == 0) return Got::end;
    std::size_t from = window_.size() + 1;  // of the line that was looked at last
    bool goes_on = true;
    while (goes_on) {
      from = from < 2 ? 0 : window_.rfind('\n', from - 2) + 1;
      goes_on = !going_on_.empty() && going_on_.back() == lines_left_;
      if (goes_on) going_on_ = going_on_.first(going_on_.size() - 1);
      number_ = lines_left_--;
    }
    message_ = window_.substr(from);
    window_ = window_.substr(0, from == 0 ? 0 : from - 1);
  }
  const std::size_t end = std::min(message_.find('\n'), message_.size());
  line = without_cr(message_.substr(0, end));
  bytes_ += end + 1;
  message_ = end == message_.size() ? std::string_view() : message_.substr(end + 1);
  if (line.size() <= kLineBytesMax) return Got::line;
  line = line.substr(0, kLineBytesMax);
  return Got::too_long;
}

LineReader::Got LineReader::next(std::string_view& line) {
  if (newest_first_) return next_backwards(line);
  std::size_t searched = 0;
  for (;;) {
    const void* found =
        window_.size() > searched ? std::memchr(window_.data() + searched, '\n', window_.size() - searched) : nullptr;
    const std::size_t end =
        found == nullptr ? window_.size() : static_cast<std::size_t>(static_cast<const char*>(found) - window_.data());
    const std::size_t taken = found == nullptr ? end : end + 1;
    if (skipping_) {  // the end of a line that was given out as too long
      window_.remove_prefix(taken);
      bytes_ += taken;
      searched = 0;
      if (found != nullptr) skipping_ = false;
      if (found == nullptr && !refill()) return Got::end;
      continue;
    }
    const bool too_long = end > kLineBytesMax + 1;  // + 1: a CR before the LF
    if (found == nullptr && !too_long) {
      searched = window_.size();
      if (refill()) continue;
      if (window_.empty()) return Got::end;
    }
    ++number_;
    line = window_.substr(0, too_long ? kLineBytesMax : end);
    window_.remove_prefix(taken);
    bytes_ += taken;
    if (too_long) {
      skipping_ = found == nullptr;
      return Got::too_long;
    }
    line = without_cr(line);
    return Got::line;
  }
}

}  // namespace vpnverdict
