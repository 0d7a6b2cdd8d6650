// The lines that `follow` took since its state was last saved: appended as they come, read again after a kill. So every line
// that was taken is on disk at the cost of the line, not of the whole state. One thread.
#pragma once

#include <cstdint>
#include <fstream>
#include <functional>
#include <string>
#include <string_view>

#include "correlator/event.h"

namespace vpnverdict {

class LineJournal {
 public:
  struct Entry {
    std::uint64_t position = 0;
    Timestamp arrived = kUntimed;
    std::string_view text;  // valid during the call
  };
  // An empty path is no journal: everything succeeds and nothing is kept.
  explicit LineJournal(std::string path) : path_(std::move(path)) {}

  // Every whole entry of what an earlier process left; the torn end of the last write is dropped.
  void read(const std::function<void(const Entry&)>& take) const;
  // Begins to write, behind what is there.
  bool open();
  void add(const Entry& entry);
  bool flush();  // what was added is handed to the system
  bool clear();  // the state holds it all now
  std::uint64_t bytes() const { return bytes_; }

 private:
  const std::string path_;
  std::ofstream out_;
  std::uint64_t bytes_ = 0;
};

}  // namespace vpnverdict
