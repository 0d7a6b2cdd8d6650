// What was judged lately, for the status page and its API: the newest records, and for each group and cause how many attempts
// failed and connected in the last hour. Bounded (limits.h); failures are kept apart from all else, so that neither
// success nor a scan pushes them out.
// Time is log time, the stream time at which a verdict was told, as in the metrics; the board reads no clock.
// Every method is safe from any thread; one short lock a verdict.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "correlator/incident.h"
#include "correlator/limits.h"
#include "correlator/verdict.h"
#include "metrics/group_labels.h"
#include "pipeline/shard_work.h"

namespace vpnverdict {

inline constexpr std::int64_t kBoardMinutes = 60;

// An hour in cells of a minute; a cell that has become older is forgotten.
template <class Cell>
class Hour {
 public:
  // Null for a minute that is no longer in the hour.
  Cell* at(std::int64_t minute) {
    roll(minute);
    return minute > newest_ - kBoardMinutes ? &cells_[static_cast<std::size_t>(minute % kBoardMinutes)] : nullptr;
  }
  const Cell* find(std::int64_t minute) const {
    const bool inside = minute <= newest_ && minute > newest_ - kBoardMinutes && minute >= 0;
    return inside ? &cells_[static_cast<std::size_t>(minute % kBoardMinutes)] : nullptr;
  }

 private:
  void roll(std::int64_t minute) {
    if (minute <= newest_) return;
    if (minute - newest_ >= kBoardMinutes) {
      cells_.fill({});
    } else {
      for (std::int64_t m = newest_ + 1; m <= minute; ++m) cells_[static_cast<std::size_t>(m % kBoardMinutes)] = {};
    }
    newest_ = minute;
  }
  std::array<Cell, kBoardMinutes> cells_{};
  std::int64_t newest_ = 0;
};

class StatusBoard {
 public:
  // `groups` says under which name a verdict is counted, and must outlive the board. `names` false: users, client addresses
  // and the lines' texts, in which both may stand, are not even kept.
  StatusBoard(const GroupLabels& groups, bool names) : groups_(groups), names_(names) {}

  void add(const ToldVerdict& told);
  void add(const Incident& card);
  // From now on. When names are not to be shown any more, the records that are kept are forgotten; what was counted stays.
  void show_names(bool names);

  static constexpr std::size_t kBars = 20;  // of three minutes each
  struct Rate {
    std::uint32_t failed_5m = 0, connected_5m = 0;
    std::uint32_t failed_1h = 0, connected_1h = 0;
    std::uint32_t clients_1h = 0;  // distinct ones that failed, as far as their records are kept
    std::array<std::uint32_t, kBars> failed{};  // the hour, oldest first
    std::array<std::uint32_t, kBars> connected{};
  };
  struct Group {
    std::string name;
    Rate rate;
    Cause worst = Cause::undetermined;  // the most frequent cause of its kept failures of this hour
    std::uint32_t worst_1h = 0;         // 0: none
  };
  struct CauseLine {
    Cause cause = Cause::undetermined;
    std::uint32_t failed_5m = 0, failed_1h = 0;
    std::uint32_t groups_1h = 0, clients_1h = 0;  // as far as records are kept
  };
  struct Picture {
    Timestamp now = kUntimed;
    std::uint64_t newest = 0;  // grows with each record
    Rate all;
    std::vector<Group> groups;  // those with a decided attempt in this hour, most failures first
    std::vector<CauseLine> causes;  // likewise
  };
  // `now`: stream time, when it is known to be later than the newest verdict.
  Picture picture(Timestamp now) const;

  struct Query {
    std::size_t limit = 50;
    std::uint64_t before = 0;  // 0: from the newest on
    std::optional<Outcome> outcome;
    std::optional<Cause> cause;
    std::string group;  // its name, or the one it is counted under; empty: any
    std::string find;   // part of a user's, client's, concentrator's or group's name, address or id; no matter which case
  };
  struct Page {
    std::vector<std::string> records;  // JSON, newest first
    std::uint64_t newest = 0;
    std::uint64_t next = 0;  // `before` of the next page; 0: there is none
  };
  // At most kAnswerBytesMax bytes of records, but always one when there is one.
  Page page(const Query& query) const;

  struct Attempt {
    std::string record;                 // empty: not kept, or not any more
    std::vector<std::string> sessions;  // what happened after it had connected
  };
  // `id` of an attempt or of a session.
  Attempt attempt(std::uint64_t id) const;

  struct Cards {
    std::vector<std::string> records;  // JSON
    std::size_t next = 0;              // `skip` of the next page; 0: there is none
  };
  // The newest cards, the open ones first, as on the incident topic; not those of before this process owned the incidents.
  Cards incidents(std::size_t limit, std::size_t skip = 0) const;

 private:
  struct Card {
    std::uint64_t id = 0;
    bool open = false;
    std::string json;
  };
  struct Entry {
    std::uint64_t id = 0;
    std::uint64_t attempt = 0;
    std::uint64_t same_as = 0;
    std::uint64_t client = 0;  // hash
    std::int64_t minute = -1;  // in which it was counted; -1: it was not
    Outcome outcome = Outcome::undetermined;
    Cause cause = Cause::undetermined;
    std::uint32_t label = 0;
    bool about_session = false;
    std::string group;
    std::string searched;  // lower case
    std::string json;
  };
  struct Decided {
    std::uint32_t failed = 0;
    std::uint32_t connected = 0;
  };
  // Records in the order in which they were told.
  struct Shelf {
    std::size_t most = 0;
    std::map<std::uint64_t, Entry> entries;
    std::size_t bytes = 0;
  };

  Shelf& shelf_of(const Entry& entry) { return entry.outcome == Outcome::failed ? failures_ : others_; }
  const Entry* entry_of(std::uint64_t id) const;
  void count(const Entry& entry, std::int32_t by);
  bool take_out(std::uint64_t id, std::int64_t* minute);
  void put(Entry entry);
  static Rate rate_of(const Hour<Decided>& hour, std::int64_t minute);
  void look_at_failures(std::int64_t minute, const std::vector<std::string>& labels, Picture* out) const;

  const GroupLabels& groups_;
  mutable std::mutex mutex_;
  bool names_;
  std::uint64_t newest_ = 0;
  Timestamp now_ = kUntimed;
  std::vector<Card> cards_;  // as they were opened
  Shelf failures_{kBoardFailuresMax, {}, 0};
  Shelf others_{kBoardOthersMax, {}, 0};
  std::unordered_map<std::uint64_t, std::uint64_t> place_;  // by id
  Hour<Decided> all_;
  std::unordered_map<std::uint32_t, Hour<Decided>> by_group_;
  Hour<std::array<std::uint32_t, kCauseCount>> by_cause_;
};

}  // namespace vpnverdict
