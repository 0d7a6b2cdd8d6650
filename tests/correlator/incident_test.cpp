// Section 4 of the diagnosis: every pattern among a fleet's usual failures, and beside it what looks like it and is none.
#include "correlator/incident.h"

#include <deque>
#include <functional>
#include <optional>
#include <random>
#include <set>

#include <gtest/gtest.h>

#include "correlator/limits.h"
#include "correlator/state_bytes.h"

namespace vpnverdict {
namespace {

constexpr Timestamp kMinute = 60'000;
constexpr Timestamp kHour = 60 * kMinute;
constexpr Timestamp kStart = 1'772'434'800'000;
constexpr int kBoxes = 20;
constexpr int kGroups = 40;

std::string box_name(int box) { return "vpn" + std::to_string(box / 2) + (box % 2 == 0 ? "a" : "b"); }
std::string site_name(int box) { return "site" + std::to_string(box / 2); }

Inventory fleet_inventory() {
  Inventory inventory;
  for (int box = 0; box < kBoxes; ++box) inventory.concentrators.push_back({box_name(box), site_name(box), {box_name(box)}});
  inventory.index();
  return inventory;
}

struct Person {
  int index, box, group, isp;
  bool natt;
};

// What becomes of one attempt; the test changes what its pattern demands.
struct Attempt {
  Person who;
  Timestamp at;
  Cause cause = Cause::connected;
  Grade grade = Grade::certain;
  bool box_log = true;
  bool client_log = false;
  std::string peer, user, server, pool;
  int box;
  bool made = true;
  bool site = false;  // another site's gateway, no user
};

constexpr Cause kUsual[] = {Cause::user_password_wrong, Cause::user_password_wrong, Cause::user_password_wrong, Cause::user_unknown,
                            Cause::group_name_unknown,  Cause::natt_udp4500_blocked, Cause::udp500_blocked,     Cause::xauth_timeout,
                            Cause::user_login_limit,    Cause::ike_proposal_mismatch, Cause::certificate_expired, Cause::user_cancelled,
                            Cause::group_password_mismatch, Cause::address_pool_exhausted, Cause::user_account_locked};

class Fleet {
 public:
  using Change = std::function<void(Attempt&)>;

  explicit Fleet(unsigned seed = 1, Timestamp start = kStart) : random_(seed), now_(start) {}

