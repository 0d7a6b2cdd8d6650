// The step-8 classifier: every row of its table and every trap, as the lines of a concentrator would have it.
#include "correlator/pool.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <string>

#include "correlator/boot_watch.h"
#include "correlator/pool_book.h"
#include "correlator/pool_forecast.h"
#include "correlator/rules.h"

namespace vpnverdict {
namespace {

using enum Fact;

constexpr Timestamp kSecond = 1'000;
constexpr Timestamp kMinute = 60 * kSecond;
constexpr Timestamp kHour = 60 * kMinute;
constexpr Timestamp kDay = 24 * kHour;

// One concentrator's lines, told by an engineer: who gets an address, who gives it back, who gets none.
class Box {
 public:
  Inventory inventory;
  PoolBook book;
  Timestamp now = 1'200'000'000'000;

  std::string device = "vpn1";
  std::string pool;
  std::string group = "sales";

  Box& after(Timestamp ms) {
    now += ms;
    book.settle(now);
    return *this;
  }
  void connects(const std::string& user, const std::string& address = "", FactMask says = concentrator_address_assigned) {
    session_[user] = ++sessions_;
    address_[user] = address;
    line(user, says);
  }
  void repeats(const std::string& user, FactMask says) { line(user, says); }
  void leaves(const std::string& user) { line(user, concentrator_disconnected); }
  // The verdict on this refusal, as soon as it happened.
  std::string refused(const std::string& user, FactMask says = concentrator_address_failed) {
    session_[user] = ++sessions_;
    address_[user].clear();
    line(user, says);
    refusal_[user] = says;
    return verdict(user);
  }
  std::string verdict(const std::string& user) {
    Facts facts;
    facts.known_true = refusal_[user] | book.facts(inventory, of(user, {}));
    const Rule* rule = first_firing(connect_rules(), facts);
    return rule == nullptr ? "none" : std::string(name_of(rule->cause)) + " " + std::string(name_of(rule->grade));
  }
  void fill(int from, int to, const std::string& network = "") {
    for (int i = from; i < to; ++i) {
      after(kMinute);
      connects("u" + std::to_string(i), network.empty() ? "" : network + std::to_string(i + 1));
    }
  }
  PoolView view(const std::string& name) {
    std::vector<PoolView> all;
    book.views(inventory, all);
    for (PoolView& one : all)
      if (one.pool == name) return one;
    ADD_FAILURE() << "no pool " << name;
    return {};
  }
  bool external = false;
  bool source_failed = false;
  std::string place;

 private:
  PoolLine of(const std::string& user, FactMask says) {
    PoolLine out{now, says, device, pool, group, user, "", address_[user], session_[user]};
    peer_ = place.empty() ? "198.51.100." + user : place;
    out.peer = peer_;
    out.external = external;
    out.source_failed = source_failed;
    return out;
  }
  void line(const std::string& user, FactMask says) { book.take(inventory, of(user, says)); }

