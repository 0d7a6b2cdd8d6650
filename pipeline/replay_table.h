// What `replay --format table` prints: verdicts by group and cause, and where every line went. One thread.
#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "correlator/verdict.h"
#include "pipeline/replay.h"

namespace vpnverdict {

inline constexpr std::size_t kTableGroupsMax = 1'000;         // group names are typed by strangers; the rest is "other"
inline constexpr std::size_t kTableRecordsMax = 20'000'000;   // ids whose revisions are followed

class VerdictTable {
 public:
  // The latest revision of an id counts; earlier ones are taken back.
  void add(const Verdict& verdict);
  std::string text(bool colour) const;

 private:
  struct Row {
    std::uint64_t verdicts = 0;
    std::uint64_t by_grade[3] = {};
  };
  struct Place {
    std::uint32_t group;
    Cause cause;
    Grade grade;
    bool about_session;
  };
  using Rows = std::vector<Row>;  // by cause
  struct Group {
    std::string name;
    Rows attempts = Rows(kCauseCount);
    Rows sessions = Rows(kCauseCount);
  };
  std::uint32_t group_of(const std::string& name);
  Row& row_of_place(const Place& place);
  void append_part(std::string& out, bool sessions, bool colour) const;

  std::vector<Group> groups_{Group{.name = "other"}};
  std::unordered_map<std::string, std::uint32_t> group_index_;
  std::unordered_map<std::uint64_t, Place> latest_;
  std::uint64_t not_followed_ = 0;
};

// "lines 10 = events 3 + ignored 6 + rejected 1", by dialect and by reason.
std::string line_accounting(const LineCounts& lines);

}  // namespace vpnverdict
