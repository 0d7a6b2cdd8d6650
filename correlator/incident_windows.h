// How many clients are active in each place, and how many of them fail in each cell of it, in each of the tracker's windows and in the
// past. Kept up as entries come, leave a window and go, so that a question costs what it asks about and not what two hours have told.
//
// A value; for correlator/incident*.cpp only. Entries have the tracker's numbers, one after the other in order of time.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include <absl/container/flat_hash_map.h>
#include <absl/container/inlined_vector.h>

#include "correlator/cause.h"
#include "correlator/ring.h"

namespace vpnverdict::incident_parts {

inline constexpr std::size_t kPlaces = 9;   // to which one entry may belong, enum Place
inline constexpr std::size_t kLevels = 3;   // any cause, a family of causes, one cause
inline constexpr std::size_t kWindows = 5;

// What the failures of a cell share: a place and, as `level` goes up, any cause, a family of causes, one cause.
struct Cell {
  std::uint64_t key = 0;
  std::uint64_t place = 0;
  std::uint8_t kind = 0;   // of the place
  std::uint8_t level = 0;
  std::uint8_t code = 0;   // family or cause
  bool session = false;
  template <class Archive>
  void archive(Archive& ar) {
    ar(key, place, kind, level, code, session);
  }
};

class Windows {
 public:
  using Counts = std::array<std::uint32_t, kWindows>;
  using Slot = std::uint32_t;

  struct Keys {
    std::uint64_t client = 0;
    std::array<std::uint64_t, kPlaces> places{};  // 0: unknown
    Cause cause = Cause::undetermined;
    bool session = false;
    bool failed = false;
    bool operator==(const Keys&) const = default;
  };
  // Distinct failing clients of a cell. A client counts by the newest of its failures that are to be blamed on somebody.
  struct CellTally {
    Cell cell;
    Counts failing{};
    float past = 0;                // how many there were before: what was told to remember(), decayed
    Slot place = 0;
    Slot fleet = 0;                // the same everywhere
    std::uint64_t site = 0;        // where the place is
    std::uint32_t entries = 0;     // that name it; 0: nobody does, the slot is free
  };

  // Counts in no way yet, until it is said to stand or to be blamed.
  void add(const Keys& keys);
  void change(std::uint64_t number, const Keys& keys);
  void drop_oldest();
  // How often each place and each cell was remembered, decayed, by its key.
  using Past = absl::flat_hash_map<std::uint64_t, float>;
  void clear(std::uint64_t first, Past past = {});

  // It stands for its client's activity.
  void stand(std::uint64_t number, bool stands);
  // It is one that somebody may be to blame for. Nothing happens to what is no failure, or is one of very many of its client's.
  void blame(std::uint64_t number, bool blamed);
  bool blamed(std::uint64_t number) const { return items_[number - first_].blamed; }
  // From now on each window begins with this entry, a longer one no later than a shorter one; none moves back.
  void begin(const std::array<std::uint64_t, kWindows>& numbers);

  std::uint64_t begin_of(std::size_t window) const { return begin_[window]; }

  // One more in the past of the whole fleet, or of all its other places, and of its cells there.
  void remember(std::uint64_t number, bool in_fleet);
  void decay(float factor);
  double past(const CellTally& cell) const { return cell.past; }
  double past_of_place(const CellTally& cell) const { return places_[cell.place].past; }
  double past(const Cell& cell) const;
  double past_of_place(const Cell& cell) const;
  Past past() const;
  // Of those that no entry names at most kIncidentPastMax are remembered. How many were not, since it was asked last.
  std::uint64_t take_forgotten() { return std::exchange(forgotten_, 0); }

  // Numbers of a place's entries, oldest first; valid until the next change.
  std::span<const std::uint64_t> entries_of(std::uint64_t place) const;
  // … without those before `first`.
  std::span<const std::uint64_t> entries_of(std::uint64_t place, std::uint64_t first) const;

