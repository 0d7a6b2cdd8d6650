#include "correlator/incident_windows.h"

#include <algorithm>
#include <bit>
#include <utility>

#include "correlator/incident_terms.h"
#include "correlator/limits.h"

namespace vpnverdict::incident_parts {

void Windows::clear(std::uint64_t first, Past past) {
  const std::uint64_t question = question_;
  *this = {};
  question_ = question;
  asleep_ = std::move(past);
  first_ = first;
  begin_.fill(first);
}

void Windows::add(const Keys& keys) {
  items_.next();  // empty() leaves nothing but the room for cells
  fill(first_ + items_.size() - 1, keys);
}

void Windows::change(std::uint64_t number, const Keys& keys) {
  empty(number);
  fill(number, keys);
}

void Windows::drop_oldest() {
  empty(first_);
  items_.leave_front();
  ++first_;
  for (std::uint64_t& number : begin_) number = std::max(number, first_);
}

void Windows::fill(std::uint64_t number, const Keys& keys) {
  Item& item = at(number);
  item.client = keys.client;
  item.known = 0;
  for (const std::uint64_t place : keys.places)
    if (place != 0) item.places[item.known++] = enter_place(place, number);
  if (!keys.failed) return;
  item.cells.assign(kCells, kNone);
  const std::uint8_t codes[kLevels] = {0, static_cast<std::uint8_t>(family_of(keys.cause)), static_cast<std::uint8_t>(keys.cause)};
  std::size_t known = 0;
  for (std::size_t kind = 0; kind < kPlaces; ++kind) {
    const std::uint64_t place = keys.places[kind];
    if (place == 0) continue;
    const Slot its_place = item.places[known++];
    for (std::size_t level = 0; level < kLevels; ++level) {
      const Cell cell{key_of(place, level, codes[level]), place, static_cast<std::uint8_t>(kind), static_cast<std::uint8_t>(level), codes[level], keys.session};
      const Slot slot = item.cells[kind * kLevels + level] = cell_of(cell, its_place, keys.places[site]);
      cells_[slot].fleet = item.cells[level];
    }
  }
  auto& numbers = failures_of_[item.client];
  numbers.insert(std::ranges::lower_bound(numbers, number), number);
  if (numbers.size() <= kFailuresOfClientMax) return;
  const std::uint64_t oldest = numbers.front();
  uncount(oldest);
  at(oldest).blamed = false;
  numbers.erase(numbers.begin());
}

void Windows::empty(std::uint64_t number) {
  Item& item = at(number);
  stand(number, false);
  blame(number, false);
  if (!item.cells.empty()) {
    auto& numbers = failures_of_[item.client];
    const auto mine = std::ranges::lower_bound(numbers, number);
    if (mine != numbers.end() && *mine == number) numbers.erase(mine);
    if (numbers.empty()) failures_of_.erase(item.client);
  }
  for (const Slot cell : item.cells)
    if (cell != kNone) leave_cell(cell);
  item.cells.clear();
  for (const Slot place : item.known_places()) leave_place(place, number);
}

Windows::Slot Windows::enter_place(std::uint64_t key, std::uint64_t number) {
  const Slot slot = place_of(key);
  PlaceTally& place = places_[slot];
  if (place.numbers.empty() || place.numbers.back() < number)
    place.numbers.push_back(number);
  else
    place.numbers.insert(std::lower_bound(place.numbers.begin() + static_cast<std::ptrdiff_t>(place.gone), place.numbers.end(), number), number);
  return slot;
}

Windows::Slot Windows::place_of(std::uint64_t key) {
  Slot& lately = lately_[key % lately_.size()];
  if (lately < places_.size() && places_[lately].key == key) return lately;
  const auto [found, fresh] = place_by_key_.try_emplace(key, static_cast<Slot>(places_.size()));
  if (fresh && free_places_.empty()) {
    places_.emplace_back();
  } else if (fresh) {
    found->second = free_places_.back();
    free_places_.pop_back();
  }
  PlaceTally& place = places_[found->second];
  if (fresh) place.key = key, place.past = asleep(key);
  return lately = found->second;
}

void Windows::leave_place(Slot slot, std::uint64_t number) {
  PlaceTally& place = places_[slot];
  std::vector<std::uint64_t>& numbers = place.numbers;
  if (numbers[place.gone] == number) {
    ++place.gone;
  } else {
    numbers.erase(std::lower_bound(numbers.begin() + static_cast<std::ptrdiff_t>(place.gone), numbers.end(), number));
  }
  // Now and then, so that whoever leaves does not move all others.
  if (2 * place.gone < numbers.size()) return;
  numbers.erase(numbers.begin(), numbers.begin() + static_cast<std::ptrdiff_t>(std::exchange(place.gone, 0)));
  if (!numbers.empty()) return;
  sleep(place.key, place.past);
  place_by_key_.erase(std::exchange(place.key, 0));
  free_places_.push_back(slot);
}

std::span<const std::uint64_t> Windows::entries_of(std::uint64_t place) const {
  const auto found = place_by_key_.find(place);
  if (found == place_by_key_.end()) return {};
  const PlaceTally& tally = places_[found->second];
  return std::span<const std::uint64_t>(tally.numbers).subspan(tally.gone);
}

std::span<const std::uint64_t> Windows::entries_of(std::uint64_t place, std::uint64_t first) const {
  const std::span<const std::uint64_t> all = entries_of(place);
  return all.subspan(static_cast<std::size_t>(std::ranges::lower_bound(all, first) - all.begin()));
}

Windows::Slot Windows::cell_of(const Cell& cell, Slot place, std::uint64_t its_site) {
  const auto [found, fresh] = cell_by_key_.try_emplace(cell.key, static_cast<Slot>(cells_.size()));
  if (fresh) {
    if (free_cells_.empty()) {
      cells_.emplace_back();
    } else {
      found->second = free_cells_.back();
      free_cells_.pop_back();
    }
    CellTally& tally = cells_[found->second];
    tally.cell = cell;
    tally.past = asleep(cell.key);
    tally.place = place;
    tally.site = its_site;
    places_[place].cells.push_back(found->second);
  }
  ++cells_[found->second].entries;
  return found->second;
}

void Windows::leave_cell(Slot slot) {
  CellTally& cell = cells_[slot];
  if (--cell.entries > 0) return;
  sleep(cell.cell.key, cell.past);
  std::erase(places_[cell.place].cells, slot);
  cell_by_key_.erase(cell.cell.key);
  free_cells_.push_back(slot);
}

float Windows::asleep(std::uint64_t key) const {
  const auto found = asleep_.find(key);
  return found == asleep_.end() ? 0 : found->second;
}

void Windows::sleep(std::uint64_t key, float past) {
  if (past == 0) return;
  if (const auto found = asleep_.find(key); found != asleep_.end())
    found->second = past;
  else if (asleep_.size() < kIncidentPastMax)
    asleep_.emplace(key, past);
  else
    ++forgotten_;
}

void Windows::remember(std::uint64_t number, bool in_fleet) {
  const Item& item = at(number);
  const std::size_t fleet_places = 1;  // the first one known
  const std::span<const Slot> places = item.known_places();
  for (const Slot place : in_fleet ? places.first(fleet_places) : places.subspan(fleet_places)) places_[place].past += 1;
  if (item.cells.empty()) return;
  const std::span<const Slot> cells = item.cells;
  for (const Slot cell : in_fleet ? cells.first(kLevels) : cells.subspan(kLevels))
    if (cell != kNone) cells_[cell].past += 1;
}

void Windows::decay(float factor) {
  constexpr float kForgotten = 0.3F;
  const auto decay_one = [factor](float& past) {
    past *= factor;
    if (past < kForgotten) past = 0;
  };
  for (PlaceTally& place : places_) decay_one(place.past);
  for (CellTally& cell : cells_) decay_one(cell.past);
  for (auto& [key, past] : asleep_) decay_one(past);
  absl::erase_if(asleep_, [](const auto& each) { return each.second == 0; });
}

double Windows::past(const Cell& cell) const {
  const auto found = cell_by_key_.find(cell.key);
  return found == cell_by_key_.end() ? asleep(cell.key) : cells_[found->second].past;
}

double Windows::past_of_place(const Cell& cell) const {
  const auto found = place_by_key_.find(cell.place);
  return found == place_by_key_.end() ? asleep(cell.place) : places_[found->second].past;
}

Windows::Past Windows::past() const {
  Past all = asleep_;
  const auto add = [&all](std::uint64_t key, float past) {
    if (past != 0) all[key] = past;
  };
  for (const auto& [key, place] : place_by_key_) add(key, places_[place].past);
  for (const auto& [key, cell] : cell_by_key_) add(key, cells_[cell].past);
  return all;
}

// kWindows: it has left all of them.
std::size_t Windows::shortest_with(std::uint64_t number) const {
  std::size_t w = 0;
  while (w < kWindows && number < begin_[w]) ++w;
  return w;
}

void Windows::stand(std::uint64_t number, bool stands) {
  Item& item = at(number);
  if (item.stands == stands) return;
  item.stands = stands;
  const std::size_t shortest = shortest_with(number);
  if (shortest == kWindows) return;
  const std::uint32_t by = stands ? 1 : ~std::uint32_t{0};
  for (const Slot place : item.known_places())
    for (std::size_t w = shortest; w < kWindows; ++w) places_[place].active[w] += by;
}

void Windows::blame(std::uint64_t number, bool blamed) {
  Item& item = at(number);
  if (item.blamed == blamed || item.cells.empty()) return;
  if (!blamed) {
    item.blamed = false;
    return uncount(number);
  }
  if (!std::ranges::binary_search(failures_of_[item.client], number)) return;
  item.blamed = true;
  count_newest(number);
}

// `shortest`: the first window that the entry is in.
void Windows::count(Item& item, std::size_t shortest, std::size_t cell, bool counted) {
  item.counted ^= std::uint32_t{1} << cell;
  Counts& failing = cells_[item.cells[cell]].failing;
  const std::uint32_t by = counted ? 1 : ~std::uint32_t{0};
  for (std::size_t w = shortest; w < kWindows; ++w) failing[w] += by;
}

// In each of its cells its client counts by this failure, unless by a newer one; then by no older one.
void Windows::count_newest(std::uint64_t number) {
  Item& item = at(number);
  const std::size_t shortest = shortest_with(number);
  const auto& numbers = failures_of_[item.client];
  for (std::size_t cell = 0; cell < kCells; ++cell) {
    if (item.cells[cell] == kNone) continue;
    const auto counts = std::ranges::find_if(numbers, [&](std::uint64_t other) {
      return other != number && (at(other).counted >> cell & 1) != 0 && at(other).cells[cell] == item.cells[cell];
    });
    if (counts != numbers.end() && *counts > number) continue;
    if (counts != numbers.end()) count(at(*counts), shortest_with(*counts), cell, false);
    count(item, shortest, cell, true);
  }
}

// Where its client counted by this failure, it counts by the next older one.
void Windows::uncount(std::uint64_t number) {
  Item& item = at(number);
  if (item.counted == 0) return;
  const std::size_t shortest = shortest_with(number);
  const auto& numbers = failures_of_[item.client];
  for (std::uint32_t left = item.counted; left != 0; left &= left - 1) {
    const auto cell = static_cast<std::size_t>(std::countr_zero(left));
    count(item, shortest, cell, false);
    const auto older = std::find_if(numbers.rbegin(), numbers.rend(), [&](std::uint64_t other) {
      return other < number && at(other).blamed && at(other).cells[cell] == item.cells[cell];
    });
    if (older != numbers.rend()) count(at(*older), shortest_with(*older), cell, true);
  }
}

void Windows::begin(const std::array<std::uint64_t, kWindows>& numbers) {
  for (std::size_t w = 0; w < kWindows; ++w) {
    for (; begin_[w] < numbers[w]; ++begin_[w]) {
      const Item& item = at(begin_[w]);
      if (item.stands)
        for (const Slot place : item.known_places()) --places_[place].active[w];
      for (std::uint32_t left = item.counted; left != 0; left &= left - 1) --cells_[item.cells[static_cast<std::size_t>(std::countr_zero(left))]].failing[w];
    }
  }
}

}  // namespace vpnverdict::incident_parts
