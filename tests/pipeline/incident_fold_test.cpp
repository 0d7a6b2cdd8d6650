// The incidents of several shards: what a fold of the sign topic tells, against a replay of the same lines.
#include "pipeline/incident_fold.h"

#include <random>

#include <gtest/gtest.h>

#include "correlator/byte_codec.h"
#include "correlator/limits.h"
#include "pipeline/incident_json.h"
#include "pipeline/shard_fold.h"
#include "tests/broker/harness.h"
#include "tests/pipeline/packet_log.h"

namespace vpnverdict::testing {
namespace {

using Random = std::mt19937;
constexpr Timestamp kSecond = 1'000;
constexpr Timestamp kMinute = 60 * kSecond;

// A record of the sign topic.
struct Written {
  Timestamp at = 0;
  std::string bytes;
};

// What the shards of this many partitions write, in turns of random length, as their owners commit.
std::vector<Written> signs_of(const Fleet& fleet, std::size_t shards, unsigned seed) {
  Random random(seed);
  const std::vector<RawSource> raw = raw_sources(fleet, 2);
  PacketLog log(shards);
  Stage1 stage(fleet, raw, log);
  for (bool more = true; more;) {
    more = false;
    for (std::size_t i = 0; i < raw.size(); ++i) {
      more = more || !stage.at_end(i);
      stage.turn(i, 1 + random() % 400);
    }
    stage.punctuate();
  }
  CorrelatorOptions options;
  options.grace_ms = config_for("", fleet, "").correlator.grace_ms;
  std::vector<ShardFold> folds;
  for (std::size_t i = 0; i < shards; ++i) folds.emplace_back(fleet.inventory, options);
  std::vector<std::size_t> next(shards, 0);
  std::vector<Written> out;
  std::vector<Verdict> verdicts;
  std::vector<Sign> signs;
  for (std::size_t left = shards; left > 0;) {
    const std::size_t shard = random() % shards;
    if (next[shard] == log[shard].size()) continue;
    for (std::size_t n = 1 + random() % 5; n > 0 && next[shard] < log[shard].size(); --n) folds[shard].take(log[shard][next[shard]++], verdicts);
    if (next[shard] == log[shard].size()) --left;
    signs.clear();
    folds[shard].take_signs(signs);
    const SignMark mark{static_cast<std::int32_t>(shard), static_cast<std::int32_t>(shards), folds[shard].signs_told_until()};
    for (std::string& record : sign_records(mark, signs)) out.push_back({static_cast<Timestamp>(out.size()) * 100, std::move(record)});
  }
  return out;
}

std::vector<std::string> told_by(IncidentFold& fold, const std::vector<Written>& log, std::size_t from = 0) {
  std::vector<Incident> cards;
  for (std::size_t i = from; i < log.size(); ++i) EXPECT_EQ(fold.take(log[i].bytes, log[i].at, cards), "");
  std::vector<std::string> out;
  for (const Incident& card : cards) out.push_back(to_json(card));
  return out;
}

void expect_same(const std::vector<std::string>& wanted, const std::vector<std::string>& told) {
  for (std::size_t i = 0; i < std::max(wanted.size(), told.size()); ++i)
    ASSERT_EQ(i < wanted.size() ? wanted[i] : "no record", i < told.size() ? told[i] : "no record") << "record " << i;
}

// One group's password is changed at every concentrator, and none of its users gets in.
class SignLog : public ::testing::Test {
 protected:
  static const Fleet& fleet() {
    static const Fleet made = make_incident_fleet(51);
    return made;
  }
  static const std::vector<std::string>& replayed() {
    static const std::vector<std::string> cards = incidents_of_replay(fleet());
    return cards;
  }
};

TEST_F(SignLog, any_number_of_shards_gives_the_cards_of_a_replay) {
  ASSERT_FALSE(replayed().empty());
  for (const std::size_t shards : {1U, 5U}) {
    SCOPED_TRACE(shards);
    IncidentFold fold(fleet().inventory);
    std::vector<std::string> told = told_by(fold, signs_of(fleet(), shards, static_cast<unsigned>(shards)));
    ASSERT_GE(told.size(), replayed().size());
    told.resize(replayed().size());  // the shards' time goes on behind the last line
    expect_same(replayed(), told);
    EXPECT_EQ(fold.tracker().counts().late, 0U);
    EXPECT_EQ(fold.shards(), shards);
  }
}

TEST_F(SignLog, one_that_was_saved_anywhere_goes_on_as_if_nothing_happened) {
  const std::vector<Written> log = signs_of(fleet(), 4, 1);
  IncidentFold undisturbed(fleet().inventory);
  const std::vector<std::string> whole = told_by(undisturbed, log);
  Random random(1);
  for (int round = 0; round < 5; ++round) {
    const std::size_t cut = random() % log.size();
    IncidentFold first(fleet().inventory);
    std::vector<std::string> told = told_by(first, {log.begin(), log.begin() + static_cast<std::ptrdiff_t>(cut)});
    IncidentFold second(fleet().inventory);
    ASSERT_TRUE(second.restore(first.save()));
    EXPECT_EQ(second.fingerprint(), first.fingerprint());
    for (std::string& card : told_by(second, log, cut)) told.push_back(std::move(card));
    expect_same(whole, told);
  }
}

TEST_F(SignLog, a_damaged_state_is_refused) {
  const std::vector<Written> log = signs_of(fleet(), 2, 1);
  IncidentFold fold(fleet().inventory);
  told_by(fold, {log.begin(), log.begin() + static_cast<std::ptrdiff_t>(log.size() / 2)});
  const std::string state = fold.save();
  Random random(1);
  for (int i = 0; i < 100; ++i) {
    IncidentFold other(fleet().inventory);
    EXPECT_FALSE(other.restore(std::string_view(state).substr(0, random() % state.size())));
  }
}

Sign sign_at(Timestamp at, std::uint64_t id) {
  Sign sign;
  sign.at = sign.occurred = at;
  sign.verdict = sign.client = id;
  sign.outcome = Outcome::connected;
  sign.cause = Cause::connected;
  return sign;
}

struct Shards {
  const Inventory inventory;
  IncidentFold fold{inventory};
  std::vector<Incident> cards;
  void say(std::int32_t shard, Timestamp until, Timestamp written, const std::vector<Sign>& signs = {}) {
    for (const std::string& record : sign_records({shard, 2, until}, signs)) EXPECT_EQ(fold.take(record, written, cards), "");
  }
};

constexpr Timestamp kStart = 1'772'434'800'000;

TEST(IncidentFold, the_slowest_shard_is_waited_for_however_slow) {
  Shards shards;
  shards.say(0, kStart + 60 * kMinute, 0, {sign_at(kStart, 1)});
  EXPECT_EQ(shards.fold.stream_time(), kUntimed) << "the other one has not spoken yet";
  for (int i = 0; i < 400; ++i) {
    shards.say(0, kStart + (60 + i) * kMinute, i * kSecond);
    shards.say(1, kStart + i * kSecond, i * kSecond, {sign_at(kStart + i * kSecond, 100U + static_cast<unsigned>(i))});
  }
  EXPECT_EQ(shards.fold.stream_time(), kStart + 399 * kSecond);
  EXPECT_EQ(shards.fold.left_out(), 0U);
  EXPECT_EQ(shards.fold.tracker().counts().late, 0U);
}

TEST(IncidentFold, a_shard_that_says_nothing_holds_nobody_back_and_comes_late) {
  Shards shards;
  Timestamp written = 0;
  shards.say(1, kStart, written);
  for (int i = 0; i <= kShardQuietMax / kSecond + 1; ++i) shards.say(0, kStart + i * kSecond, written += kSecond, {sign_at(kStart + i * kSecond, 1U + static_cast<unsigned>(i))});
  EXPECT_EQ(shards.fold.left_out(), 1U);
  EXPECT_GT(shards.fold.stream_time(), kStart + 4 * kMinute);
  const Timestamp before = shards.fold.stream_time();
  shards.say(1, kStart + kSecond, written += kSecond, {sign_at(kStart + kSecond, 9'999)});
  EXPECT_EQ(shards.fold.left_out(), 0U);
  EXPECT_EQ(shards.fold.tracker().counts().late, 1U);
  EXPECT_EQ(shards.fold.stream_time(), before) << "time never falls";
}

TEST(IncidentFold, a_pause_of_all_shards_is_nobody_s_silence) {
  Shards shards;
  shards.say(0, kStart, 0);
  shards.say(1, kStart, 0);
  shards.say(0, kStart + 60 * kMinute, 60 * kMinute);
  EXPECT_EQ(shards.fold.left_out(), 0U);
  EXPECT_EQ(shards.fold.stream_time(), kStart);
}

TEST(SignCodec, what_was_written_is_read) {
  Sign sign = sign_at(kStart, 77);
  sign.occurred = kUntimed;
  sign.about = Sign::About::session;
  sign.revision = 3;
  sign.person = 5;
  sign.client = 6;
  sign.outcome = Outcome::failed;
  sign.cause = Cause::peer_lost;
  sign.grade = Grade::certain;
  sign.logged = true;
  sign.concentrator = "vpn1";
  sign.group = "sales";
  sign.server = "radius";
  sign.pool = "field";
  sign.peer = "198.18.0.7";
  sign.text = "its last line";
  const std::vector<std::string> records = sign_records({2, 4, kStart + 1}, {sign, sign_at(kStart + 5, 78)});
  ASSERT_EQ(records.size(), 1U);
  SignRecord read;
  ASSERT_EQ(decode_signs(records[0], read), "");
  EXPECT_EQ(read.mark.shard, 2);
  EXPECT_EQ(read.mark.shards, 4);
  EXPECT_EQ(read.mark.told_until, kStart + 1);
  ASSERT_EQ(read.signs.size(), 2U);
  EXPECT_EQ(sign_records(read.mark, read.signs), records);
  EXPECT_EQ(read.signs[0].occurred, kUntimed);
  EXPECT_EQ(read.signs[0].client, 6U);
  EXPECT_EQ(read.signs[0].text, "its last line");
  EXPECT_TRUE(read.signs[0].logged);
}

TEST(SignCodec, many_signs_make_several_records_and_only_the_last_says_how_far) {
  Sign sign = sign_at(kStart, 1);
  sign.text = std::string(200, 'x');
  const std::vector<std::string> records = sign_records({0, 1, kStart}, std::vector<Sign>(3'000, sign));
  ASSERT_GT(records.size(), 1U);
  std::size_t count = 0;
  for (const std::string& record : records) {
    SignRecord read;
    ASSERT_EQ(decode_signs(record, read), "");
    EXPECT_EQ(read.mark.told_until, &record == &records.back() ? kStart : kUntimed);
    EXPECT_LT(record.size(), 2 * kSignRecordBytes);
    count += read.signs.size();
  }
  EXPECT_EQ(count, 3'000U);
}

TEST(SignCodec, damage_is_refused_with_a_reason) {
  const std::string record = sign_records({0, 1, kStart}, {sign_at(kStart, 1), sign_at(kStart, 2)}).front();
  SignRecord read;
  for (std::size_t i = 0; i < record.size(); ++i) EXPECT_NE(decode_signs(std::string_view(record).substr(0, i), read), "") << i;
  EXPECT_EQ(decode_signs("nonsense", read), "of another version");
  EXPECT_EQ(decode_signs(sign_records({3, 2, kStart}, {}).front(), read), "of a shard that is none");
}

// As in ShardFold: when this fails, raise IncidentFold::kStateVersion and put the version and the printed value here.
TEST(IncidentFold, another_layout_of_the_state_is_another_version) {
  constexpr std::uint64_t kVersion = 5;
  constexpr std::uint64_t kShape = 3595621908367813438ULL;  // hash of IncidentTracker::state_shape()
  EXPECT_EQ(IncidentFold::kStateVersion, kVersion);
  EXPECT_EQ(hash_bytes(IncidentTracker::state_shape()), kShape) << IncidentTracker::state_shape();
}

}  // namespace
}  // namespace vpnverdict::testing