  // The cells that share a place with the entry and were not visited since the last ask().
  void ask() { ++question_; }
  template <class Visit>
  void visit_cells(std::uint64_t number, Visit visit) {
    for (const Slot place : items_[number - first_].known_places()) {
      if (places_[place].question == question_) continue;
      places_[place].question = question_;
      for (const Slot cell : places_[place].cells) visit(cells_[cell]);
    }
  }
  // The one of a place of that kind in which the entry itself failed; null where the place is unknown or was visited since the last ask().
  const CellTally* own_cell(std::uint64_t number, std::size_t kind, std::size_t level) const {
    const Slot cell = items_[number - first_].cells[kind * kLevels + level];
    return cell == kNone || places_[cells_[cell].place].question == question_ ? nullptr : &cells_[cell];
  }
  const std::vector<CellTally>& cells() const { return cells_; }
  const CellTally& fleet_of(const CellTally& cell) const { return cells_[cell.fleet]; }
  // Those who fail are active, too, though their failure may be told by another entry.
  std::uint32_t active(const CellTally& cell, std::size_t window) const {
    return std::max(places_[cell.place].active[window], cell.failing[window]);
  }

 private:
  static constexpr Slot kNone = ~Slot{0};
  static constexpr std::size_t kCells = kPlaces * kLevels;
  static constexpr std::size_t kFailuresOfClientMax = 64;  // that are told apart; who fails more often fails where it failed lately

  struct Item {
    std::uint64_t client = 0;
    std::array<Slot, kPlaces> places{};  // the known ones, in front
    std::uint32_t known = 0;             // of them
    std::vector<Slot> cells;    // kCells of a failure, kNone where the place is unknown
    std::uint32_t counted = 0;  // a bit for each of its cells that counts its client by it
    bool stands = false;
    bool blamed = false;
    std::span<const Slot> known_places() const { return {places.data(), known}; }
  };
  struct PlaceTally {
    std::uint64_t key = 0;
    Counts active{};
    float past = 0;
    std::uint64_t question = 0;  // that visited it last
    std::vector<Slot> cells;
    std::vector<std::uint64_t> numbers;  // of its entries, in order …
    std::size_t gone = 0;                // … of which the first ones have left
  };

  void fill(std::uint64_t number, const Keys& keys);
  void empty(std::uint64_t number);
  Slot enter_place(std::uint64_t key, std::uint64_t number);
  Slot place_of(std::uint64_t key);
  Slot cell_of(const Cell& cell, Slot place, std::uint64_t site);
  void leave_place(Slot place, std::uint64_t number);
  float asleep(std::uint64_t key) const;
  void sleep(std::uint64_t key, float past);
  void leave_cell(Slot cell);
  void count(Item& item, std::size_t shortest, std::size_t cell, bool counted);
  void count_newest(std::uint64_t number);
  void uncount(std::uint64_t number);
  Item& at(std::uint64_t number) { return items_[number - first_]; }
  std::size_t shortest_with(std::uint64_t number) const;

  Ring<Item> items_;
  std::uint64_t first_ = 0;  // number of the oldest
  std::array<std::uint64_t, kWindows> begin_{};
  std::vector<PlaceTally> places_;
  std::vector<CellTally> cells_;
  std::array<Slot, 256> lately_{};  // slots of places, by the lowest byte of their keys: mostly one of few is asked for
  std::vector<Slot> free_places_, free_cells_;
  absl::flat_hash_map<std::uint64_t, Slot> place_by_key_, cell_by_key_;
  absl::flat_hash_map<std::uint64_t, absl::InlinedVector<std::uint64_t, 2>> failures_of_;  // numbers by client, in order
  std::uint64_t question_ = 0;
  Past asleep_;  // of those that no entry names; what it says of others is out of date
  std::uint64_t forgotten_ = 0;
};

}  // namespace vpnverdict::incident_parts
