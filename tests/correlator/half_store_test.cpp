// A half at rest is the same half: nothing of it is lost, and bytes that are none are refused.
#include "correlator/half_store.h"

#include <algorithm>
#include <limits>
#include <map>
#include <random>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "correlator/cluster.h"
#include "correlator/number_set.h"
#include "correlator/state_bytes.h"

namespace vpnverdict {
namespace {

class Random {
 public:
  explicit Random(std::uint64_t seed) : engine_(seed) {}
  std::uint64_t number() { return engine_() >> (engine_() % 64); }
  std::size_t below(std::size_t n) { return engine_() % n; }
  bool flag() { return engine_() % 2 == 0; }
  std::string name() { return std::string(below(40), static_cast<char>(engine_())); }
  Timestamp time() {
    const Timestamp any[] = {kUntimed, kNever, 0, -86'400'000, 1'700'000'000'000 + static_cast<Timestamp>(below(100'000))};
    return any[below(std::size(any))];
  }
  FactMask facts() {
    FactMask out;
    for (std::size_t n = below(5); n > 0; --n) out.insert(static_cast<Fact>(below(kFactCount)));
    return out;
  }

 private:
  std::mt19937_64 engine_;
};

Leg some_leg(Random& random) {
  Leg leg;
  leg.started = random.time();
  leg.last = random.time();
  leg.says = random.facts();
  leg.recovered = random.facts();
  leg.doubtful = random.facts();
  leg.ended = random.flag();
  leg.silent = random.flag();
  leg.gateway = random.name();
  leg.session = random.number();
  leg.cookie = random.number();
  return leg;
}

void fill(Half& half, Random& random) {
  half.vantage = random.flag() ? Vantage::client : Vantage::concentrator;
  half.join = static_cast<JoinStrength>(random.below(4));
  for (std::uint64_t Half::* field : {&Half::attempt_id, &Half::session_told, &Half::partner, &Half::told}) half.*field = random.number();
  for (std::string Half::* field : {&Half::device, &Half::peer, &Half::group, &Half::user, &Half::address, &Half::pool, &Half::server}) half.*field = random.name();
  for (Timestamp* field : {&half.started, &half.last, &half.connected_at, &half.received, &half.first_when, &half.last_when, &half.due}) *field = random.time();
  for (bool Half::* field : {&Half::closed, &Half::connected, &Half::only_session, &Half::fragment, &Half::absorbed}) half.*field = random.flag();
  half.peer_port = static_cast<std::uint16_t>(random.number());
  half.revision = static_cast<std::uint32_t>(random.number());
  for (std::size_t n = random.below(4); n > 0; --n) half.message_ids.push_back(static_cast<std::uint32_t>(random.number()));
  for (std::vector<std::uint64_t> Half::* list : {&Half::cookies, &Half::spis, &Half::seen})
    for (std::size_t n = random.below(4); n > 0; --n) (half.*list).push_back(random.number());
  for (std::size_t n = 1 + random.below(3); n > 0; --n) half.legs.push_back(some_leg(random));
  for (std::size_t n = random.below(4); n > 0; --n)
    half.evidence.add({random.time(), {static_cast<std::uint32_t>(random.number()), random.number()}, random.facts(), random.name()});
}

std::vector<std::string> told(const EvidenceList& evidence) {
  std::vector<std::string> out;
  evidence.each([&](const EvidenceList::Piece& piece) {
    std::string facts;
    piece.facts.for_each([&](Fact fact) { facts += std::string(name_of(fact)) + " "; });
    out.push_back(std::to_string(piece.time) + " " + std::to_string(piece.ref.source) + ":" + std::to_string(piece.ref.position) + " " + facts + std::string(piece.text));
  });
  return out;
}

void expect_same(const Leg& a, const Leg& b) {
  EXPECT_EQ(std::tie(a.started, a.last, a.says, a.recovered, a.doubtful, a.ended, a.silent, a.gateway, a.session, a.cookie),
            std::tie(b.started, b.last, b.says, b.recovered, b.doubtful, b.ended, b.silent, b.gateway, b.session, b.cookie));
}

void expect_same(const Half& a, const Half& b) {
  EXPECT_EQ(std::tie(a.id, a.vantage, a.attempt_id, a.device, a.peer, a.peer_port, a.group, a.user, a.address, a.pool, a.server),
            std::tie(b.id, b.vantage, b.attempt_id, b.device, b.peer, b.peer_port, b.group, b.user, b.address, b.pool, b.server));
  EXPECT_EQ(std::tie(a.message_ids, a.cookies, a.spis, a.seen), std::tie(b.message_ids, b.cookies, b.spis, b.seen));
  EXPECT_EQ(std::tie(a.started, a.last, a.connected_at, a.received, a.first_when, a.last_when, a.due),
            std::tie(b.started, b.last, b.connected_at, b.received, b.first_when, b.last_when, b.due));
  EXPECT_EQ(std::tie(a.closed, a.connected, a.only_session, a.fragment, a.session_told, a.partner, a.join, a.absorbed, a.revision, a.told),
            std::tie(b.closed, b.connected, b.only_session, b.fragment, b.session_told, b.partner, b.join, b.absorbed, b.revision, b.told));
  EXPECT_EQ(told(a.evidence), told(b.evidence));
  ASSERT_EQ(a.legs.size(), b.legs.size());
  for (std::size_t i = 0; i < a.legs.size(); ++i) expect_same(a.legs[i], b.legs[i]);
}

TEST(HalfStore, a_half_that_rested_is_the_same) {
  Random random(1);
  for (HalfId id = 1; id < 300; ++id) {
    Half half;
    half.id = id;
    fill(half, random);
    SpareHalves spare;
    HalfStore store(spare);
    store.open(id) = half;
    int rested = 0;
    for (const Timestamp now : {0, 10'000, 20'000}) store.rest(now, [&](Half&) { ++rested; });
    EXPECT_EQ(rested, 1);
    const auto not_wanted = [&](const auto& glance) {
      EXPECT_EQ(std::tuple(half.closed, half.absorbed, half.connected, half.spoken_for(), half.is_over()),
                std::tuple(glance.closed, glance.absorbed, glance.connected, glance.spoken_for(), glance.is_over()));
      EXPECT_EQ(std::tie(half.started, half.last, half.received, half.first_when, half.last_when, half.connected_at),
                std::tie(glance.started, glance.last, glance.received, glance.first_when, glance.last_when, glance.connected_at));
      return false;
    };
    EXPECT_EQ(store.look_if(id, not_wanted), nullptr);
    EXPECT_EQ(store.look_if(id, not_wanted), nullptr) << "asked again";
    Half* found = store.find(id);
    ASSERT_NE(found, nullptr);
    expect_same(half, *found);
    EXPECT_EQ(found->queued, half.absorbed ? kNever : half.due);
    half.evidence.add({1, {2, 3}, {}, "later"});
    found->evidence.add({1, {2, 3}, {}, "later"});
    EXPECT_EQ(told(half.evidence), told(found->evidence));
  }
}

// Who wakes gets the memory of one that went to rest: nothing of that one may be left.
TEST(HalfStore, halves_that_wake_in_turns_stay_as_they_were) {
  Random random(3);
  std::vector<Half> halves(40);
  SpareHalves spare;
  HalfStore store(spare);
  for (std::size_t i = 0; i < halves.size(); ++i) {
    halves[i].id = i + 1;
    fill(halves[i], random);
    store.open(halves[i].id) = halves[i];
  }
  Timestamp now = 0;
  for (int turn = 0; turn < 30; ++turn) {
    for (const Half& half : halves) {
      if (!random.flag()) continue;
      const bool changed = random.flag();
      const Half* found = changed ? store.find(half.id) : store.look(half.id);
      ASSERT_NE(found, nullptr);
      expect_same(half, *found);
    }
    store.rest(now += 10'000, [](Half&) {});
  }
  const Half& fresh = store.open(halves.size() + 1);
  EXPECT_TRUE(fresh.legs.empty() && fresh.seen.empty() && fresh.user.empty() && fresh.evidence.size() == 0 && !fresh.closed);
}

// What was seen of a half at a glance is not believed any more when it has changed.
TEST(HalfStore, a_glance_is_of_now) {
  SpareHalves spare;
  HalfStore store(spare);
  store.open(1).legs.emplace_back();
  Timestamp now = 0;
  const auto rest = [&] {
    for (int i = 0; i < 2; ++i) store.rest(now += 10'000, [](Half&) {});
  };
  for (const Timestamp last : {5, 6, 7}) {
    store.find(1)->last_when = last;
    const auto is_last = [&](const auto& glance) {
      EXPECT_EQ(glance.last_when, last);
      return false;
    };
    store.look_if(1, is_last);
    rest();
    store.look_if(1, is_last);
    store.look_if(1, is_last);
  }
}

TEST(HalfStore, who_is_asked_for_stays_awake) {
  SpareHalves spare;
  HalfStore store(spare);
  for (const HalfId id : {1, 2}) store.open(id).legs.emplace_back();
  std::vector<HalfId> rested;
  for (const Timestamp now : {0, 10'000, 20'000, 30'000}) {
    store.rest(now, [&](Half& half) { rested.push_back(half.id); });
    store.find(2);
  }
  EXPECT_EQ(rested, std::vector<HalfId>{1});
  EXPECT_EQ(store.ids(), (std::vector<HalfId>{1, 2}));
  store.forget(1);
  store.forget(2);
  EXPECT_EQ(store.find(1), nullptr);
  EXPECT_EQ(store.size(), 0u);
}

TEST(HalfStore, what_rests_leaves_no_more_memory_behind_than_is_in_use) {
  SpareHalves spare;
  HalfStore store(spare);
  for (HalfId id = 1; id <= 10'000; ++id) store.open(id);
  for (Timestamp time = 0; time <= 60'000; time += 15'000) store.rest(time, [](Half&) {});
  EXPECT_EQ(10'000u, store.size());
  EXPECT_LE(spare.size(), SpareHalves::kAlways);
}

TEST(HalfStore, the_oldest_that_was_told_is_found_awake_or_at_rest) {
  SpareHalves spare;
  HalfStore store(spare);
  for (const HalfId id : {1, 2, 3, 4}) store.open(id).legs.emplace_back();
  EXPECT_EQ(store.oldest_told(), 0u);
  store.find(2)->closed = store.find(4)->absorbed = true;
  EXPECT_EQ(store.oldest_told(), 2u);
  for (const Timestamp now : {0, 10'000}) store.rest(now, [](Half&) {});
  EXPECT_EQ(store.oldest_told(), 2u);
  store.forget(2);
  EXPECT_EQ(store.oldest_told(), 4u);
  store.find(3)->closed = true;
  EXPECT_EQ(store.oldest_told(), 3u);
}

TEST(HalfStore, bytes_that_end_early_are_refused) {
  Random random(2);
  for (int i = 0; i < 50; ++i) {
    Half half;
    fill(half, random);
    std::string bytes;
    pack(half, bytes);
    Half other;
    EXPECT_TRUE(unpack(bytes, other));
    for (std::size_t size = 0; size < bytes.size(); ++size) {
      Half cut;
      EXPECT_FALSE(unpack(std::string_view(bytes).substr(0, size), cut)) << size << " of " << bytes.size();
    }
  }
}

TEST(EvidenceList, sorted_by_time_it_keeps_the_order_of_what_has_none) {
  EvidenceList list;
  for (const auto& [time, text] : std::vector<std::pair<Timestamp, std::string>>{{30, "c"}, {kUntimed, "a"}, {10, "b"}, {30, "d"}, {kUntimed, "a too"}})
    list.add({time, {1, 7}, Fact::client_sent_am1, text});
  list.sort_by_time();
  std::vector<std::string> texts;
  list.each([&](const EvidenceList::Piece& piece) { texts.emplace_back(piece.text); });
  EXPECT_EQ(texts, (std::vector<std::string>{"a", "a too", "b", "c", "d"}));
}

TEST(NumberSet, is_a_set_in_order) {
  Random random(3);
  NumberSet ids;
  std::set<HalfId> expected;
  for (int i = 0; i < 2'000; ++i) {
    const HalfId id = 1 + random.below(6);
    if (random.flag()) {
      ids.insert(id);
      expected.insert(id);
    } else {
      ids.erase(id);
      expected.erase(id);
    }
    std::vector<HalfId> seen;
    ids.greatest_first([&](HalfId each) {
      seen.push_back(each);
      return true;
    });
    EXPECT_EQ(seen, std::vector<HalfId>(expected.rbegin(), expected.rend()));
    EXPECT_EQ(ids.size(), expected.size());
    EXPECT_EQ(ids.empty(), expected.empty());
  }
}

TEST(SourceHistory, tells_one_client_from_several_and_counts_legs_beside) {
  SourceHistory history;
  constexpr std::uint64_t kSomebody = 0xfedcba9876543210;
  constexpr std::uint64_t kSomebodyElse = 0xfedcba9876543310;
  for (int i = 0; i < 3; ++i) history.users.note(kSomebody);
  EXPECT_FALSE(history.is_shared());
  for (unsigned legs = 1; legs < 300; ++legs) {
    history.note_leg();
    EXPECT_EQ(history.legs(), std::min(legs, Clients::kCountMax));
    EXPECT_FALSE(history.is_shared());
  }
  history.users.note(kSomebody);
  EXPECT_FALSE(history.is_shared());
  EXPECT_FALSE(history.progressed());
  history.note_progress();
  EXPECT_TRUE(history.progressed());
  history.users.note(kSomebodyElse);
  EXPECT_TRUE(history.is_shared());
  history.users.note(kSomebody);
  EXPECT_TRUE(history.is_shared());
  EXPECT_EQ(history.legs(), Clients::kCountMax);
}

TEST(SourceHistory, restored_it_is_the_same) {
  SourceHistory history;
  for (const std::uint64_t name : {7, 5, 9}) history.names.insert(name);
  history.hosts.note(1 << 8);
  history.hosts.note(2 << 8);
  history.note_leg();
  StateWriter writer;
  writer(history);
  const std::string bytes = writer.take();
  SourceHistory restored;
  StateReader reader(bytes);
  reader(restored);
  EXPECT_TRUE(reader.ok() && reader.at_end());
  EXPECT_EQ(restored.names.size(), 3u);
  EXPECT_EQ(restored.legs(), 1u);
  EXPECT_TRUE(restored.hosts.several());
  EXPECT_FALSE(restored.users.several() || restored.progressed());
  StateWriter again;
  again(restored);
  EXPECT_EQ(again.take(), bytes);
}

}  // namespace
}  // namespace vpnverdict