  std::string peer_;
  std::map<std::string, std::uint64_t> session_;
  std::map<std::string, std::string> address_;
  std::map<std::string, FactMask> refusal_;
  std::uint64_t sessions_ = 0;
};

// ---- the rows of the table -------------------------------------------------------------------------------------------

TEST(PoolTable, the_device_names_it) {
  Box box;
  EXPECT_EQ("address_pool_exhausted certain", box.refused("ann", {concentrator_address_failed, concentrator_address_pool_full}));
  EXPECT_EQ("address_source_failed certain", box.refused("bob", {concentrator_address_failed, concentrator_address_source_failed}));
  EXPECT_EQ("address_in_use certain", box.refused("eve", {concentrator_address_failed, concentrator_address_in_use}));
}

TEST(PoolTable, a_refusing_pool_that_gave_before_is_exhausted) {
  constexpr FactMask kSays = {concentrator_address_failed, concentrator_address_pool_refused};
  Box box;
  EXPECT_EQ("address_unavailable certain", box.refused("ann", kSays)) << "nothing was ever seen to be given";
  box.fill(0, 30, "10.9.0.");
  EXPECT_EQ("address_pool_exhausted probable", box.refused("bob", kSays)) << "it may have been taken from the group just now";
  box.after(kMinute).leaves("u3");
  box.after(kSecond).connects("bob", "10.9.0.4");
  EXPECT_EQ("address_pool_exhausted certain", box.refused("eve", kSays)) << "a second user at one number, and a release had helped";
}

TEST(PoolTable, a_refusing_pool_with_addresses_to_give_is_not_certainly_exhausted) {
  constexpr FactMask kSays = {concentrator_address_failed, concentrator_address_pool_refused};
  Box box;
  box.fill(0, 30, "10.9.0.");
  for (int i = 0; i < 20; ++i) box.after(kMinute).leaves("u" + std::to_string(i));
  EXPECT_EQ("address_pool_exhausted probable", box.refused("bob", kSays));
  EXPECT_EQ("address_unavailable probable", box.refused("eve", kSays)) << "the pool was taken from the group";
}

TEST(PoolTable, never_a_success_for_two_users_is_misconfiguration) {
  Box box;
  EXPECT_EQ("address_unavailable certain", box.refused("ann"));
  box.after(kMinute);
  EXPECT_EQ("address_unavailable certain", box.refused("ann")) << "one laptop that retries is one user";
  EXPECT_EQ("address_method_not_selected probable", box.refused("bob"));
}

// … and since a boot is since then: the configuration that worked before was not the one that was saved.
TEST(PoolTable, never_a_success_since_the_boot_is_misconfiguration) {
  Box box;
  box.fill(0, 30, "10.9.0.");
  box.book.boot("vpn1", box.after(kMinute).now);
  EXPECT_EQ("address_unavailable certain", box.after(kMinute).refused("ann"));
  EXPECT_EQ("address_method_not_selected probable", box.after(kMinute).refused("bob"));
  EXPECT_EQ("address_method_not_selected probable", box.after(kMinute).refused("eve"));
}

TEST(PoolTable, no_history_says_nothing) {
  Box box;
  EXPECT_EQ("address_unavailable certain", box.refused("ann"));
}

// Worked example 20: 61 successes, then refusals thrice at one number, works after a log-off.
TEST(PoolTable, a_plateau_and_a_success_after_a_release_is_exhaustion) {
  Box box;
  box.fill(0, 62);
  EXPECT_EQ("address_unavailable certain", box.after(kSecond).refused("a"));
  EXPECT_EQ("address_pool_exhausted probable", box.after(kSecond).refused("b"));
  EXPECT_EQ("address_pool_exhausted probable", box.after(kSecond).refused("c"));
  box.after(10 * kSecond).leaves("u3");
  box.after(5 * kSecond).connects("a");
  EXPECT_EQ("address_pool_exhausted certain", box.after(kSecond).refused("d"));
  EXPECT_EQ("address_pool_exhausted certain", box.verdict("b")) << "a verdict told late knows it, too";
  EXPECT_EQ(62u, box.view("sales").capacity);
  EXPECT_EQ(CapacitySource::inferred, box.view("sales").source);
}

TEST(PoolTable, the_configured_size_tells_a_full_pool) {
  Box box;
  box.inventory.pools = {{"vpn1", "sales", 50}};
  box.fill(0, 48);
  EXPECT_EQ("address_pool_exhausted probable", box.refused("ann"));
  Box wide;
  wide.inventory.pools = {{"vpn1", "sales", 200}};
  wide.fill(0, 48);
  EXPECT_EQ("address_unavailable certain", wide.refused("ann"));
}

TEST(PoolTable, everybody_failing_far_below_the_peak_is_a_change) {
  Box box;
  box.fill(0, 50);
  for (int i = 0; i < 40; ++i) box.after(kMinute).leaves("u" + std::to_string(i));
  EXPECT_EQ("address_unavailable certain", box.refused("ann")) << "one may be his own fault";
  EXPECT_EQ("address_unavailable probable", box.after(kMinute).refused("bob")) << "something was changed";
  EXPECT_EQ("address_unavailable probable", box.after(kMinute).refused("eve"));
  EXPECT_EQ("address_source_failed certain", box.after(kMinute).refused("dan", {concentrator_address_failed, concentrator_address_source_failed}));
}

TEST(PoolTable, one_user_alone_points_at_his_own_address) {
  Box box;
  box.fill(0, 3);
  EXPECT_EQ("address_unavailable certain", box.refused("static"));
  box.fill(3, 6);
  EXPECT_EQ("address_in_use probable", box.after(kMinute).refused("static"));
}

TEST(PoolTable, one_group_alone_is_its_pool_and_not_the_box) {
  Box box;
  box.group = "eng";
  box.fill(0, 9);
  box.group = "sales";
  EXPECT_EQ("address_unavailable certain", box.refused("ann"));
  EXPECT_EQ("address_pool_not_defined probable", box.after(kMinute).refused("bob"));
}

// ---- the traps -------------------------------------------------------------------------------------------------------

// Worked example 30: leases inflated by lost closes, then a boot, then refusals at the true size.
TEST(PoolTrap, a_boot_frees_everything) {
  Box box;
  box.fill(0, 180);
  box.book.boot("vpn1", box.after(kMinute).now);
  EXPECT_EQ(0u, box.view("sales").in_use);
  box.after(kMinute).leaves("u3");
  EXPECT_EQ(0u, box.view("sales").in_use) << "the close of a session before the boot takes nothing away";
  box.fill(200, 300);
  EXPECT_EQ(100u, box.view("sales").in_use);
  EXPECT_EQ(1u, box.view("sales").resets);
}

TEST(PoolTrap, an_exhausted_pool_is_known_again_after_a_boot) {
  Box box;
  box.fill(0, 100, "10.9.0.");
  box.book.boot("vpn1", box.after(kMinute).now);
  box.fill(0, 100, "10.9.0.");
  box.refused("a");
  box.after(kMinute).refused("b");
  box.after(kMinute).leaves("u7");
  box.after(kSecond).connects("a", "10.9.0.8");
  EXPECT_EQ("address_pool_exhausted certain", box.after(kMinute).refused("c"));
}

Event counter(Timestamp time, std::string_view message, std::uint32_t repeats) {
  Event event;
  event.time = time;
  event.device = "vpn1";
  event.message = message;
  event.repeats = repeats;
  return event;
}

// Another unit of a pair, or an old line that came late: the sessions go on.
TEST(PoolTrap, a_boot_that_sessions_outlive_was_not_this_units) {
  Box box;
  box.fill(0, 20, "10.9.0.");
  box.book.boot("vpn1", box.after(kMinute).now);
  for (const char* user : {"u1", "u2"}) box.after(2 * kMinute).leaves(user);
  EXPECT_EQ(0u, box.view("sales").in_use) << "two may be lines from before that came late";
  box.after(kMinute).leaves("u3");
  EXPECT_EQ(17u, box.view("sales").in_use);
}

TEST(PoolTrap, repeat_counters_that_fall_back_tell_of_a_boot) {
  Box box;
  BootWatch boots;
  box.fill(0, 20);
  EXPECT_FALSE(boots.saw(counter(box.now, "IKE/52", 4000)));
  EXPECT_FALSE(boots.saw(counter(box.now, "AUTH/28", 3900)));
  box.after(kMinute);
  const Timestamp up = box.now;
  EXPECT_FALSE(boots.saw(counter(up, "IKE/52", 1))) << "one counter is not enough";
  box.after(kSecond).connects("new");
  const auto before = boots.saw(counter(box.now, "AUTH/28", 1));
  ASSERT_EQ(up, before);
  box.book.boot("vpn1", *before);
  EXPECT_EQ(1u, box.view("sales").in_use) << "what was given after the boot stays";
}

TEST(PoolTrap, two_devices_under_one_name_are_no_boot) {
  BootWatch boots;
  Timestamp now = 0;
  for (std::uint32_t i = 0; i < 20; ++i) {
    now += kSecond;
    EXPECT_FALSE(boots.saw(counter(now, "IKE/52", 4000 + i)));
    EXPECT_FALSE(boots.saw(counter(now, "AUTH/28", 3000 + i)));
    EXPECT_FALSE(boots.saw(counter(now, "IKE/52", 10 + i)));
  }
}

TEST(PoolTrap, an_address_given_again_proves_a_missed_release) {
  Box box;
  box.connects("ann", "10.9.0.1");
  box.after(kHour).connects("bob", "10.9.0.1");
  EXPECT_EQ(1u, box.view("sales").in_use);
  EXPECT_EQ(1u, box.view("sales").expired);
  box.after(kHour).leaves("ann");
  EXPECT_EQ(1u, box.view("sales").in_use) << "the late word about the former session";
  box.leaves("bob");
  EXPECT_EQ(0u, box.view("sales").in_use);
}

TEST(PoolTrap, who_begins_anew_from_the_same_place_has_left) {
  Box box;
  box.connects("ann", "10.9.0.1");
  box.after(kHour).connects("ann", "10.9.0.2");
  EXPECT_EQ(1u, box.view("sales").in_use);
}

TEST(PoolTrap, a_lease_older_than_sessions_ever_get_is_let_go) {
  Box box;
  for (int i = 0; i < 60; ++i) {
    box.connects("u" + std::to_string(i), "10.9.0." + std::to_string(i));
    box.after(30 * kMinute).leaves("u" + std::to_string(i));
  }
  box.connects("ann", "10.9.1.1");
  box.after(40 * kMinute);
  EXPECT_EQ(1u, box.view("sales").in_use);
  box.after(3 * kHour);
  EXPECT_EQ(0u, box.view("sales").in_use) << "its end was lost: sessions here last half an hour";
  Box young;
  young.connects("ann");
  young.after(20 * kHour);
  EXPECT_EQ(1u, young.view("sales").in_use) << "as long as nothing is known a day is allowed";
  young.after(5 * kHour);
  EXPECT_EQ(0u, young.view("sales").in_use);
}

// A vanished client holds its address until the device gives it up: a real shortage, seen as one.
TEST(PoolTrap, a_stale_lease_is_in_use) {
  Box box;
  box.connects("ann", "10.9.0.1");
  box.after(20 * kMinute);
  EXPECT_EQ(1u, box.view("sales").in_use);
}

// The pool keeps released addresses back for a while: refused below its size, and again and again.
TEST(PoolTrap, an_address_that_is_kept_back_does_not_hide_exhaustion) {
  Box box;
  box.fill(0, 50, "10.9.0.");
  box.refused("a");
  box.after(kSecond).leaves("u1");
  EXPECT_EQ("address_pool_exhausted probable", box.after(kSecond).refused("b"));
}

TEST(PoolTrap, an_address_from_elsewhere_takes_none_of_the_pool) {
  Box box;
  box.external = true;
  box.connects("ann", "192.0.2.77");
  box.external = false;
  box.connects("bob", "10.9.0.1");
  EXPECT_EQ(1u, box.view("sales").in_use);
  box.external = true;
  box.leaves("ann");
  EXPECT_EQ(1u, box.view("sales").in_use);
}

// Methods are tried in turn: a dead DHCP server drains the pool behind it.
TEST(PoolTrap, a_source_that_failed_for_those_who_got_an_address_is_not_the_reason) {
  constexpr FactMask kSays = {concentrator_address_failed, concentrator_address_pool_refused, concentrator_address_source_failed};
  Box box;
  box.source_failed = true;
  box.fill(0, 20, "10.9.0.");
  EXPECT_EQ("address_pool_exhausted probable", box.refused("ann", kSays));
  Box other;
  other.fill(0, 20, "10.9.0.");
  EXPECT_EQ("address_source_failed certain", other.refused("ann", {concentrator_address_failed, concentrator_address_source_failed}));
}

TEST(PoolTrap, groups_that_draw_from_one_named_pool_are_counted_together) {
  Box box;
  box.pool = "POOL_1";
  box.fill(0, 10, "10.9.0.");
  box.group = "eng";
  box.fill(10, 20, "10.9.0.");
  EXPECT_EQ(20u, box.view("POOL_1").in_use);
  box.pool.clear();
  box.refused("ann");
  EXPECT_EQ(1u, box.view("POOL_1").refusals) << "a refusal names the group only";
}

TEST(PoolTrap, groups_whose_addresses_are_the_same_are_counted_together) {
  Box box;
  box.fill(0, 10, "10.9.0.");
  for (int i = 0; i < 5; ++i) box.after(kMinute).leaves("u" + std::to_string(i));
  box.group = "eng";
  for (int i = 0; i < 5; ++i) box.after(kMinute).connects("v" + std::to_string(i), "10.9.0." + std::to_string(i + 1));
  std::vector<PoolView> views;
  box.book.views(box.inventory, views);
  ASSERT_EQ(1u, views.size());
  EXPECT_EQ(10u, views[0].in_use);
}

TEST(PoolTrap, one_address_under_two_groups_is_chance) {
  Box box;
  box.fill(0, 10, "10.9.0.");
  box.leaves("u1");
  box.group = "eng";
  box.connects("u1", "10.9.0.2");
  EXPECT_EQ(9u, box.view("sales").in_use);
  EXPECT_EQ(1u, box.view("eng").in_use);
}

TEST(PoolTrap, a_user_at_two_places_holds_two_though_no_address_is_known) {
  Box box;
  box.place = "home";
  box.connects("ann");
  box.place = "office";
  box.after(kHour).connects("ann");
  EXPECT_EQ(2u, box.view("sales").in_use);
  box.after(kHour).leaves("ann");
  EXPECT_EQ(1u, box.view("sales").in_use);
  box.place = "home";
  box.leaves("ann");
  EXPECT_EQ(0u, box.view("sales").in_use);
}

TEST(PoolTrap, new_keys_for_an_old_session_are_no_new_session) {
  Box box;
  box.connects("ann", "10.9.0.1");
  const Timestamp since = box.now;
  box.after(8 * kHour).connects("ann", "", concentrator_phase2_done);  // its attempt is forgotten, so is the address
  EXPECT_EQ(1u, box.view("sales").in_use);
  EXPECT_EQ(1u, box.view("sales").assignments);
  EXPECT_EQ(since, box.view("sales").oldest_lease);
}

TEST(PoolTrap, an_address_that_AAA_gave_before_is_theirs_when_the_line_that_says_so_is_lost) {
  Box box;
  box.external = true;
  box.connects("ann", "192.0.2.77");
  box.leaves("ann");
  box.external = false;
  box.connects("bob", "10.9.0.1");
  box.after(kDay).connects("ann", "192.0.2.77");
  EXPECT_EQ(1u, box.view("sales").in_use);
}

TEST(PoolTrap, a_session_that_was_let_go_too_early_teaches_how_long_they_last) {
  Box box;
  for (int i = 0; i < 60; ++i) {
    box.connects("u" + std::to_string(i), "10.9.0." + std::to_string(i));
    box.after(kHour).leaves("u" + std::to_string(i));
  }
  box.connects("ann", "10.9.1.1");
  box.after(9 * kHour);
  EXPECT_EQ(1u, box.view("sales").expired);
  box.leaves("ann");
  EXPECT_EQ(0u, box.view("sales").expired);
  EXPECT_EQ(61u, box.view("sales").releases);
}

// Found by the month: eight days later its best days were forgotten, and the empty pool counted as full.
TEST(PoolTrap, a_pool_that_was_taken_away_does_not_become_an_exhausted_one) {
  constexpr FactMask kSays = {concentrator_address_failed, concentrator_address_pool_refused};
  Box box;
  box.fill(0, 40, "10.9.0.");
  for (int i = 0; i < 40; ++i) box.after(kMinute).leaves("u" + std::to_string(i));
  box.refused("first", kSays);
  for (int day = 0; day < 30; ++day)
    for (const char* user : {"ann", "bob", "eve"}) EXPECT_EQ("address_unavailable probable", box.after(day < 1 ? kMinute : 8 * kHour).refused(user, kSays)) << day;
}

// Found by the month: the level at which a pool was taken away is not its size.
TEST(PoolCapacity, is_not_the_number_at_which_the_pool_was_taken_away) {
  Box box;
  box.fill(0, 47, "10.9.0.");
  for (const char* user : {"a", "b", "c"}) box.after(kSecond).refused(user);
  for (int i = 0; i < 20; ++i) box.after(kMinute).leaves("u" + std::to_string(i));
  box.after(kMinute).refused("d");
  EXPECT_EQ(CapacitySource::lower_bound, box.view("sales").source);
}

// The network and the broadcast address of a range are taken out of the pool: it is full before the arithmetic says so.
TEST(PoolTrap, a_range_gives_less_than_its_arithmetic) {
  Box box;
  box.inventory.pools = {{"vpn1", "sales", 8}};
  box.fill(0, 6, "10.9.0.");
  box.refused("a");
  box.after(kMinute).refused("b");
  box.after(kMinute).leaves("u2");
  box.after(kSecond).connects("a", "10.9.0.3");
  EXPECT_EQ("address_pool_exhausted certain", box.after(kMinute).refused("c"));
}

// A network breaks: many vanish and come back, and the device holds both addresses until it gives the first up. The pool is full for
// minutes; who is refused meets exhaustion.
TEST(PoolTrap, who_comes_back_while_his_old_address_is_held_needs_two) {
  Box box;
  box.fill(0, 40, "10.9.0.");
  box.place = "another access point";
  for (int i = 0; i < 20; ++i) box.after(kSecond).connects("u" + std::to_string(i), "10.9.0." + std::to_string(41 + i));
  EXPECT_EQ(60u, box.view("sales").in_use);
  box.refused("ann");
  EXPECT_EQ("address_pool_exhausted probable", box.after(kSecond).refused("bob"));
}

// Many devices share one account, and each holds an address.
TEST(PoolTrap, devices_of_one_account_hold_an_address_each) {
  Box box;
  for (int i = 0; i < 10; ++i) {
    box.place = "device " + std::to_string(i);
    box.after(kMinute).connects("shared", "10.9.0." + std::to_string(i + 1));
  }
  EXPECT_EQ(10u, box.view("sales").in_use);
}

// Pools of two boxes that overlap: each counts its own, and the one that notices says so, which is no exhaustion.
TEST(PoolTrap, pools_that_overlap_across_boxes_are_two) {
  Box box;
  box.fill(0, 10, "10.9.0.");
  box.device = "vpn2";
  for (int i = 0; i < 10; ++i) box.after(kMinute).connects("v" + std::to_string(i), "10.9.0." + std::to_string(i + 1));
  std::vector<PoolView> views;
  box.book.views(box.inventory, views);
  ASSERT_EQ(2u, views.size());
  EXPECT_EQ(10u, views[0].in_use);
  EXPECT_EQ(10u, views[1].in_use);
  EXPECT_EQ("address_in_use certain", box.after(kSecond).refused("a", {concentrator_address_failed, concentrator_address_in_use}));
  EXPECT_EQ("address_in_use certain", box.after(kSecond).refused("b", {concentrator_address_failed, concentrator_address_in_use}));
}

// More users than addresses is no shortage, as long as not all are online.
TEST(PoolTrap, more_users_than_addresses_over_time_is_no_shortage) {
  Box box;
  for (int i = 0; i < 200; ++i) {
    box.after(kMinute).connects("u" + std::to_string(i), "10.9.0." + std::to_string(i % 10));
    if (i >= 5) box.leaves("u" + std::to_string(i - 5));
  }
  EXPECT_EQ(5u, box.view("sales").in_use);
  EXPECT_EQ(0u, box.view("sales").expired);
}

// An exhausted pool that gives one address twice: no attempt fails, and nothing is counted twice.
TEST(PoolTrap, an_address_given_to_two_is_one_address) {
  Box box;
  box.fill(0, 10, "10.9.0.");
  box.after(kMinute).connects("late", "10.9.0.3");
  EXPECT_EQ(10u, box.view("sales").in_use);
}

TEST(PoolTrap, retries_of_one_user_are_no_plateau) {
  Box box;
  box.fill(0, 30);
  for (int i = 0; i < 50; ++i) EXPECT_EQ("address_unavailable certain", box.after(kSecond).refused("laptop"));
}

// An AAA server that answers now and then: refused at any number, and the next one in with nothing released.
TEST(PoolTrap, a_source_that_comes_and_goes_is_no_exhaustion) {
  Box box;
  box.fill(0, 40, "10.9.0.");
  for (int i = 0; i < 10; ++i) {
    EXPECT_NE("address_pool_exhausted certain", box.after(kMinute).refused("r" + std::to_string(i)));
    box.after(kSecond).connects("s" + std::to_string(i), "10.9.1." + std::to_string(i + 1));
    box.after(kMinute).leaves("s" + std::to_string(i));
  }
  EXPECT_NE("address_pool_exhausted certain", box.refused("last"));
}

TEST(PoolTrap, addresses_that_nobody_holds_refute_exhaustion) {
  Box box;
  for (int i = 0; i < 100; ++i) {  // the pool goes round a hundred addresses, a few at a time
    box.after(kMinute).connects("u" + std::to_string(i), "10.9.0." + std::to_string(i + 1));
    if (i >= 10) box.leaves("u" + std::to_string(i - 10));
  }
  box.refused("a");
  box.after(kSecond).refused("b");
  box.after(kSecond).leaves("u95");
  box.after(kSecond).connects("c", "10.9.0.1");
  EXPECT_EQ("address_unavailable certain", box.after(kSecond).refused("d"));
}

TEST(PoolTrap, a_log_that_begins_with_releases_is_not_of_a_pool_that_never_worked) {
  Box box;
  box.leaves("ann");
  box.connects("ann");
  box.leaves("ann");
  box.refused("bob");
  EXPECT_EQ("address_unavailable certain", box.after(kSecond).refused("eve"));
}

TEST(PoolTrap, the_lines_of_one_refusal_are_one) {
  Box box;
  box.refused("ann");
  box.repeats("ann", concentrator_address_pool_missing);
  box.repeats("ann", concentrator_address_failed);
  EXPECT_EQ(1u, box.view("sales").refusals);
}

// ---- capacity --------------------------------------------------------------------------------------------------------

TEST(PoolCapacity, is_a_lower_bound_until_refusals_say_more) {
  Box box;
  box.fill(0, 30, "10.9.0.");
  EXPECT_EQ(CapacitySource::lower_bound, box.view("sales").source);
  EXPECT_EQ(30u, box.view("sales").capacity);
  box.refused("a");
  EXPECT_EQ(CapacitySource::lower_bound, box.view("sales").source) << "one user may have a reason of his own";
  box.refused("b");
  EXPECT_EQ(CapacitySource::inferred, box.view("sales").source);
  EXPECT_EQ(30u, box.view("sales").capacity);
  box.fill(30, 40, "10.9.0.");
  EXPECT_EQ(CapacitySource::lower_bound, box.view("sales").source) << "the pool was made larger";
  box.inventory.pools = {{"vpn1", "sales", 64}};
  EXPECT_EQ(CapacitySource::configured, box.view("sales").source);
  EXPECT_EQ(24u, box.view("sales").free());
}

TEST(PoolCapacity, history_is_kept_per_quarter_of_an_hour_and_day) {
  Box box;
  box.fill(0, 3);
  box.after(3 * kHour);
  box.leaves("u0");
  box.after(2 * kDay);
  const PoolView view = box.view("sales");
  EXPECT_EQ(96u, view.slots.size());
  EXPECT_EQ(0u, view.slots.back());
  ASSERT_LE(2u, view.days.size());
  EXPECT_EQ(3u, view.days.front().peak);
}

// ---- forecast --------------------------------------------------------------------------------------------------------

PoolView growing(std::size_t slots) {
  PoolView view;
  view.capacity = 100;
  view.source = CapacitySource::configured;
  for (std::size_t i = 0; i < slots; ++i) view.slots.push_back(static_cast<std::uint32_t>(40 + 2 * i));
  return view;
}

TEST(PoolForecast, follows_the_hours_in_spite_of_an_outlier) {
  PoolView view = growing(24);  // at 86, two more every quarter of an hour: 7 quarters are left
  view.slots[5] = 99;
  EXPECT_EQ(7 * kPoolSlotMs, exhaustion_by_hours(view));
}

TEST(PoolForecast, is_absent_where_little_is_known) {
  EXPECT_FALSE(exhaustion_by_hours(growing(7)));
  PoolView bound = growing(24);
  bound.source = CapacitySource::lower_bound;
  EXPECT_FALSE(exhaustion_by_hours(bound));
  PoolView flat = growing(24);
  std::ranges::fill(flat.slots, 40u);
  EXPECT_FALSE(exhaustion_by_hours(flat));
  EXPECT_FALSE(exhaustion_by_days(growing(24)));
}

TEST(PoolForecast, follows_the_daily_peaks) {
  PoolView view = growing(0);
  for (int day = 0; day < 20; ++day) view.days.push_back({day, static_cast<std::uint32_t>(60 + day), 3});
  EXPECT_EQ(21 * kPoolDayMs, exhaustion_by_days(view));  // at 79, one more a day
}

}  // namespace
}  // namespace vpnverdict