  // Attempts at 40 a minute for so long, 12 % of which fail as they do every day.
  void play(Timestamp length, const Change& change = {}) {
    for (const Timestamp end = now_ + length; now_ < end; now_ += 500 + random_() % 2'000) {
      Attempt attempt;
      attempt.who = person(static_cast<int>(random_() % 8'000));
      attempt.box = attempt.who.box;
      attempt.at = now_;
      attempt.client_log = random_() % 3 == 0;
      if (random_() % 100 < 12) attempt.cause = kUsual[random_() % std::size(kUsual)];
      if (row_of(attempt.cause).step == 7) attempt.server = attempt.box < kBoxes / 2 ? "radius-west" : "radius-east";
      if (row_of(attempt.cause).step == 8) attempt.pool = "pool" + std::to_string(attempt.who.group);
      attempt.peer = peer_of(attempt.who);
      attempt.user = "user" + std::to_string(attempt.who.index);
      if (change) change(attempt);
      if (attempt.made) tell(attempt);
      advance(now_);
    }
  }
  void tell(const Attempt& attempt) {
    Verdict verdict;
    verdict.id = ++ids_;
    verdict.final = true;
    verdict.cause = attempt.cause;
    verdict.outcome = attempt.cause == Cause::connected ? Outcome::connected
                      : attempt.site || attempt.cause == Cause::not_a_user_attempt ? Outcome::not_a_user_attempt
                      : attempt.cause == Cause::undetermined       ? Outcome::undetermined : Outcome::failed;
    verdict.step = row_of(attempt.cause).step;
    verdict.grade = attempt.grade;
    verdict.concentrator = attempt.box < 0 ? "" : box_name(attempt.box);
    verdict.group = attempt.who.group < 0 ? "" : "group" + std::to_string(attempt.who.group);
    // Who the user is, the concentrator learns at step 7.
    if (verdict.cause == Cause::connected || verdict.step >= 7) verdict.user = attempt.user;
    verdict.server = attempt.server;
    verdict.pool = attempt.pool;
    verdict.peer_ip = attempt.peer;
    if (!attempt.box_log) verdict.client = "pc" + std::to_string(attempt.who.index);
    verdict.started_at = attempt.at - 20'000;
    verdict.ended_at = attempt.at;
    if (attempt.box_log) verdict.evidence.push_back({Vantage::concentrator, attempt.at, {}, "a line", {}});
    if (attempt.client_log || !attempt.box_log) verdict.evidence.push_back({Vantage::client, attempt.at, {}, "a client's line", {}});
    take(verdict);
  }
  void end_session(int who, Cause cause, Timestamp at) {
    Verdict verdict;
    verdict.id = ++ids_;
    verdict.final = verdict.about_session = true;
    verdict.cause = cause;
    verdict.outcome = cause == Cause::ended_by_user ? Outcome::ended : Outcome::failed;
    const Person p = person(who);
    verdict.concentrator = box_name(p.box);
    verdict.group = "group" + std::to_string(p.group);
    verdict.user = "user" + std::to_string(who);
    verdict.peer_ip = peer_of(p);
    verdict.started_at = at - kHour;
    verdict.ended_at = at;
    verdict.evidence.push_back({Vantage::concentrator, at, {}, "disconnected", {}});
    take(verdict);
  }
  void take(Verdict verdict) {
    verdict.due_at = now_;
    if (std::optional<Sign> sign = sign_of(verdict)) {
      signs.push_back(*sign);
      tracker.take(std::move(*sign));
    }
  }
  void advance(Timestamp to) {
    now_ = to;
    tracker.advance_to(now_, told);
  }
  Timestamp now() const { return now_; }
  std::uint64_t draw() { return random_(); }

  Person person(int index) const {
    std::mt19937 own(static_cast<unsigned>(index) * 7919 + 5);
    return {index, static_cast<int>(own() % kBoxes), static_cast<int>(own() % kGroups), static_cast<int>(own() % 12), own() % 10 != 0};
  }
  static std::string peer_of(const Person& p) {
    return "198." + std::to_string(18 + p.isp) + '.' + std::to_string(p.index / 250) + '.' + std::to_string(1 + p.index % 250);
  }

  // The last record of each incident, in the order of their opening.
  std::vector<Incident> cards() const {
    std::vector<Incident> out;
    for (const Incident& record : told) {
      const auto known = std::find_if(out.begin(), out.end(), [&](const Incident& card) { return card.id == record.id; });
      if (known == out.end())
        out.push_back(record);
      else
        *known = record;
    }
    return out;
  }
  std::string text() const {
    std::string out;
    for (const Incident& card : cards())
      out += std::string(name_of(card.kind)) + ' ' + std::string(name_of(card.dimension)) + ' ' + card.value + " +" + std::to_string((card.detected_at - kStart) / kMinute) +
             (card.open ? " open: " : " closed (" + card.closed_why + ") +" + std::to_string((card.closed_at - kStart) / kMinute) + ": ") + card.sentence + '\n';
    return out;
  }

  const Inventory inventory = fleet_inventory();
  IncidentTracker tracker{&inventory};
  std::vector<Incident> told;
  std::vector<Sign> signs;  // all that the tracker was given

 private:
  std::mt19937 random_;
  Timestamp now_;
  std::uint64_t ids_ = 0;
};

// Four usual hours, the pattern for `length`, an usual hour. One card must name the place.
void expect_one(const Fleet::Change& pattern, IncidentKind kind, Dimension dimension, const std::string& value, Cause cause,
                Timestamp length = 40 * kMinute) {
  for (const unsigned seed : {1u, 2u}) {
    Fleet fleet(seed);
    fleet.play(4 * kHour);
    const Timestamp onset = fleet.now();
    EXPECT_TRUE(fleet.told.empty()) << fleet.text();
    Timestamp tenth = 0;
    std::set<std::string> hit;
    fleet.play(length, [&](Attempt& attempt) {
      const Cause before = attempt.cause;
      const bool logged = attempt.box_log;
      const bool made = attempt.made;
      pattern(attempt);
      if (attempt.cause != before || attempt.box_log != logged || attempt.made != made) hit.insert("user" + std::to_string(attempt.who.index));
      if (hit.size() == 10 && tenth == 0) tenth = attempt.at;
    });
    fleet.play(2 * kHour);
    for (const Incident& record : fleet.told) EXPECT_LE(record.affected, record.active) << record.sentence;
    const std::vector<Incident> cards = fleet.cards();
    ASSERT_EQ(cards.size(), 1u) << "seed " << seed << '\n' << fleet.text();
    const Incident& card = cards[0];
    EXPECT_EQ(name_of(card.kind), name_of(kind)) << fleet.text();
    EXPECT_EQ(name_of(card.dimension), name_of(dimension)) << fleet.text();
    EXPECT_EQ(card.value, value) << fleet.text();
    EXPECT_EQ(card.mixed, cause == Cause::contradictory);
    if (!card.mixed) {
      EXPECT_EQ(name_of(card.cause), name_of(cause)) << fleet.text();
    }
    // Of attempts that never show up nobody knows which one is the tenth.
    const bool silent = kind == IncidentKind::silence || kind == IncidentKind::silent_feed;
    EXPECT_LE(card.detected_at, tenth + (silent ? 8 : 2) * kMinute) << "seed " << seed << ' ' << (card.detected_at - tenth) / 1000;
    EXPECT_GE(card.onset, onset - 3 * kMinute) << (card.onset - onset) / 1000;
    EXPECT_LE(card.onset, tenth) << (card.onset - tenth) / 1000;
    EXPECT_FALSE(card.open) << fleet.text();
    EXPECT_FALSE(card.sentence.empty());
  }
}

TEST(Incident, usual_days_have_none) {
  Fleet fleet(7);
  fleet.play(2 * 24 * kHour);
  EXPECT_TRUE(fleet.told.empty()) << fleet.text();
}

TEST(Incident, one_box_overloaded_many_groups_mixed_causes) {
  constexpr Cause kMixed[] = {Cause::session_limit_reached, Cause::xauth_timeout, Cause::aaa_server_unreachable, Cause::address_unavailable,
                              Cause::phase2_proposal_mismatch, Cause::concentrator_no_route_back};
  int n = 0;
  expect_one([&](Attempt& a) { if (a.box == 6 && n++ % 5 != 0) a.cause = kMixed[n % std::size(kMixed)]; },
             IncidentKind::failures, Dimension::concentrator, "vpn3a", Cause::contradictory);
}

// Every third attempt there is told without its end: these do not speak for the box.
TEST(Incident, one_box_overloaded_and_its_log_does_not_tell_all) {
  for (const unsigned seed : {1u, 2u, 3u}) {
    Fleet fleet(seed);
    fleet.play(4 * kHour);
    int n = 0;
    int failed = 0;
    Timestamp tenth = 0;
    fleet.play(40 * kMinute, [&](Attempt& a) {
      constexpr Cause kMixed[] = {Cause::session_limit_reached, Cause::undetermined, Cause::address_unavailable, Cause::ike_proposal_mismatch, Cause::undetermined, Cause::xauth_timeout};
      if (a.box != 6) return;
      a.cause = kMixed[n++ % std::size(kMixed)];
      if (a.cause != Cause::undetermined && ++failed == 10) tenth = a.at;
    });
    const std::vector<Incident> cards = fleet.cards();
    ASSERT_EQ(cards.size(), 1u) << fleet.text();
    EXPECT_EQ(cards[0].value, "vpn3a");
    EXPECT_LE(cards[0].detected_at, tenth + 2 * kMinute) << "seed " << seed << ' ' << (cards[0].detected_at - tenth) / 1000;
  }
}

// Four of four is much where nearly nobody fails, four of many is not.
TEST(Incident, few_are_enough_where_they_are_all) {
  for (const bool all : {true, false}) {
    Fleet fleet(5);
    const auto alone = [](Attempt& a) {
      if (a.who.group == 7 && a.who.index % 8 != 0) a.who.group = 8;  // of which few call
    };
    fleet.play(12 * kHour, alone);
    EXPECT_TRUE(fleet.told.empty()) << fleet.text();
    int failed = 0;
    for (int who = 0; who < 8'000 && failed < 4; ++who) {
      if (fleet.person(who).group != (all ? 7 : 8) || (all && who % 8 != 0)) continue;
      Attempt attempt;
      attempt.who = fleet.person(who);
      attempt.at = fleet.now();
      attempt.cause = Cause::tunnel_type_not_permitted;
      attempt.box = attempt.who.box;
      attempt.user = "user" + std::to_string(who);
      attempt.peer = Fleet::peer_of(attempt.who);
      fleet.tell(attempt);
      ++failed;
    }
    if (!all) {
      for (int who = 0, works = 0; who < 8'000 && works < 12; ++who) {
        Attempt attempt;
        attempt.who = fleet.person(7'999 - who);
        attempt.at = fleet.now();
        if (attempt.who.group != 8) continue;
        attempt.box = attempt.who.box;
        attempt.user = "user" + std::to_string(7'999 - who);
        attempt.peer = Fleet::peer_of(attempt.who);
        fleet.tell(attempt);
        ++works;
      }
    }
    fleet.advance(fleet.now() + kMinute);
    EXPECT_EQ(fleet.cards().size(), all ? 1u : 0u) << fleet.text();
  }
}

TEST(Incident, one_box_silent_others_fine) {
  expect_one([](Attempt& a) { if (a.box == 6) a.cause = Cause::public_filter_blocks, a.grade = Grade::probable, a.box_log = false; },
             IncidentKind::failures, Dimension::concentrator, "vpn3a", Cause::public_filter_blocks);
}

TEST(Incident, no_attempt_arrives_at_one_box) {
  expect_one([](Attempt& a) { if (a.box == 6) a.made = false; }, IncidentKind::silence, Dimension::concentrator, "vpn3a", Cause::undetermined);
}

TEST(Incident, no_attempt_arrives_at_a_site) {
  expect_one([](Attempt& a) { if (a.box / 2 == 3) a.made = false; }, IncidentKind::silence, Dimension::site, "site3", Cause::undetermined);
}

TEST(Incident, a_quiet_hour_of_everybody_is_no_silence) {
  Fleet fleet(3);
  fleet.play(4 * kHour);
  int n = 0;
  fleet.play(4 * kHour, [&](Attempt& a) { a.made = n++ % 12 == 0; });
  EXPECT_TRUE(fleet.told.empty()) << fleet.text();
}

// A site on the other side of the world goes home within three hours, at the time of day at which the rest works.
TEST(Incident, a_site_that_goes_to_sleep_is_no_silence) {
  Fleet fleet;
  fleet.play(2 * 24 * kHour, [&](Attempt& attempt) {
    if (attempt.box / 2 != 4) return;
    const double hour = static_cast<double>((attempt.at - kStart) % (24 * kHour)) / kHour;
    const double awake = hour < 9 ? 1 : hour < 12 ? 1 - (hour - 9) * 0.32 : hour < 20 ? 0.04 : 0.04 + (hour - 20) * 0.24;
    attempt.made = static_cast<double>(fleet.draw() % 1'000) < awake * 1'000;
  });
  EXPECT_TRUE(fleet.told.empty()) << fleet.text();
}
// Where nothing is logged at all, neither attempts nor ends of sessions, both are missed.
TEST(Incident, a_site_that_says_nothing_at_all_is_missed_sooner) {
  const auto late = [](bool ends) {
    Fleet fleet;
    const auto play = [&](Timestamp length, bool cut) {
      fleet.play(length, [&](Attempt& attempt) {
        attempt.made = !cut || attempt.box / 2 != 4;
        if (!ends) return;
        const int other = static_cast<int>(fleet.draw() % 8'000);
        if (!cut || fleet.person(other).box / 2 != 4) fleet.end_session(other, Cause::ended_by_user, fleet.now());
      });
    };
    play(4 * kHour, false);
    EXPECT_TRUE(fleet.told.empty()) << fleet.text();
    const Timestamp cut = fleet.now();
    play(20 * kMinute, true);
    const std::vector<Incident> cards = fleet.cards();
    EXPECT_EQ(cards.size(), 1U) << fleet.text();
    return cards.empty() ? kHour : cards[0].detected_at - cut;
  };
  EXPECT_LT(late(true), late(false));
}
// A busy site has ten callers within the minute: it is not waited for as long as a single log that comes late.
TEST(Incident, a_busy_site_that_is_cut_off_is_missed_within_two_minutes_of_the_tenth_caller) {
  for (const unsigned seed : {1u, 2u, 3u, 4u, 5u, 6u}) {
    Fleet fleet(seed);
    int called = 0;
    Timestamp tenth = 0;
    const auto play = [&](Timestamp length, bool cut) {
      fleet.play(length, [&](Attempt& attempt) {
        if (fleet.draw() % 4 == 0) attempt.box = attempt.who.box = 8 + static_cast<int>(fleet.draw() % 2);
        if (attempt.box / 2 == 4 && cut && ++called == 10) tenth = attempt.at;
        attempt.made = !cut || attempt.box / 2 != 4;
        const int other = static_cast<int>(fleet.draw() % 8'000);
        if (!cut || fleet.person(other).box / 2 != 4) fleet.end_session(other, Cause::ended_by_user, fleet.now());
      });
    };
    play(26 * kHour, false);
    EXPECT_TRUE(fleet.told.empty()) << fleet.text();
    play(20 * kMinute, true);
    const std::vector<Incident> cards = fleet.cards();
    ASSERT_EQ(cards.size(), 1U) << fleet.text();
    EXPECT_EQ(cards[0].value, "site4");
    EXPECT_LE(cards[0].detected_at, tenth + 2 * kMinute) << seed;
  }
}

// Where a record ends, or everybody has gone home, sessions end for hours that nobody begins any more; who has no open ones is done.
TEST(Incident, a_box_without_open_sessions_is_not_missed_when_nobody_begins_any) {
  Fleet fleet;
  const auto play = [&](Timestamp length, bool begins, int without) {
    fleet.play(length, [&](Attempt& attempt) {
      attempt.made = begins;
      const int other = static_cast<int>(fleet.draw() % 8'000);
      if (fleet.person(other).box != without) fleet.end_session(other, Cause::ended_by_user, fleet.now());
    });
  };
  play(25 * kHour, true, -1);
  play(3 * kHour, false, 6);
  EXPECT_TRUE(fleet.told.empty()) << fleet.text();
}

// Its sessions end as ever, and the log tells of it: a site is not cut off because nobody calls for some minutes.
TEST(Incident, a_site_whose_sessions_end_is_not_missed_so_soon) {
  for (const unsigned seed : {1u, 2u, 3u, 4u, 5u, 6u}) {
    Fleet fleet(seed);
    const auto play = [&](Timestamp length, int without) {
      fleet.play(length, [&](Attempt& attempt) {
        attempt.made = attempt.box / 2 != without;
        fleet.end_session(static_cast<int>(fleet.draw() % 8'000), Cause::ended_by_user, fleet.now());
      });
    };
    play(4 * kHour, -1);
    play(320'000, 4);
    play(10 * kMinute, -1);
    EXPECT_TRUE(fleet.told.empty()) << fleet.text();
  }
}

// A clock that stands before 1970, or a line that says so, is as good as another.
TEST(Incident, the_same_fleet_before_1970_makes_the_same_card) {
  const auto card = [](Timestamp start) {
    Fleet fleet(3, start);
    fleet.play(3 * kHour);
    fleet.play(30 * kMinute, [](Attempt& a) { a.made = a.box / 2 != 4; });
    const std::vector<Incident> cards = fleet.cards();
    EXPECT_EQ(cards.size(), 1u) << fleet.text();
    if (cards.empty()) return std::string("none");
    return std::string(name_of(cards[0].kind)) + ' ' + cards[0].value + ' ' + std::to_string(cards[0].onset - start) + ' ' + std::to_string(cards[0].detected_at - start) + ' ' +
           cards[0].sentence;
  };
  EXPECT_EQ(card(kStart - 20'600 * 24 * kHour), card(kStart));
}
TEST(Incident, a_feed_that_went_quiet) {
  expect_one([](Attempt& a) { if (a.box == 6) a.box_log = false, a.made = a.client_log; }, IncidentKind::silent_feed, Dimension::concentrator, "vpn3a",
             Cause::undetermined);
}

// Two clients' logs arrive after a box fell silent. Of users who gave up, or of connections made before, they are no witnesses.
TEST(Incident, who_gave_up_or_connected_before_does_not_make_a_silence_one_of_the_feed) {
  for (const bool before : {false, true}) {
    Fleet fleet(2);
    fleet.play(4 * kHour);
    const Timestamp cut = fleet.now();
    fleet.play(25 * kMinute, [&, told = 0](Attempt& a) mutable {
      if (a.box != 6) return;
      a.made = fleet.now() >= cut + 2 * kMinute && told++ < 3;
      a.box_log = false;
      a.client_log = true;
      a.cause = before ? Cause::connected : Cause::user_cancelled;
      if (before) a.at = cut - 5 * kMinute;
    });
    const std::vector<Incident> cards = fleet.cards();
    ASSERT_EQ(cards.size(), 1u) << fleet.text();
    EXPECT_EQ(name_of(cards[0].kind), name_of(IncidentKind::silence)) << before;
    EXPECT_EQ(cards[0].value, "vpn3a");
  }
}

// … and its partner pauses for some minutes, as it may: the feed of one is silent, not the site.
TEST(Incident, a_feed_that_went_quiet_and_a_pause_of_its_partner) {
  Fleet fleet(2);
  fleet.play(4 * kHour);
  const auto cut = [](Attempt& a) {
    if (a.box == 6) a.box_log = false, a.client_log = true;
  };
  fleet.play(25 * kMinute, cut);
  fleet.play(7 * kMinute, [&](Attempt& a) { cut(a), a.made = a.box != 7; });
  fleet.play(20 * kMinute, cut);
  const std::vector<Incident> cards = fleet.cards();
  ASSERT_EQ(cards.size(), 1u) << fleet.text();
  EXPECT_EQ(cards[0].kind, IncidentKind::silent_feed);
  EXPECT_EQ(cards[0].value, "vpn3a");
}
TEST(Incident, clients_of_one_provider) {
  expect_one([](Attempt& a) { if (a.who.isp == 4) a.cause = Cause::udp500_blocked, a.grade = Grade::guess, a.box_log = false; },
             IncidentKind::failures, Dimension::network, "198.22.0.0/16", Cause::udp500_blocked);
}

// Who cannot reach the gateway tells it when he is on the net again: most logs come hours later. Three who say so are enough where nobody
// else gets through, though many are due.
TEST(Incident, who_is_missed_need_not_all_say_so) {
  for (const unsigned seed : {1u, 2u, 3u}) {
    for (const bool box : {true, false}) {
      Fleet fleet(seed);
      fleet.play(4 * kHour);
      EXPECT_TRUE(fleet.told.empty()) << fleet.text();
      int affected = 0;
      fleet.play(40 * kMinute, [&](Attempt& a) {
        if (box ? a.box != 6 : a.who.isp != 4) return;
        a.cause = Cause::udp500_blocked, a.grade = Grade::guess, a.box_log = false;
        a.made = ++affected % 3 == 0 && affected < 10;
      });
      fleet.play(2 * kHour);
      const std::vector<Incident> cards = fleet.cards();
      const auto card = std::ranges::find(cards, IncidentKind::failures, &Incident::kind);
      ASSERT_NE(card, cards.end()) << "seed " << seed << '\n' << fleet.text();
      EXPECT_EQ(card->value, box ? "vpn3a" : "198.22.0.0/16");
      EXPECT_EQ(card->cause, Cause::udp500_blocked);
      EXPECT_LE(card->affected, 3u);
      EXPECT_LE(cards.size(), box ? 2u : 1u) << "a box that nobody reaches is silent, too\n" << fleet.text();
    }
  }
}

// Two who do not say by which address they are seen may be of the network of which a card tells: nobody is missed by them elsewhere.
TEST(Incident, who_may_be_of_a_filtered_network_is_not_missed_at_a_box) {
  for (const unsigned seed : {1u, 2u, 3u}) {
    Fleet fleet(seed);
    fleet.play(4 * kHour);
    EXPECT_TRUE(fleet.told.empty()) << fleet.text();
    const auto filtered = [](Attempt& a) {
      if (a.who.isp == 4) a.cause = Cause::udp500_blocked, a.grade = Grade::guess, a.box_log = false, a.made = a.who.index % 4 == 0;
    };
    fleet.play(20 * kMinute, filtered);
    ASSERT_EQ(fleet.cards().size(), 1u) << fleet.text();
    int called = 0;
    fleet.play(8 * kMinute, [&](Attempt& a) {
      filtered(a);
      if (a.box != 6) return;
      a.cause = Cause::udp500_blocked, a.grade = Grade::guess, a.box_log = false;
      a.who.group = -1, a.peer.clear();
      ++called;
      a.made = called == 8 || called == 10;
    });
    ASSERT_GE(called, 10);
    const std::vector<Incident> cards = fleet.cards();
    EXPECT_EQ(cards.size(), 1u) << fleet.text();
    EXPECT_EQ(cards[0].value, "198.22.0.0/16");
  }
}

// Failures are told later than connections: while nobody comes for two minutes, three are told of who began before others got through.
TEST(Incident, a_pause_after_failures_that_others_outran_is_none) {
  for (const bool outrun : {true, false}) {
    Fleet fleet(5);
    const auto busy = [&](Attempt& a) {
      if (fleet.draw() % 4 == 0) a.box = a.who.box = 6;
      if (a.box == 6) a.cause = Cause::connected;
    };
    fleet.play(4 * kHour, busy);
    EXPECT_TRUE(fleet.told.empty()) << fleet.text();
    const Timestamp pause = fleet.now();
    int called = 0;
    fleet.play(150'000, [&](Attempt& a) {
      busy(a);
      if (a.box != 6) return;
      a.cause = Cause::udp500_blocked, a.grade = Grade::guess, a.box_log = false;
      a.made = ++called <= 3;
      if (outrun) a.at = pause - kMinute;
    });
    ASSERT_GT(called, 10);
    EXPECT_EQ(fleet.cards().size(), outrun ? 0u : 1u) << fleet.text();
  }
}

// Anybody may be in the wrong group, and of many networks four such people meet in one by chance. What a network does it does to all.
TEST(Incident, four_of_a_network_are_enough_for_what_a_network_can_do) {
  for (const auto& [cause, cards] : {std::pair(Cause::group_lock_violation, 0u), std::pair(Cause::udp500_blocked, 1u)}) {
    Fleet fleet(5);
    fleet.play(12 * kHour);
    EXPECT_TRUE(fleet.told.empty()) << fleet.text();
    for (int who = 0; who < 4; ++who) {
      Attempt attempt;
      attempt.who = fleet.person(1'000 + who);
      attempt.at = fleet.now();
      attempt.cause = cause;
      attempt.box = attempt.who.box;
      attempt.user = "user" + std::to_string(1'000 + who);
      attempt.peer = "203.0.113." + std::to_string(1 + who);
      fleet.tell(attempt);
    }
    fleet.advance(fleet.now() + kMinute);
    EXPECT_EQ(fleet.cards().size(), cards) << fleet.text();
  }
}

// Half of their logs do not say by which address the client is seen, and most come minutes later. That there are more of these than
// usual is said by the time the fourth with an address is heard of.
TEST(Incident, clients_of_one_provider_half_of_whom_do_not_say_so) {
  for (const unsigned seed : {1u, 2u}) {
    Fleet fleet(seed);
    const auto nameless = [](Attempt& a) {
      if (a.cause != Cause::udp500_blocked) return;
      a.grade = Grade::guess, a.box_log = false, a.who.group = -1;
      if (a.who.index % 2 == 0) a.peer.clear();
    };
    fleet.play(4 * kHour, nameless);
    EXPECT_TRUE(fleet.told.empty()) << fleet.text();
    int named = 0;
    int others = 0;
    Timestamp third = 0;
    fleet.play(30 * kMinute, [&](Attempt& a) {
      if (a.who.isp == 4) a.cause = Cause::udp500_blocked, a.made = a.who.index % 3 != 0;  // the rest is never shipped
      nameless(a);
      if (a.who.isp != 4 || !a.made || third != 0) return;
      ++(a.peer.empty() ? others : named);
      if (named >= 3 && named + others >= 8) third = a.at;
    });
    fleet.play(2 * kHour, nameless);
    const std::vector<Incident> cards = fleet.cards();
    ASSERT_EQ(cards.size(), 1u) << "seed " << seed << '\n' << fleet.text();
    EXPECT_EQ(cards[0].value, "198.22.0.0/16");
    EXPECT_LE(cards[0].detected_at, third + kMinute) << "seed " << seed << ' ' << named << " and " << others;
  }
}

TEST(Incident, clients_behind_nat) {
  expect_one([](Attempt& a) { if (a.who.natt) a.cause = Cause::natt_udp4500_blocked; }, IncidentKind::failures, Dimension::cause,
             "natt_udp4500_blocked", Cause::natt_udp4500_blocked);
}

TEST(Incident, a_group_password_was_changed) {
  expect_one([](Attempt& a) { if (a.who.group == 11) a.cause = Cause::group_password_mismatch; }, IncidentKind::failures, Dimension::group, "group11",
             Cause::group_password_mismatch);
}

// The share that a card tells is that of its time, not of the good half hour before.
TEST(Incident, active_are_those_who_called_since_the_onset) {
  Fleet fleet(5);
  fleet.play(4 * kHour);
  int called = 0;
  fleet.play(15 * kMinute, [&](Attempt& a) {
    if (a.box != 4) return;
    ++called;
    a.cause = Cause::ike_proposal_mismatch;
  });
  const std::vector<Incident> cards = fleet.cards();
  ASSERT_EQ(cards.size(), 1u) << fleet.text();
  EXPECT_EQ(cards[0].value, box_name(4));
  EXPECT_LE(cards[0].active, static_cast<std::uint64_t>(called));
}

// Few call. One fails as some do on any day, four get in, then nobody does: it is since then.
TEST(Incident, an_onset_is_not_put_before_those_who_got_in) {
  Fleet fleet(5);
  int calls = 0;
  Timestamp from = 0;
  fleet.play(9 * kHour, [&, n = 0](Attempt& a) mutable {
    if (a.who.group == 7 && a.box == 5) a.made = false;
    if (++n % 480 != 0) return;
    ++calls;
    const bool fails = calls == 30 || calls >= 35;
    if (calls == 35) from = a.at;
    a.made = true, a.who.group = 7, a.box = 5;
    a.user = "of the group " + std::to_string(calls);
    a.peer = "203.0." + std::to_string(calls) + ".1";
    a.cause = fails ? Cause::group_password_mismatch : Cause::connected;
  });
  const std::vector<Incident> cards = fleet.cards();
  ASSERT_EQ(cards.size(), 1u) << fleet.text();
  EXPECT_EQ(cards[0].value, "group7 on " + box_name(5));
  EXPECT_EQ((cards[0].onset - from) / kMinute, 0);
}

TEST(Incident, a_change_reached_one_box_only) {
  expect_one([](Attempt& a) {
    if (a.who.index % 4 == 0) a.who.group = 11, a.box = a.who.index / 4 % 3;  // a group that lives on three boxes
    if (a.who.group == 11 && a.box == 1) a.cause = Cause::group_password_mismatch;
  }, IncidentKind::failures, Dimension::group_on_concentrator, "group11 on vpn0b", Cause::group_password_mismatch);
}

TEST(Incident, an_authentication_server_is_dead) {
  expect_one([](Attempt& a) {
    if (a.box < kBoxes / 2) a.cause = Cause::aaa_server_unreachable, a.server = "radius-west";
  }, IncidentKind::failures, Dimension::aaa_server, "radius-west", Cause::aaa_server_unreachable);
}

TEST(Incident, an_authentication_server_refuses_everybody) {
  expect_one([](Attempt& a) {
    if (a.box < kBoxes / 2) a.cause = Cause::user_rejected_unspecified, a.server = "radius-west";
  }, IncidentKind::failures, Dimension::aaa_server, "radius-west", Cause::user_rejected_unspecified);
}

TEST(Incident, a_pool_is_full) {
  expect_one([](Attempt& a) {
    if (a.who.index % 6 == 0) a.who.group = 11;
    if (a.who.group == 11 && a.box / 2 == 3 && a.who.index % 5 != 0) a.cause = Cause::address_pool_exhausted, a.pool = "field";
  }, IncidentKind::failures, Dimension::pool, "field", Cause::address_pool_exhausted);
}

// Of half the clients of a full pool only their own log arrives. It knows neither group nor concentrator, and that no address came.
TEST(Incident, a_full_pool_is_one_card_though_half_its_clients_do_not_know_their_group) {
  for (const unsigned seed : {1u, 2u, 3u}) {
    Fleet fleet(seed);
    const Fleet::Change field = [](Attempt& a) {
      if (a.who.index % 4 == 0) a.box = 6, a.who.group = 11;
    };
    fleet.play(4 * kHour, field);
    EXPECT_TRUE(fleet.told.empty()) << fleet.text();
    fleet.play(40 * kMinute, [&](Attempt& a) {
      field(a);
      if (a.who.group != 11 || a.box != 6 || a.cause != Cause::connected) return;
      a.cause = Cause::address_pool_exhausted;
      a.pool = "field";
      if (a.who.index % 8 != 0) return;
      a.cause = Cause::address_unavailable;
      a.grade = Grade::guess;
      a.pool.clear();
      a.box = a.who.group = -1;
      a.box_log = false;
    });
    fleet.play(2 * kHour, field);
    std::vector<Incident> cards = fleet.cards();
    std::erase_if(cards, [](const Incident& card) { return card.closed_why == "it is part of another incident"; });
    ASSERT_EQ(cards.size(), 1u) << "seed " << seed << '\n' << fleet.text();
    EXPECT_EQ(cards[0].dimension, Dimension::pool) << fleet.text();
    EXPECT_EQ(cards[0].value, "field");
    EXPECT_FALSE(cards[0].open);
  }
}

// What stops at another stage has nothing to do with the pool, though no log says of whom it is.
TEST(Incident, beside_a_full_pool_another_trouble_of_the_fleet_has_its_own_card) {
  Fleet fleet(4);
  const Fleet::Change field = [](Attempt& a) {
    if (a.who.index % 8 == 0) a.box = 6, a.who.group = 11;
  };
  fleet.play(4 * kHour, field);
  fleet.play(40 * kMinute, [&](Attempt& a) {
    field(a);
    if (a.cause != Cause::connected) return;
    if (a.who.group == 11 && a.box == 6) a.cause = Cause::address_pool_exhausted, a.pool = "field";
    if (a.who.index % 8 == 1) a.cause = Cause::ike_proposal_mismatch, a.grade = Grade::guess, a.box = a.who.group = -1, a.box_log = false;
  });
  fleet.play(2 * kHour, field);
  const std::vector<Incident> cards = fleet.cards();
  const auto told = [&](std::string_view value) {
    return std::ranges::count_if(cards, [&](const Incident& card) { return card.value == value && card.closed_why != "it is part of another incident"; });
  };
  EXPECT_EQ(told("field"), 1) << fleet.text();
  EXPECT_EQ(told("ike_proposal_mismatch"), 1) << fleet.text();
}

TEST(Incident, certificates_of_one_issuer_ran_out) {
  expect_one([](Attempt& a) { if (a.who.index % 5 == 0) a.cause = Cause::certificate_expired; }, IncidentKind::failures, Dimension::cause,
             "certificate_expired", Cause::certificate_expired);
}

TEST(Incident, one_client_everywhere_is_none) {
  Fleet fleet(5);
  fleet.play(4 * kHour);
  int n = 0;
  fleet.play(2 * kHour, [&](Attempt& a) {
    if (n++ % 20 != 0) return;
    a.who = fleet.person(77);
    a.box = n % kBoxes;
    a.user = "user77";
    a.peer = Fleet::peer_of(a.who);
    a.cause = Cause::natt_udp4500_blocked;
  });
  EXPECT_TRUE(fleet.told.empty()) << fleet.text();
}

TEST(Incident, fifty_presses_of_one_angry_user_are_none) {
  Fleet fleet(5);
  fleet.play(4 * kHour);
  int n = 0;
  fleet.play(kHour, [&](Attempt& a) {
    if (n++ % 2 != 0) return;
    a.who = fleet.person(77);
    a.box = a.who.box;
    a.user = "user77";
    a.peer = Fleet::peer_of(a.who);
    a.cause = Cause::user_password_wrong;
  });
  EXPECT_TRUE(fleet.told.empty()) << fleet.text();
}

TEST(Incident, many_users_mistype_as_ever) {
  Fleet fleet(6);
  fleet.play(4 * kHour);
  fleet.play(kHour, [&](Attempt& a) {
    if (fleet.draw() % 40 == 0) a.cause = Cause::user_password_wrong;
  });
  EXPECT_TRUE(fleet.told.empty()) << fleet.text();
}

TEST(Incident, one_account_from_many_sources) {
  for (const Cause last : {Cause::user_account_locked, Cause::user_password_wrong}) {
    Fleet fleet(5);
    fleet.play(4 * kHour);
    int n = 0;
    fleet.play(40 * kMinute, [&](Attempt& a) {
      if (n++ % 20 != 0) return;
      a.user = "boss";
      a.cause = n > 200 ? last : Cause::user_password_wrong;
      a.server = "radius-west";
    });
    const std::vector<Incident> cards = fleet.cards();
    ASSERT_EQ(cards.size(), 1u) << fleet.text();
    EXPECT_EQ(cards[0].kind, IncidentKind::account);
    EXPECT_EQ(cards[0].cause, last);
  }
}

TEST(Incident, one_account_refused_again_hours_later_is_another_card) {
  Fleet fleet(5);
  fleet.play(4 * kHour);
  const auto refused = [n = 0](Attempt& a) mutable {
    if (n++ % 20 != 0) return;
    a.user = "boss";
    a.cause = Cause::user_password_wrong;
    a.server = "radius-west";
  };
  fleet.play(40 * kMinute, refused);
  fleet.play(3 * kHour);
  fleet.play(40 * kMinute, refused);
  EXPECT_EQ(fleet.cards().size(), 2u) << fleet.text();
}

TEST(Incident, password_spraying_is_one_security_card_and_no_user_failure) {
  Fleet fleet(5);
  fleet.play(4 * kHour);
  int n = 0;
  fleet.play(30 * kMinute, [&](Attempt& a) {
    if (n++ % 4 != 0) return;
    a.user = "aaron" + std::to_string(n);
    a.peer = "45.9.148." + std::to_string(1 + n / 4 % 3);
    a.box = 4;
    a.cause = n % 3 == 0 ? Cause::user_password_wrong : Cause::user_unknown;
  });
  const std::vector<Incident> cards = fleet.cards();
  ASSERT_EQ(cards.size(), 1u) << fleet.text();
  EXPECT_EQ(cards[0].kind, IncidentKind::security);
  EXPECT_EQ(cards[0].affected, 0u);
}

// That an attempt is told without its end does not say that somebody got in.
TEST(Incident, a_spraying_of_which_not_every_attempt_is_told_to_its_end) {
  Fleet fleet(5);
  fleet.play(4 * kHour);
  int n = 0;
  const Timestamp onset = fleet.now();
  fleet.play(30 * kMinute, [&](Attempt& a) {
    if (n++ % 4 != 0) return;
    a.user = "aaron" + std::to_string(n);
    a.peer = "45.9.148.7";
    a.cause = n % 3 == 0 ? Cause::undetermined : Cause::user_unknown;
  });
  const std::vector<Incident> cards = fleet.cards();
  ASSERT_EQ(cards.size(), 1u) << fleet.text();
  EXPECT_EQ(cards[0].kind, IncidentKind::security);
  EXPECT_LE(cards[0].detected_at, onset + 2 * kMinute);
}

// Half an hour in which every eighth attempt is a scan's.
void play_scan(Fleet& fleet) {
  int n = 0;
  fleet.play(30 * kMinute, [&](Attempt& a) {
    if (n++ % 8 != 0) return;
    a.peer = "45.9.148.7";
    a.cause = Cause::not_a_user_attempt;
  });
}

TEST(Incident, a_scan_is_one_security_card_and_no_user_failure) {
  Fleet fleet(5);
  fleet.play(4 * kHour);
  play_scan(fleet);
  const std::vector<Incident> cards = fleet.cards();
  ASSERT_EQ(cards.size(), 1u) << fleet.text();
  EXPECT_EQ(cards[0].kind, IncidentKind::security);
  EXPECT_EQ(cards[0].value, "45.9.148.7");
}
// A tunnel between two sites that is set up wrongly is tried every few seconds, and is no scan either.
TEST(Incident, another_sites_gateway_that_is_refused_is_no_card) {
  Fleet fleet(5);
  fleet.play(4 * kHour);
  int n = 0;
  fleet.play(30 * kMinute, [&](Attempt& a) {
    if (n++ % 8 != 0) return;
    a.peer = "45.9.148.7";
    a.cause = Cause::phase2_network_mismatch;
    a.site = true;
  });
  EXPECT_TRUE(fleet.cards().empty()) << fleet.text();
}

TEST(Incident, a_loud_scan_begins_with_its_own_first_word) {
  Fleet fleet(5);
  fleet.play(4 * kHour);
  bool stray = true;
  fleet.play(5 * kMinute, [&](Attempt& a) {
    if (!std::exchange(stray, false)) return;
    a.peer = "203.0.113.77";
    a.cause = Cause::not_a_user_attempt;
  });
  const Timestamp began = fleet.now();
  play_scan(fleet);
  const std::vector<Incident> cards = fleet.cards();
  ASSERT_EQ(cards.size(), 1u) << fleet.text();
  EXPECT_GE(cards[0].onset, began);
}

TEST(Incident, a_scan_and_a_spraying_an_hour_later_are_two_cards) {
  Fleet fleet(5);
  fleet.play(4 * kHour);
  play_scan(fleet);
  fleet.play(kHour);
  int n = 0;
  fleet.play(30 * kMinute, [&](Attempt& a) {
    if (n++ % 4 != 0) return;
    a.user = "aaron" + std::to_string(n);
    a.peer = "45.9.148.1";
    a.cause = Cause::user_unknown;
  });
  const std::vector<Incident> cards = fleet.cards();
  ASSERT_EQ(cards.size(), 2u) << fleet.text();
  EXPECT_EQ(cards[0].cause, Cause::not_a_user_attempt);
  EXPECT_EQ(cards[1].cause, Cause::user_unknown);
}

// Three clients in half an hour are too few for a card, ten in two hours, none of whom gets in, are not.
TEST(Incident, a_group_of_which_few_call) {
  Fleet fleet(5);
  int n = 0;
  const auto works_elsewhere = [&](Attempt& a) {
    if (++n % 150 == 0) a.who.group = 77, a.box = 3, a.cause = Cause::connected;
  };
  fleet.play(4 * kHour, works_elsewhere);
  fleet.play(2 * kHour, [&](Attempt& a) {
    works_elsewhere(a);
    if (n % 450 == 1) a.who.group = 77, a.box = 2, a.cause = Cause::group_name_unknown;
  });
  const std::vector<Incident> cards = fleet.cards();
  ASSERT_EQ(cards.size(), 1u) << fleet.text();
  EXPECT_EQ(cards[0].value, "group77 on " + box_name(2));
}

// Failures are told later than successes.
TEST(Incident, the_last_words_of_a_fleet_that_stops_calling_are_none) {
  Fleet fleet(5);
  fleet.play(4 * kHour);
  fleet.play(3 * kMinute, [](Attempt& a) { a.made = a.cause != Cause::connected; });
  fleet.play(kHour, [](Attempt& a) { a.made = false; });
  EXPECT_TRUE(fleet.told.empty()) << fleet.text();
}

TEST(Incident, nor_are_they_those_of_the_network_that_all_call_from) {
  Fleet fleet(5);
  const auto all_of_one = [](Attempt& a) { a.peer = "198.18" + a.peer.substr(a.peer.find('.', 4)); };
  fleet.play(4 * kHour, all_of_one);
  fleet.play(3 * kMinute, [&](Attempt& a) { all_of_one(a), a.made = a.cause != Cause::connected; });
  fleet.play(kHour, [](Attempt& a) { a.made = false; });
  EXPECT_TRUE(fleet.told.empty()) << fleet.text();
}

// Clients without a way out know it after a minute and ship their logs later still.
TEST(Incident, nor_are_those_of_one_kind_in_the_network_that_all_call_from) {
  Fleet fleet(5);
  int n = 0;
  const auto some_without_a_way = [&](Attempt& a) {
    a.peer = "198.18" + a.peer.substr(a.peer.find('.', 4));
    if (++n % 20 == 0) a.cause = n % 40 == 0 ? Cause::udp500_blocked : Cause::natt_udp4500_blocked, a.box_log = false;
  };
  fleet.play(4 * kHour, some_without_a_way);
  fleet.play(8 * kMinute, [&](Attempt& a) { some_without_a_way(a), a.made = !a.box_log; });
  fleet.play(kHour, [](Attempt& a) { a.made = false; });
  EXPECT_TRUE(fleet.told.empty()) << fleet.text();
}

TEST(Incident, what_the_first_minutes_tell_is_not_what_is_usual) {
  Fleet fleet(5);
  fleet.play(6 * kMinute, [](Attempt& a) { a.cause = Cause::connected; });
  fleet.play(4 * kHour);
  EXPECT_TRUE(fleet.told.empty()) << fleet.text();
}

TEST(Incident, the_daily_scan_is_none) {
  Fleet fleet(5);
  int n = 0;
  fleet.play(8 * kHour, [&](Attempt& a) {
    if (n++ % 300 == 0) a.peer = "45.9.148.7", a.cause = Cause::not_a_user_attempt;
  });
  EXPECT_TRUE(fleet.told.empty()) << fleet.text();
}

// All sessions of one box end in one second, the users are back within seconds.
TEST(Incident, a_switchover_loses_the_sessions_of_one_box) {
  Fleet fleet(5);
  int n = 0;
  const auto usual_ends = [&](Attempt&) { if (n++ % 2 == 0) fleet.end_session(static_cast<int>(fleet.draw() % 8'000), fleet.draw() % 10 == 0 ? Cause::peer_lost : Cause::ended_by_user, fleet.now()); };
  fleet.play(4 * kHour, usual_ends);
  EXPECT_TRUE(fleet.told.empty()) << fleet.text();
  for (int who = 0, lost = 0; lost < 30; ++who)
    if (fleet.person(who).box == 6) fleet.end_session(who, Cause::peer_lost, fleet.now()), ++lost;
  fleet.play(2 * kHour, usual_ends);
  const std::vector<Incident> cards = fleet.cards();
  ASSERT_EQ(cards.size(), 1u) << fleet.text();
  EXPECT_EQ(cards[0].kind, IncidentKind::sessions_lost);
  EXPECT_EQ(cards[0].value, "vpn3a");
  EXPECT_FALSE(cards[0].open);
}

// Most who leave connected a short while ago. They end as usual all the same: it is not that most sessions are lost.
TEST(Incident, a_switchover_where_sessions_are_short) {
  Fleet fleet(5);
  std::deque<std::pair<Timestamp, Person>> connected;
  const auto short_sessions = [&](Attempt& a) {
    if (a.cause == Cause::connected) connected.emplace_back(a.at + 20 * kMinute, a.who);
    for (; !connected.empty() && connected.front().first <= a.at; connected.pop_front())
      fleet.end_session(connected.front().second.index, fleet.draw() % 10 == 0 ? Cause::peer_lost : Cause::ended_by_user, fleet.now());
  };
  fleet.play(4 * kHour, short_sessions);
  EXPECT_TRUE(fleet.told.empty()) << fleet.text();
  std::size_t lost = 0;
  for (const auto& [until, who] : connected)
    if (who.box == 6) fleet.end_session(who.index, Cause::peer_lost, fleet.now()), ++lost;
  ASSERT_GE(lost, 15u);
  std::erase_if(connected, [](const auto& each) { return each.second.box == 6; });
  fleet.play(2 * kHour, short_sessions);
  const std::vector<Incident> cards = fleet.cards();
  ASSERT_EQ(cards.size(), 1u) << fleet.text();
  EXPECT_EQ(cards[0].kind, IncidentKind::sessions_lost);
  EXPECT_EQ(cards[0].value, "vpn3a");
}

// The network breaks for a moment: sessions are lost, and the reconnects meet login limits.
// Its partner's calm past makes the site look the more surprising: it is one box all the same.
TEST(Incident, a_box_that_loses_sessions_now_and_then_loses_all) {
  Fleet fleet(5);
  int n = 0;
  const auto usual_ends = [&](Attempt&) {
    if (n++ % 2 != 0) return;
    const int who = static_cast<int>(fleet.draw() % 8'000);
    const bool lost = fleet.person(who).box != 7 && fleet.draw() % (fleet.person(who).box == 6 ? 4 : 10) == 0;
    fleet.end_session(who, lost ? Cause::peer_lost : Cause::ended_by_user, fleet.now());
  };
  fleet.play(4 * kHour, usual_ends);
  for (int who = 0, lost = 0; lost < 150; ++who)
    if (fleet.person(who).box == 6) fleet.end_session(who, Cause::peer_lost, fleet.now()), ++lost;
  for (int who = 0; who < 8'000; ++who)  // and one of its partner's, as happens
    if (fleet.person(who).box == 7) {
      fleet.end_session(who, Cause::peer_lost, fleet.now());
      break;
    }
  fleet.play(2 * kHour, usual_ends);
  const std::vector<Incident> cards = fleet.cards();
  ASSERT_EQ(cards.size(), 1u) << fleet.text();
  EXPECT_EQ(cards[0].value, "vpn3a");
}

// Four sessions of one box and one of its partner's are lost, too few for a card of either box: nor are they their site's trouble.
TEST(Incident, what_is_too_little_for_a_box_is_not_its_sites_trouble) {
  Fleet fleet(5);
  int n = 0;
  const auto usual_ends = [&](Attempt&) { if (n++ % 8 == 0) fleet.end_session(static_cast<int>(fleet.draw() % 8'000), Cause::ended_by_user, fleet.now()); };
  fleet.play(4 * kHour, usual_ends);
  for (const auto& [box, sessions] : {std::pair{6, 4}, std::pair{7, 1}})
    for (int who = 0, lost = 0; lost < sessions; ++who)
      if (fleet.person(who).box == box) fleet.end_session(who, Cause::peer_lost, fleet.now()), ++lost;
  fleet.play(kHour, usual_ends);
  EXPECT_TRUE(fleet.told.empty()) << fleet.text();
}

TEST(Incident, a_network_blip_and_its_login_limits_are_one_card) {
  Fleet fleet(5);
  int n = 0;
  const auto usual_ends = [&](Attempt&) { if (n++ % 2 == 0) fleet.end_session(static_cast<int>(fleet.draw() % 8'000), fleet.draw() % 10 == 0 ? Cause::peer_lost : Cause::ended_by_user, fleet.now()); };
  fleet.play(4 * kHour, usual_ends);
  std::vector<int> lost;
  for (int who = 0; lost.size() < 60; who += 3)
    if (fleet.person(who).box / 2 == 3) fleet.end_session(who, Cause::peer_lost, fleet.now()), lost.push_back(who);
  std::size_t next = 0;
  fleet.play(10 * kMinute, [&](Attempt& a) {
    usual_ends(a);
    if (next >= lost.size()) return;
    a.who = fleet.person(lost[next++]);
    a.box = a.who.box;
    a.user = "user" + std::to_string(a.who.index);
    a.peer = Fleet::peer_of(a.who);
    a.cause = next % 3 == 0 ? Cause::connected : Cause::user_login_limit;
  });
  fleet.play(2 * kHour, usual_ends);
  const std::vector<Incident> cards = fleet.cards();
  ASSERT_EQ(cards.size(), 1u) << fleet.text();
  EXPECT_EQ(cards[0].kind, IncidentKind::sessions_lost);
  EXPECT_EQ(name_of(cards[0].dimension), name_of(Dimension::site));
  EXPECT_FALSE(cards[0].echoes.empty());
}

TEST(Incident, two_at_one_time_are_two_cards) {
  Fleet fleet(5);
  fleet.play(4 * kHour);
  fleet.play(40 * kMinute, [](Attempt& a) {
    if (a.who.group == 11) a.cause = Cause::group_password_mismatch;
    if (a.box == 6) a.cause = Cause::public_filter_blocks;
  });
  ASSERT_EQ(fleet.cards().size(), 2u) << fleet.text();
}

TEST(Incident, an_attempt_is_counted_once_and_a_revision_puts_it_right) {
  Fleet fleet(5);
  fleet.play(4 * kHour);
  Verdict verdict;
  verdict.final = true;
  verdict.concentrator = "vpn3a";
  verdict.started_at = fleet.now();
  for (std::uint64_t i = 0; i < 20; ++i) {
    verdict.id = 900'000 + i;
    verdict.peer_ip = "10.0.0." + std::to_string(i);
    verdict.revision = 1;
    verdict.outcome = Outcome::failed;
    verdict.cause = Cause::udp500_blocked;
    fleet.take(verdict);
    verdict.revision = 2;
    verdict.outcome = Outcome::connected;
    verdict.cause = Cause::connected;
    fleet.take(verdict);
  }
  fleet.play(30 * kMinute);
  EXPECT_EQ(fleet.tracker.counts().amended, 20u);
  EXPECT_TRUE(fleet.told.empty()) << fleet.text();
}

// Twenty clients of one box whose record is provisional, and what becomes of each half a minute later.
void take_provisional(Fleet& fleet, Outcome outcome, Cause cause, Timestamp later) {
  Verdict verdict;
  verdict.concentrator = "vpn3a";
  verdict.started_at = fleet.now() - 5'000;
  verdict.evidence = {{Vantage::concentrator, fleet.now(), {}, "a line", {}}};
  const auto take_all = [&] {
    for (std::uint64_t i = 0; i < 20; ++i) {
      verdict.id = 900'000 + i;
      verdict.peer_ip = "10.0.0." + std::to_string(i);
      fleet.take(verdict);
    }
  };
  verdict.revision = 1;
  verdict.outcome = Outcome::failed;
  verdict.cause = Cause::group_password_mismatch;
  verdict.final = false;
  take_all();
  fleet.advance(fleet.now() + later);
  verdict.final = true;
  verdict.revision = 2;
  verdict.outcome = outcome;
  verdict.cause = cause;
  take_all();
}

TEST(Incident, a_failure_counts_when_its_fatal_line_was_read) {
  Fleet fleet(5);
  fleet.play(4 * kHour);
  const Timestamp failed = fleet.now();
  const std::uint64_t before = fleet.tracker.counts().taken;
  take_provisional(fleet, Outcome::failed, Cause::group_password_mismatch, kMinute);
  fleet.play(5 * kMinute);
  const std::vector<Incident> cards = fleet.cards();
  ASSERT_EQ(cards.size(), 1u) << fleet.text();
  EXPECT_LE(cards[0].detected_at, failed + kMinute);
  EXPECT_EQ(cards[0].affected, 20u);
  EXPECT_GE(fleet.tracker.counts().amended, 20u);
  EXPECT_LT(fleet.tracker.counts().taken, before + 20 + 400);
}

// Three of one box fail alike within a second. Neither side says who they are, so that the sides are not joined: three clients, not six.
TEST(Incident, a_client_that_both_sides_tell_of_counts_once) {
  for (const int clients : {3, 5}) {
    Fleet fleet(5);
    fleet.play(4 * kHour);
    fleet.play(2 * kMinute, [](Attempt& a) { a.made = a.box != 6; });
    for (int i = 0; i < 2 * clients; ++i) {
      const bool by_box = i % 2 == 0;
      Verdict verdict;
      verdict.id = 900'000 + static_cast<std::uint64_t>(i);
      verdict.final = true;
      verdict.outcome = Outcome::failed;
      verdict.cause = Cause::group_password_mismatch;
      verdict.concentrator = "vpn3a";
      (by_box ? verdict.peer_ip : verdict.client) = (by_box ? "10.0.0." : "laptop ") + std::to_string(i);
      verdict.started_at = fleet.now() - (by_box ? 0 : 40'000);  // a client's clock
      verdict.evidence = {{by_box ? Vantage::concentrator : Vantage::client, verdict.started_at, {}, "a line", {}}};
      fleet.take(verdict);
    }
    fleet.play(3 * kMinute, [](Attempt& a) { a.made = a.box != 6; });
    const std::vector<Incident> cards = fleet.cards();
    ASSERT_EQ(cards.size(), clients == 3 ? 0u : 1u) << fleet.text();
    if (!cards.empty()) {
      EXPECT_EQ(cards[0].affected, 5u);
    }
  }
}

TEST(Incident, what_a_provisional_record_said_is_taken_back) {
  for (const auto& [outcome, cause] : {std::pair{Outcome::connected, Cause::connected}, {Outcome::in_progress, Cause::redirected}}) {
    Fleet fleet(5);
    fleet.play(4 * kHour);
    fleet.advance((fleet.now() / kMinute + 1) * kMinute + 1'000);  // no question comes in between
    take_provisional(fleet, outcome, cause, 10'000);
    fleet.play(30 * kMinute);
    EXPECT_TRUE(fleet.told.empty()) << fleet.text();
  }
}

TEST(Incident, what_turns_out_to_be_a_scan_is_no_failure) {
  Fleet fleet(5);
  fleet.play(4 * kHour);
  fleet.advance((fleet.now() / kMinute + 1) * kMinute + 1'000);
  take_provisional(fleet, Outcome::not_a_user_attempt, Cause::not_a_user_attempt, 10'000);
  fleet.play(30 * kMinute);
  for (const Incident& card : fleet.cards()) EXPECT_EQ(name_of(card.kind), name_of(IncidentKind::security)) << fleet.text();
}

TEST(Incident, an_older_record_of_an_attempt_changes_nothing) {
  const Inventory inventory = fleet_inventory();
  IncidentTracker tracker(&inventory);
  Sign sign;
  sign.at = kStart;
  sign.verdict = 1;
  sign.revision = 2;
  sign.outcome = Outcome::connected;
  sign.cause = Cause::connected;
  tracker.take(Sign(sign));
  std::vector<Incident> told;
  tracker.advance_to(kStart + kMinute, told);
  const auto taken_again = [&](std::uint32_t revision) {
    sign.at += 2 * kMinute;
    sign.revision = revision;
    tracker.take(Sign(sign));
    tracker.advance_to(sign.at + kMinute, told);
    return tracker.counts().amended;
  };
  EXPECT_EQ(taken_again(1), 0u);
  EXPECT_EQ(taken_again(2), 0u);
  EXPECT_EQ(taken_again(3), 1u);
  EXPECT_EQ(tracker.counts().taken, 1u);
}

// Who is given up on is told of two minutes later: that does not make it a slow log, nor says it that the box spoke in between.
TEST(Incident, what_is_told_when_patience_ends_puts_no_silence_off) {
  for (const unsigned seed : {1u, 2u, 3u}) {
    Fleet fleet(seed);
    fleet.play(26 * kHour);
    Timestamp cut = fleet.now() + 30 * kMinute;
    int n = 0;
    fleet.play(45 * kMinute, [&](Attempt& a) {
      if (a.box / 2 != 3) return;
      if (++n % 4 == 0 && a.at <= cut) return;
      a.made = a.at <= cut + 2 * kMinute;
      a.at -= 2 * kMinute;
      a.cause = Cause::undetermined;
    });
    ASSERT_FALSE(fleet.told.empty());
    EXPECT_EQ(name_of(fleet.told.front().kind), name_of(IncidentKind::silence));
    EXPECT_LE(fleet.told.front().onset, cut + 30'000) << (fleet.told.front().onset - cut) / 1000 << fleet.text();
  }
}

TEST(Incident, what_was_shipped_late_says_nothing_of_now) {
  Fleet fleet(5);
  fleet.play(4 * kHour);
  fleet.advance(fleet.now() + kMinute);
  const std::uint64_t before = fleet.tracker.counts().taken;
  Verdict verdict;
  verdict.final = true;
  verdict.id = 1'000'000;
  verdict.outcome = Outcome::failed;
  verdict.cause = Cause::udp500_blocked;
  verdict.started_at = fleet.now() - kHour;
  fleet.take(verdict);
  fleet.advance(fleet.now() + kMinute);
  EXPECT_EQ(fleet.tracker.counts().taken, before);
  EXPECT_EQ(fleet.tracker.counts().stale, 1u);
}

TEST(Incident, a_saved_tracker_goes_on_as_if_nothing_happened) {
  const auto pattern = [](Attempt& a) { if (a.who.group == 11) a.cause = Cause::group_password_mismatch; };
  Fleet one(5);
  one.play(2 * kHour);
  one.play(20 * kMinute, pattern);
  Fleet two(5);
  two.play(2 * kHour);
  two.play(20 * kMinute, pattern);
  StateWriter writer;
  two.tracker.archive(writer);
  const std::string bytes = writer.take();
  IncidentTracker restored(&two.inventory);
  StateReader reader(bytes);
  restored.archive(reader);
  EXPECT_TRUE(reader.ok() && reader.at_end());
  StateWriter again;
  restored.archive(again);
  EXPECT_EQ(again.take(), bytes);
  two.tracker = std::move(restored);
  for (Fleet* fleet : {&one, &two}) {
    fleet->play(20 * kMinute, pattern);
    fleet->play(kHour);
  }
  ASSERT_EQ(one.told.size(), two.told.size());
  for (std::size_t i = 0; i < one.told.size(); ++i) EXPECT_EQ(one.told[i].sentence, two.told[i].sentence);
}

std::string record_of(const Incident& card) {
  StateWriter writer;
  Incident copy = card;
  writer(copy);
  return writer.take();
}

void expect_same(const std::vector<Incident>& wanted, const std::vector<Incident>& told) {
  ASSERT_EQ(wanted.size(), told.size());
  for (std::size_t i = 0; i < wanted.size(); ++i) EXPECT_EQ(record_of(wanted[i]), record_of(told[i])) << wanted[i].sentence << '\n' << told[i].sentence;
}

// As several shards tell them, that are not equally far: in portions, and within one in any order.
TEST(Incident, the_same_signs_in_other_portions_and_orders_give_the_same_cards) {
  Fleet fleet(8);
  fleet.play(3 * kHour);
  fleet.play(30 * kMinute, [](Attempt& a) {
    if (a.who.group == 11) a.cause = Cause::group_password_mismatch;
  });
  fleet.play(kHour);
  ASSERT_EQ(fleet.cards().size(), 1u) << fleet.text();
  for (const unsigned seed : {1u, 2u, 3u}) {
    std::mt19937 random(seed);
    IncidentTracker tracker(&fleet.inventory);
    std::vector<Incident> told;
    std::vector<Sign> rest = fleet.signs;
    while (!rest.empty()) {
      const std::size_t portion = std::min<std::size_t>(rest.size(), 1 + random() % 1'000);
      const Timestamp until = portion == rest.size() ? fleet.now() : rest[portion].at - 1;
      std::shuffle(rest.begin(), rest.begin() + static_cast<std::ptrdiff_t>(portion), random);
      for (std::size_t i = 0; i < portion; ++i) tracker.take(Sign(rest[i]));
      rest.erase(rest.begin(), rest.begin() + static_cast<std::ptrdiff_t>(portion));
      tracker.advance_to(until, told);
    }
    expect_same(fleet.told, told);
    EXPECT_EQ(tracker.counts().late, 0u);
  }
}

// A year without a word is not walked through half minute by half minute, and what was usual is forgotten.
TEST(Incident, after_a_long_silence_it_begins_anew) {
  Fleet fleet(8);
  fleet.play(3 * kHour);
  fleet.advance(fleet.now() + 365 * 24 * kHour);
  EXPECT_EQ(fleet.tracker.counts().tracked, 0u);
  fleet.play(3 * kHour);
  EXPECT_TRUE(fleet.told.empty()) << fleet.text();
}

TEST(Incident, a_sign_that_comes_late_is_counted_and_taken) {
  Fleet fleet(8);
  fleet.play(kHour);
  Sign late = fleet.signs.back();
  late.at -= 5 * kMinute;
  late.verdict = 1'000'000;
  const std::uint64_t before = fleet.tracker.counts().taken;
  fleet.tracker.take(Sign(late));
  fleet.advance(fleet.now() + kMinute);
  EXPECT_EQ(fleet.tracker.counts().late, 1u);
  EXPECT_GT(fleet.tracker.counts().taken, before);
}

// A shard that does not come on holds the others' signs back, but not for ever.
TEST(Incident, what_waits_is_bounded) {
  const Inventory inventory;
  IncidentTracker tracker(&inventory);
  Sign sign;
  sign.at = sign.occurred = kStart;
  sign.outcome = Outcome::connected;
  sign.cause = Cause::connected;
  for (std::size_t i = 0; i < kSignsWaitingMax + 100; ++i) {
    sign.verdict = i + 1;
    ++sign.at;
    tracker.take(Sign(sign));
  }
  EXPECT_EQ(tracker.counts().taken, 100u);
  sign.at = kStart;
  tracker.take(Sign(sign));
  EXPECT_EQ(tracker.counts().late, 1u);
}

TEST(Incident, a_sign_names_no_user) {
  Verdict verdict;
  verdict.final = true;
  verdict.due_at = kStart;
  verdict.user = "CORP\\alice";
  verdict.peer_ip = "198.18.0.7";
  verdict.outcome = Outcome::failed;
  verdict.cause = Cause::user_password_wrong;
  std::optional<Sign> sign = sign_of(verdict);
  ASSERT_TRUE(sign);
  StateWriter writer;
  writer(*sign);
  EXPECT_EQ(writer.take().find("alice"), std::string::npos);
  EXPECT_EQ(sign->person, sign->client);
  verdict.user = "***";
  EXPECT_EQ(sign_of(verdict)->person, 0u);
  EXPECT_NE(sign_of(verdict)->client, 0u);
  verdict.due_at = kUntimed;
  EXPECT_FALSE(sign_of(verdict));
}

// Whoever is refused a login is asked again; nothing else that ends an attempt is healed by a second try within it.
TEST(Incident, a_provisional_record_gives_a_sign_where_no_retry_heals) {
  Verdict verdict;
  verdict.due_at = kStart;
  verdict.outcome = Outcome::failed;
  verdict.evidence = {{Vantage::concentrator, kStart, {}, "a line", {}}};
  for (const Cause cause : {Cause::group_password_mismatch, Cause::certificate_expired, Cause::aaa_server_unreachable, Cause::address_unavailable}) {
    verdict.cause = cause;
    EXPECT_TRUE(sign_of(verdict)) << name_of(cause);
  }
  for (const Cause cause : {Cause::user_password_wrong, Cause::user_unknown, Cause::user_rejected_unspecified}) {
    verdict.cause = cause;
    EXPECT_FALSE(sign_of(verdict)) << name_of(cause);
    verdict.final = true;
    EXPECT_TRUE(sign_of(verdict)) << name_of(cause);
    verdict.final = false;
  }
  verdict.outcome = Outcome::in_progress;
  verdict.cause = Cause::in_progress;
  EXPECT_FALSE(sign_of(verdict));
}

// Two clients with one clock and one group password that is wrong: both sides of each are told of early, before it is clear which belongs
// to which. They are two clients and not four.
TEST(Incident, what_a_clients_log_alone_tells_counts_when_its_record_is_final) {
  Verdict verdict;
  verdict.due_at = kStart;
  verdict.outcome = Outcome::failed;
  verdict.cause = Cause::group_password_mismatch;
  verdict.evidence = {{Vantage::client, kStart, {}, "a client's line", {}}};
  EXPECT_FALSE(sign_of(verdict));
  verdict.evidence.push_back({Vantage::concentrator, kStart, {}, "a line", {}});
  EXPECT_TRUE(sign_of(verdict));
  verdict.evidence.pop_back();
  verdict.final = true;
  EXPECT_TRUE(sign_of(verdict));
}

}  // namespace
}  // namespace vpnverdict
