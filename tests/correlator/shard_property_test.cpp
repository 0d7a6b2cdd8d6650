// Properties that hold for every stream: order of arrival, number of shards, duplicates, a cut feed, a saved state.
#include <algorithm>
#include <map>
#include <random>

#include "correlator/keys.h"
#include "tests/correlator/script.h"

namespace vpnverdict {
namespace {

using script::Line;
using script::read_event;

Inventory four_clusters() {
  Inventory inventory;
  for (int c = 0; c < 4; ++c) inventory.concentrators.push_back({"vpn" + std::to_string(c), "c" + std::to_string(c), {"203.0.113." + std::to_string(c)}});
  inventory.index();
  return inventory;
}

std::string clock(double seconds) {
  char out[32];
  std::snprintf(out, sizeof out, "0:%.3f", seconds);
  return out;
}

// A few hundred attempts of a dozen kinds; some clients share an address.
std::vector<std::string> fleet(std::mt19937_64& random, int attempts) {
  std::vector<std::string> lines;
  for (int a = 0; a < attempts; ++a) {
    const int c = static_cast<int>(random() % 4);
    const double t = 200.0 * (a / 12) + static_cast<double>(random() % 20'000) / 1000.0;
    const std::string peer = "198.51.100." + std::to_string(random() % 40);
    const std::string user = "user" + std::to_string(a);
    const std::string group = "group" + std::to_string(random() % 3);
    const std::string client = " client host=pc" + std::to_string(a) + " peer=" + peer + " gateway=203.0.113." + std::to_string(c) + " group=" + group;
    const std::string box = " concentrator device=vpn" + std::to_string(c) + " peer=" + peer + " group=" + group + " user=" + user;
    const auto at = [&](double offset, const std::string& rest) { lines.push_back("at " + clock(t + offset) + rest); };
    const auto healthy_until_user = [&] {
      at(0, client + " user=" + user + " says client_sent_am1");
      at(0.2, client + " says client_received_am2 client_natt_offered");
      at(0.3, client + " says client_sent_am3");
      at(0.31, box + " says concentrator_group_found");
      at(5, client + " says client_xauth_answered");
    };
    switch (random() % 6) {
      case 0:
        healthy_until_user();
        at(5.2, box + " says concentrator_user_ok");
        at(6, box + " says concentrator_address_assigned");
        at(7, box + " says concentrator_phase2_done");
        at(7.1, client + " says client_connected");
        break;
      case 1:
        healthy_until_user();
        at(5.2, box + " says concentrator_user_bad_password");
        at(5.3, box + " says concentrator_user_failed");
        at(5.4, client + " says client_xauth_failed");
        break;
      case 2:
        healthy_until_user();
        at(5.2, box + " says concentrator_user_ok");
        at(6, box + " says concentrator_address_failed");
        at(6.2, client + " says client_terminated_by_peer");
        break;
      case 3:
        at(0, client + " user=" + user + " says client_sent_am1");
        at(0.2, client + " says client_received_am2 client_hash_failed");
        at(0.3, box + " says concentrator_group_found concentrator_notify_invalid_hash");
        break;
      case 4:
        healthy_until_user();
        at(5.2, box + " says concentrator_user_ok");
        at(5.3, box + " says concentrator_group_lock");
        at(5.4, client + " says client_terminated_by_peer");
        break;
      default:
        healthy_until_user();
        at(5.2, box + " says concentrator_aaa_down");
        at(5.3, client + " says client_xauth_failed");
        break;
    }
  }
  return lines;
}

std::vector<Line> read_all(const std::vector<std::string>& lines) {
  std::vector<Line> out;
  for (std::size_t i = 0; i < lines.size(); ++i) out.push_back(read_event(lines[i], i + 1));
  for (Line& line : out) line.settle();
  std::ranges::stable_sort(out, {}, [](const Line& line) { return line.event.time; });
  for (Line& line : out) line.settle();
  return out;
}

// Final answers by attempt: id -> summary of its last record.
using Answers = std::map<std::uint64_t, std::string>;
void collect(const std::vector<Verdict>& verdicts, Answers* answers) {
  for (const Verdict& verdict : verdicts) {
    if (!verdict.final) continue;
    std::string text = script::summary(verdict);
    text = text.substr(0, text.find(" revision="));
    (*answers)[verdict.id] = text;
  }
}

Answers fold(const std::vector<Line>& lines, const Inventory& inventory, std::size_t shards) {
  std::vector<Shard> all;
  for (std::size_t i = 0; i < shards; ++i) all.emplace_back(inventory, CorrelatorOptions{});
  std::vector<Verdict> out;
  Timestamp newest = kUntimed;
  for (const Line& line : lines) {
    all[shard_of(inventory, line.event, shards)].on_event(line.event, out);
    newest = std::max(newest, line.event.time);
    for (Shard& shard : all) shard.advance_to(newest, out);
  }
  for (Shard& shard : all) {
    shard.advance_to(newest + 3'600'000, out);
    const ShardCounts counts = shard.counts();
    EXPECT_EQ(0u, counts.attempts_open);
    EXPECT_EQ(counts.attempts_opened, counts.attempts_final + counts.attempts_joined);
  }
  Answers answers;
  collect(out, &answers);
  return answers;
}

class ShardProperty : public testing::TestWithParam<unsigned> {
 protected:
  ShardProperty() : random_(GetParam()), lines_(read_all(fleet(random_, 240))) {
    for (Line& line : lines_) line.settle();
    RecordProperty("seed", static_cast<int>(GetParam()));
  }
  std::mt19937_64 random_;
  std::vector<Line> lines_;
  Inventory inventory_ = four_clusters();
};

TEST_P(ShardProperty, the_number_of_shards_does_not_matter) {
  const Answers one = fold(lines_, inventory_, 1);
  EXPECT_GE(one.size(), 200u);
  for (std::size_t shards = 2; shards <= 8; ++shards) EXPECT_EQ(one, fold(lines_, inventory_, shards));
}

TEST_P(ShardProperty, arrival_order_within_the_grace_period_does_not_matter) {
  const Answers ordered = fold(lines_, inventory_, 1);
  std::vector<Line> shuffled = lines_;
  std::map<std::uint64_t, Timestamp> jitter;
  for (const Line& line : shuffled) jitter[line.event.ref.position] = line.event.time + static_cast<Timestamp>(random_() % 1'900);
  std::ranges::stable_sort(shuffled, {}, [&](const Line& line) { return jitter[line.event.ref.position]; });
  for (Line& line : shuffled) line.settle();
  EXPECT_EQ(ordered, fold(shuffled, inventory_, 1));
}

TEST_P(ShardProperty, duplicated_records_change_nothing) {
  const Answers once = fold(lines_, inventory_, 1);
  std::vector<Line> twice;
  for (const Line& line : lines_) {
    twice.push_back(line);
    if (random_() % 3 == 0) twice.push_back(line);
  }
  for (Line& line : twice) line.settle();
  EXPECT_EQ(once, fold(twice, inventory_, 1));
}

TEST_P(ShardProperty, a_cut_feed_never_makes_a_wrong_certain_verdict) {
  // By user, since the attempt's id may be the other side's when one feed is missing.
  const auto by_user = [](const Answers& answers) {
    std::map<std::string, std::string> out;
    for (const auto& [id, text] : answers) {
      const std::size_t at = text.find("user=");
      std::stringstream stream(text);
      std::string word, kind, cause, grade;
      stream >> word >> kind >> cause >> grade;
      if (word == "verdict") out[text.substr(at, text.find(' ', at) - at)] = cause + " " + grade;
    }
    return out;
  };
  const auto whole = by_user(fold(lines_, inventory_, 1));
  for (const Vantage kept : {Vantage::client, Vantage::concentrator}) {
    std::vector<Line> cut;
    for (const Line& line : lines_)
      if (line.event.vantage == kept) cut.push_back(line);
    for (Line& line : cut) line.settle();
    for (const auto& [user, answer] : by_user(fold(cut, inventory_, 1))) {
      if (answer.find(" certain") == std::string::npos) continue;
      const auto full = whole.find(user);
      ASSERT_NE(whole.end(), full) << user;
      EXPECT_EQ(full->second.substr(0, full->second.find(' ')), answer.substr(0, answer.find(' '))) << user << " with one feed cut";
    }
  }
}

TEST_P(ShardProperty, a_restored_state_goes_on_as_if_nothing_had_happened) {
  std::vector<Verdict> straight;
  Shard whole(inventory_, {});
  std::vector<Verdict> broken;
  auto part = std::make_unique<Shard>(inventory_, CorrelatorOptions{});
  for (const Line& line : lines_) {
    whole.on_event(line.event, straight);
    whole.advance_to(line.event.time, straight);
    part->on_event(line.event, broken);
    part->advance_to(line.event.time, broken);
    if (random_() % 40 != 0) continue;
    auto next = std::make_unique<Shard>(inventory_, CorrelatorOptions{});
    const std::string bytes = part->save();
    ASSERT_TRUE(next->restore(bytes));
    EXPECT_EQ(part->digest(), next->digest());
    part = std::move(next);
  }
  whole.finish(straight);
  part->finish(broken);
  Answers expected, observed;
  collect(straight, &expected);
  collect(broken, &observed);
  EXPECT_EQ(straight.size(), broken.size());
  EXPECT_EQ(expected, observed);
  EXPECT_EQ(whole.digest(), part->digest());
}

TEST_P(ShardProperty, damaged_state_is_refused) {
  Shard shard(inventory_, {});
  std::vector<Verdict> out;
  for (std::size_t i = 0; i < 60; ++i) shard.on_event(lines_[i].event, out);
  shard.advance_to(lines_[60].event.time, out);
  const std::string bytes = shard.save();
  Shard other(inventory_, {});
  for (int i = 0; i < 50; ++i) EXPECT_FALSE(other.restore(std::string_view(bytes).substr(0, random_() % bytes.size())));
  EXPECT_FALSE(other.restore(bytes + "x"));
}

INSTANTIATE_TEST_SUITE_P(Seeds, ShardProperty, testing::Values(1u, 2u, 3u, 20261125u));

// Host names are typed by strangers, who can make one up that has another's hash. It goes like any two names.
TEST(ShardKeys, a_host_whose_name_has_the_hash_of_another_is_somebody_else) {
  const std::pair<std::string, std::string> usual{"pc1", "pc2"}, made_up{"laptop-of-a-user", "1wwm2c2fyzr0s}31"};
  ASSERT_EQ(hash_text<true>(made_up.first, kHashSeed), hash_text<true>(made_up.second, kHashSeed));
  for (const auto& [unanswered, refused] : {usual, made_up}) {
    script::run(unanswered + " and " + refused,
                {"at 0:00 client host=" + unanswered + " peer=198.51.100.7 group=sales says client_sent_am1",
                 "at 0:00.2 client host=" + refused + " peer=198.51.100.9 group=sales says client_sent_am1 client_received_am2 client_hash_failed", "advance 5:00",
                 "verdict provisional group_password_mismatch client=" + refused, "verdict final group_password_mismatch client=" + refused,
                 "verdict final udp500_blocked guess client=" + unanswered},
                Inventory(), CorrelatorOptions());
  }
}

// A box that no inventory knows belongs to the cluster whose address its line names; what was remembered of it by its own name
// alone, from a line that names none, must not decide that.
TEST(ShardKeys, an_unknown_box_belongs_where_its_line_says) {
  script::run("the client speaks of vpn1",
              {"at 0:00 concentrator device=box", "at 0:00 client host=pc1 gateway=203.0.113.1 peer=198.51.100.7 group=sales says client_sent_am1",
               "at 0:00.2 concentrator device=box gateway=203.0.113.1 peer=198.51.100.7 sev=8 says concentrator_saw_am1",
               "at 0:00.3 concentrator device=box gateway=203.0.113.1 peer=198.51.100.7 group=sales says concentrator_group_found",
               "at 0:00.5 client host=pc1 gateway=203.0.113.1 peer=198.51.100.7 says client_received_am2 client_hash_failed", "advance 5:00",
               "verdict provisional group_password_mismatch", "verdict final group_password_mismatch join=strong client=pc1"},
              four_clusters(), CorrelatorOptions());
}

}  // namespace
}  // namespace vpnverdict
