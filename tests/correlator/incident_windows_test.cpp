// The incidents' counters against counting anew what stands in the window: after whatever came, left, was amended or set aside.
#include "correlator/incident_windows.h"

#include <gtest/gtest.h>

#include <map>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "correlator/incident_terms.h"
#include "correlator/limits.h"

namespace vpnverdict::incident_parts {
namespace {

struct Told {
  Windows::Keys keys;
  bool stands = false;
  bool blamed = false;
};

class Fleet {
 public:
  explicit Fleet(std::uint64_t seed) : random_(seed) {}

  void step() {
    const std::uint64_t dice = pick(24);
    if (told_.empty() || dice < 9) return add();
    if (dice == 9) return drop();
    const std::uint64_t number = first_ + pick(told_.size());
    Told& told = told_[number - first_];
    if (dice < 13) windows.blame(number, told.blamed = told.keys.failed && pick(2) == 0);
    else if (dice < 16) windows.stand(number, told.stands = pick(2) == 0);
    else if (dice < 18) change(number);
    else if (dice < 20) begin();
    else if (dice < 23) remember(number);
    else decay();
  }

  // Counted anew, from the newest to the oldest: a client fails once in a cell, and is active as often as it stands.
  void compare() const {
    std::map<std::uint64_t, Windows::Counts> failing, active;
    std::set<std::pair<std::uint64_t, std::uint64_t>> counted;
    for (std::size_t i = told_.size(); i-- > 0;) {
      const Told& told = told_[i];
      for (std::size_t kind = 0; kind < kPlaces; ++kind) {
        const std::uint64_t place = told.keys.places[kind];
        if (place == 0) continue;
        for (std::size_t w = 0; told.stands && w < kWindows; ++w) active[place][w] += first_ + i >= begin_[w];
        const std::uint8_t codes[] = {0, static_cast<std::uint8_t>(family_of(told.keys.cause)), static_cast<std::uint8_t>(told.keys.cause)};
        for (std::size_t level = 0; told.blamed && level < kLevels; ++level) {
          const std::uint64_t key = key_of(place, level, codes[level]);
          if (!counted.insert({told.keys.client, key}).second) continue;
          for (std::size_t w = 0; w < kWindows; ++w) failing[key][w] += first_ + i >= begin_[w];
        }
      }
    }
    for (const Windows::CellTally& tally : windows.cells()) {
      if (tally.entries == 0) continue;
      EXPECT_EQ(tally.failing, failing[tally.cell.key]);
      for (std::size_t w = 0; w < kWindows; ++w) EXPECT_EQ(windows.active(tally, w), std::max(active[tally.cell.place][w], tally.failing[w]));
      failing.erase(tally.cell.key);
      EXPECT_EQ(windows.past(tally), past_of(tally.cell.key));
      EXPECT_EQ(windows.past_of_place(tally), past_of(tally.cell.place));
    }
    const Windows::Past past = windows.past();
    EXPECT_EQ(past_, (std::map<std::uint64_t, float>(past.begin(), past.end())));
    for (const auto& [key, counts] : failing) EXPECT_EQ(counts, Windows::Counts{}) << "a cell that nobody counts";
  }

  Windows windows;

 private:
  std::uint64_t pick(std::uint64_t n) { return random_() % n; }
  Windows::Keys keys() {
    constexpr Cause kCauses[] = {Cause::user_password_wrong, Cause::user_unknown, Cause::group_name_unknown, Cause::peer_lost};
    Windows::Keys out;
    out.client = 1 + pick(6);
    out.failed = pick(3) != 0;
    out.cause = kCauses[pick(4)];
    for (std::size_t kind = 0; kind < kPlaces; ++kind)
      if (kind == 0 || pick(4) != 0) out.places[kind] = place_key(kAttemptSeed, static_cast<Place>(kind), kind == 0 ? 0 : pick(3));
    return out;
  }
  void add() {
    told_.push_back({keys(), true, false});
    told_.back().blamed = told_.back().keys.failed;
    windows.add(told_.back().keys);
    windows.stand(first_ + told_.size() - 1, true);
    windows.blame(first_ + told_.size() - 1, told_.back().blamed);
  }
  void change(std::uint64_t number) {
    told_[number - first_] = {keys(), false, false};
    windows.change(number, told_[number - first_].keys);
  }
  void drop() {
    windows.drop_oldest();
    told_.erase(told_.begin());
    ++first_;
    for (std::uint64_t& number : begin_) number = std::max(number, first_);
  }
  void remember(std::uint64_t number) {
    const bool in_fleet = pick(2) == 0;
    windows.remember(number, in_fleet);
    const Windows::Keys& keys = told_[number - first_].keys;
    const std::uint8_t codes[] = {0, static_cast<std::uint8_t>(family_of(keys.cause)), static_cast<std::uint8_t>(keys.cause)};
    for (std::size_t kind = in_fleet ? 0 : 1; kind < (in_fleet ? 1 : kPlaces); ++kind) {
      if (keys.places[kind] == 0) continue;
      past_[keys.places[kind]] += 1;
      for (std::size_t level = 0; keys.failed && level < kLevels; ++level) past_[key_of(keys.places[kind], level, codes[level])] += 1;
    }
  }
  void decay() {
    windows.decay(0.5F);
    for (auto& [key, past] : past_) past /= 2;
    std::erase_if(past_, [](const auto& each) { return each.second < 0.3F; });
  }
  float past_of(std::uint64_t key) const { return past_.contains(key) ? past_.at(key) : 0; }
  void begin() {
    std::uint64_t shorter = first_ + told_.size();
    for (std::uint64_t& number : begin_) shorter = number += pick(shorter - number + 1) / 2;
    windows.begin(begin_);
  }

  std::mt19937_64 random_;
  std::vector<Told> told_;
  std::uint64_t first_ = 0;
  std::array<std::uint64_t, kWindows> begin_{};
  std::map<std::uint64_t, float> past_;
};

TEST(IncidentWindows, count_what_counting_anew_counts) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    Fleet fleet(seed);
    for (int i = 0; i < 300 && !HasFailure(); ++i) {
      fleet.step();
      fleet.compare();
    }
  }
}

TEST(IncidentWindows, what_is_past_outlives_its_entries) {
  Windows windows;
  Windows::Keys keys{7, {}, Cause::user_unknown, false, true};
  keys.places[everywhere] = place_key(kAttemptSeed, everywhere, 0);
  keys.places[group] = place_key(kAttemptSeed, group, 1);
  const Cell cell{key_of(keys.places[group], 2, static_cast<std::uint8_t>(Cause::user_unknown)), keys.places[group], group, 2, static_cast<std::uint8_t>(Cause::user_unknown), false};
  windows.add(keys);
  windows.remember(0, false);
  windows.drop_oldest();
  EXPECT_EQ(windows.past(cell), 1);
  windows.clear(1, windows.past());
  EXPECT_EQ(windows.past_of_place(cell), 1);
  windows.add(keys);
  windows.remember(1, false);
  EXPECT_EQ(windows.past(cell), 2);
  EXPECT_EQ(windows.past_of_place(cell), 2);
  EXPECT_EQ(windows.take_forgotten(), 0u);
}

TEST(IncidentWindows, the_past_is_bounded_and_what_it_forgets_is_counted) {
  Windows windows;
  Windows::Keys keys{7, {}, Cause::connected, false, false};
  keys.places[everywhere] = place_key(kAttemptSeed, everywhere, 0);
  for (std::uint64_t i = 0; i < kIncidentPastMax + 2; ++i) {
    keys.places[group] = 1 + i;
    windows.add(keys);
    windows.remember(i, false);
    windows.drop_oldest();
  }
  EXPECT_EQ(windows.past().size(), kIncidentPastMax);
  EXPECT_EQ(windows.take_forgotten(), 2u);
  EXPECT_EQ(windows.take_forgotten(), 0u);
}

TEST(IncidentWindows, a_question_visits_each_cell_of_a_place_once) {
  Windows windows;
  Windows::Keys keys{7, {}, Cause::user_password_wrong, false, true};
  keys.places[everywhere] = place_key(kAttemptSeed, everywhere, 0);
  keys.places[concentrator] = place_key(kAttemptSeed, concentrator, 1);
  windows.add(keys);
  windows.add(keys);
  std::size_t visited = 0;
  windows.ask();
  for (const std::uint64_t number : {0, 1}) windows.visit_cells(number, [&](const Windows::CellTally&) { ++visited; });
  EXPECT_EQ(visited, 2 * kLevels);
}

TEST(IncidentWindows, entries_of_a_place_stay_in_order_while_they_come_and_go) {
  Windows windows;
  Windows::Keys here{1, {}, Cause::connected, false, false};
  here.places[concentrator] = 5;
  const Windows::Keys elsewhere{1, {}, Cause::connected, false, false};
  for (int i = 0; i < 6; ++i) windows.add(i % 2 == 0 ? here : elsewhere);
  windows.drop_oldest();
  windows.change(3, here);
  windows.change(4, elsewhere);
  const auto numbers = windows.entries_of(5);
  EXPECT_EQ(std::vector<std::uint64_t>(numbers.begin(), numbers.end()), (std::vector<std::uint64_t>{2, 3}));
  EXPECT_EQ(windows.entries_of(5, 3).size(), 1u);
  EXPECT_TRUE(windows.entries_of(6).empty());
}

// A client that fails without end costs no more than one that fails often: only its latest failures are told apart.
TEST(IncidentWindows, of_one_client_that_fails_without_end_the_latest_count) {
  Windows windows;
  Windows::Keys keys{1, {}, Cause::user_password_wrong, false, true};
  for (std::uint64_t i = 0; i < 500; ++i) {
    keys.places[group] = place_key(kAttemptSeed, group, i);
    keys.places[everywhere] = place_key(kAttemptSeed, everywhere, 0);
    windows.add(keys);
    windows.blame(i, true);
  }
  std::uint32_t failing = 0;
  std::uint32_t fleet = 0;
  for (const Windows::CellTally& tally : windows.cells()) {
    if (tally.cell.level == 2 && tally.cell.kind == group) failing += tally.failing[0];
    if (tally.cell.level == 2 && tally.cell.kind == everywhere) fleet += tally.failing[0];
  }
  EXPECT_EQ(failing, 64u);
  EXPECT_EQ(fleet, 1u);
}

}  // namespace
}  // namespace vpnverdict::incident_parts
