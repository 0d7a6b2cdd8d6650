#include "pipeline/shard_fold.h"

#include <algorithm>
#include <random>

#include <gtest/gtest.h>

#include "correlator/half_store.h"
#include "pipeline/state_log.h"
#include "pipeline/verdict_json.h"
#include "tests/pipeline/packet_log.h"

namespace vpnverdict::testing {
namespace {

using Random = std::mt19937;

CorrelatorOptions options_of(const Fleet& fleet) {
  CorrelatorOptions out;
  out.grace_ms = config_for("", fleet, "").correlator.grace_ms;
  return out;
}

// The sources in turns of random length, packets sent at random moments; at the end everybody says that this was all.
void send_all(Stage1& stage, std::size_t sources, Random& random, unsigned turn_max = 200) {
  for (bool more = true; more;) {
    more = false;
    for (std::size_t i = 0; i < sources; ++i) {
      if (stage.at_end(i)) continue;
      more = true;
      stage.turn(i, 1 + random() % turn_max);
      if (random() % 3 == 0) stage.flush();
    }
    if (random() % 4 == 0) stage.punctuate();
  }
  for (std::size_t i = 0; i < sources; ++i) stage.turn(i, 1);  // flushes what was held
  stage.punctuate();
}

PacketLog packets_of(const Fleet& fleet, std::uint32_t raw_partitions, std::size_t partitions, unsigned seed, unsigned turn_max = 200) {
  Random random(seed);
  PacketLog log(partitions);
  const std::vector<RawSource> raw = raw_sources(fleet, raw_partitions);
  Stage1 stage(fleet, raw, log);
  send_all(stage, raw.size(), random, turn_max);
  return log;
}

std::vector<std::string> json_of(const std::vector<Verdict>& verdicts, const ShardFold& fold) {
  std::vector<std::string> out;
  for (const Verdict& verdict : verdicts) append_json(verdict, fold.names(), out.emplace_back());
  return out;
}

// Every record of the whole log, in order, partition by partition.
std::vector<std::string> fold_all(const Fleet& fleet, const PacketLog& log) {
  std::vector<std::string> out;
  for (const std::vector<std::string>& partition : log) {
    ShardFold fold(fleet.inventory, options_of(fleet));
    std::vector<Verdict> verdicts;
    for (const std::string& packet : partition) EXPECT_EQ(fold.take(packet, verdicts), "");
    for (std::string& json : json_of(verdicts, fold)) out.push_back(std::move(json));
  }
  return out;
}

Verdicts finals(const std::vector<std::string>& records) {
  Verdicts out;
  for (const std::string& json : records) add_verdict(json, &out);
  return out;
}

void expect_as_replay(const Verdicts& wanted, const Verdicts& told) {
  EXPECT_GT(wanted.size(), 50U);
  EXPECT_EQ(missing(wanted, told), std::set<std::string>());
  EXPECT_EQ(missing(told, wanted), std::set<std::string>());
  for (const auto& [id, one] : wanted) {
    EXPECT_EQ(told.contains(id) ? told.at(id).cause : "missing", one.cause) << id;
    EXPECT_EQ(told.contains(id) ? told.at(id).finals : 0, one.finals) << id;
  }
}

TEST(ShardFold, any_number_of_raw_partitions_and_shards_tells_what_a_replay_tells) {
  const Fleet fleet = make_fleet(120, 31);
  const Verdicts wanted = replay_of(fleet).verdicts;
  for (const auto& [raw, shards] : {std::pair<std::uint32_t, std::size_t>{1, 1}, {3, 1}, {4, 5}}) {
    SCOPED_TRACE(std::to_string(raw) + " raw partitions, " + std::to_string(shards) + " shards");
    expect_as_replay(wanted, finals(fold_all(fleet, packets_of(fleet, raw, shards, raw))));
  }
}

TEST(ShardFold, what_stage_1_sends_again_changes_nothing) {
  const Fleet fleet = make_fleet(120, 32);
  const std::vector<RawSource> raw = raw_sources(fleet, 3);
  const Verdicts wanted = replay_of(fleet).verdicts;
  std::uint64_t repeated = 0;
  for (unsigned seed = 1; seed <= 8; ++seed) {
    SCOPED_TRACE(seed);
    Random random(seed);
    PacketLog log(3);
    // A first process reads some and is gone; what it committed is older than what it sent, and a second one, whose
    // readers begin a little earlier still, sends the rest. Then the first wakes up and goes on for a while.
    Stage1 first(fleet, raw, log);
    std::vector<std::size_t> committed(raw.size(), 0);
    for (int turn = 0; turn < 12; ++turn) {
      for (std::size_t i = 0; i < raw.size(); ++i) {
        first.turn(i, random() % 400);
        if (random() % 4 == 0) {
          first.flush();
          committed[i] = first.needed(i);
        }
      }
    }
    Stage1 second(fleet, raw, log);
    for (std::size_t i = 0; i < raw.size(); ++i) second.start(i, committed[i] - std::min<std::size_t>(committed[i], 5'000), committed[i]);
    for (std::size_t i = 0; i < raw.size(); ++i) second.turn(i, 300);
    second.flush();
    for (std::size_t i = 0; i < raw.size(); ++i) first.turn(i, random() % 300);
    first.punctuate();
    send_all(second, raw.size(), random);
    std::vector<std::string> records;
    for (const std::vector<std::string>& partition : log) {
      ShardFold fold(fleet.inventory, options_of(fleet));
      std::vector<Verdict> verdicts;
      for (const std::string& packet : partition) EXPECT_EQ(fold.take(packet, verdicts), "");
      repeated += fold.repeated();
      for (std::string& json : json_of(verdicts, fold)) records.push_back(std::move(json));
    }
    expect_as_replay(wanted, finals(records));
  }
  EXPECT_GT(repeated, 1'000U) << "otherwise nothing was sent again";
}

// What PartitionOwner does with Kafka, without it: commits, snapshots, crashes. The ledger is what a reader of committed
// records has seen.
struct Model {
  const Fleet& fleet;
  const std::vector<std::string>& log;
  std::vector<std::string> ledger;
  struct Committed {
    std::size_t next = 0;
    CommitNote note;
    std::string state;  // of the snapshot
  } committed;
  std::unique_ptr<ShardFold> fold = std::make_unique<ShardFold>(fleet.inventory, options_of(fleet));
  std::size_t next = 0;
  std::vector<Verdict> waiting;
  std::size_t digests_checked = 0;

  Model(const Fleet& of, const std::vector<std::string>& records) : fleet(of), log(records) {}
  void take() { EXPECT_EQ(fold->take(log[next++], waiting), ""); }
  void commit(bool snapshot) {
    for (std::string& json : json_of(waiting, *fold)) ledger.push_back(std::move(json));
    waiting.clear();
    if (snapshot) {
      committed.state = fold->save();
      committed.note.snapshot_at = static_cast<std::int64_t>(next);
    }
    committed.next = next;
    committed.note.digest = fold->fingerprint();
  }
  void crash() {
    waiting.clear();
    fold = std::make_unique<ShardFold>(fleet.inventory, options_of(fleet));
    if (!committed.state.empty()) {
      ASSERT_TRUE(fold->restore(committed.state));
    }
    std::vector<Verdict> known;
    for (next = static_cast<std::size_t>(committed.note.snapshot_at); next < committed.next; ++next) fold->take(log[next], known);
    if (committed.next == 0) return;
    EXPECT_EQ(fold->fingerprint(), committed.note.digest);
    ++digests_checked;
  }
};

TEST(ShardFold, ten_thousand_crashes_lose_nothing_and_tell_nothing_twice) {
  const Fleet fleet = make_fleet(25, 33);
  const PacketLog log = packets_of(fleet, 2, 1, 33, 30);
  const std::vector<std::string> wanted = fold_all(fleet, log);
  ASSERT_GT(wanted.size(), 20U);
  ASSERT_GT(log[0].size(), 30U);
  std::size_t crashes = 0;
  std::size_t checked = 0;
  for (unsigned seed = 1; crashes < 10'000; ++seed) {
    Random random(seed);
    Model model(fleet, log[0]);
    std::size_t left = 100;  // in one life of the log
    while (model.next < log[0].size()) {
      model.take();
      if (random() % 3 == 0) model.commit(random() % 4 == 0);
      if (left > 0 && random() % 2 == 0) {
        model.crash();
        --left;
        ++crashes;
      }
    }
    model.commit(false);
    ASSERT_EQ(model.ledger, wanted) << "seed " << seed;
    checked += model.digests_checked;
  }
  EXPECT_GT(checked, 5'000U) << "most crashes must come after a commit";
}

TEST(ShardFold, the_digest_sees_a_state_that_is_another) {
  const Fleet fleet = make_fleet(25, 34);
  const PacketLog log = packets_of(fleet, 2, 1, 34);
  ShardFold whole(fleet.inventory, options_of(fleet));
  ShardFold lacks(fleet.inventory, options_of(fleet));
  std::vector<Verdict> verdicts;
  for (std::size_t i = 0; i < log[0].size(); ++i) {
    whole.take(log[0][i], verdicts);
    if (i != log[0].size() / 2) lacks.take(log[0][i], verdicts);
  }
  EXPECT_NE(whole.fingerprint(), lacks.fingerprint());
}

TEST(ShardFold, a_damaged_state_is_refused) {
  const Fleet fleet = make_fleet(10, 35);
  const PacketLog log = packets_of(fleet, 2, 1, 35);
  ShardFold fold(fleet.inventory, options_of(fleet));
  std::vector<Verdict> verdicts;
  for (std::size_t i = 0; i < log[0].size() / 2; ++i) fold.take(log[0][i], verdicts);
  const std::string state = fold.save();
  Random random(1);
  for (int i = 0; i < 200; ++i) {
    ShardFold other(fleet.inventory, options_of(fleet));
    EXPECT_FALSE(other.restore(std::string_view(state).substr(0, random() % state.size())));
  }
  ShardFold other(fleet.inventory, options_of(fleet));
  EXPECT_TRUE(other.restore(state));
  EXPECT_EQ(other.save(), state);
}

// A state that is read as another format than it was written in is a wrong verdict that nobody sees. So the format of each
// version is written down here. When this fails, what a shard keeps has changed: raise ShardFold::kStateVersion, and put the
// version and the values that the test prints in place of these. (Two fields of one type that change places are not noticed.)
TEST(ShardFold, another_layout_of_the_state_is_another_version) {
  constexpr std::uint64_t kVersion = 12;
  constexpr std::uint64_t kShardShape = 5447690025152467727ULL;  // hash of Shard::state_shape()
  constexpr std::size_t kFacts = 164;        // how many there were: new ones may be added behind them
  constexpr std::uint64_t kFactNames = 10001595093407364294ULL;  // hash of their names
  constexpr std::uint64_t kHalfBytes = 4374466172367303068ULL;  // hash of how a half is packed
  constexpr std::uint64_t kFoldBytes = 5935502592635459284ULL;   // hash of a fold that holds events, sources and marks, and has judged nothing

  std::string facts;
  for (std::size_t i = 0; i < std::min(kFacts, kFactCount); ++i) facts += std::string(name_of(static_cast<Fact>(i))) + "\n";
  const Inventory inventory;
  ShardFold fold(inventory, {});
  std::vector<Verdict> verdicts;
  PacketWriter writer;
  Event event;
  event.device = "vpn1";
  event.text = "text";
  event.time = 1'700'000'000'000;
  for (const std::uint64_t position : {7, 9}) {
    event.ref = {0, position};
    writer.add(event, 1'700'000'001'000, 0);
  }
  writer.add(PacketMark{0, 9, {5, 8}, 1'700'000'002'000, 1'700'000'003'000});
  EXPECT_EQ(fold.take(writer.finish({{"raw", 1}}, {{"raw", 2}}), verdicts), "");
  Half half;
  half.device = "vpn1";
  half.cookies = {7};
  half.only_session = half.connected = true;
  half.started = event.time;
  half.legs.emplace_back().says = Fact::concentrator_saw_am1;
  half.evidence.add({event.time, {1, 2}, Fact::concentrator_saw_am1, "text"});
  std::string packed;
  pack(half, packed);
  EXPECT_EQ(ShardFold::kStateVersion, kVersion);
  EXPECT_EQ(hash_bytes(packed), kHalfBytes);
  EXPECT_EQ(hash_bytes(Shard::state_shape()), kShardShape) << Shard::state_shape();
  EXPECT_EQ(hash_bytes(facts), kFactNames) << "facts have " << kFactCount << " names now";
  EXPECT_EQ(hash_bytes(fold.save()), kFoldBytes);
}

TEST(ShardFold, a_packet_that_cannot_be_read_is_left_out_with_a_reason) {
  const Inventory inventory;
  ShardFold fold(inventory, {});
  std::vector<Verdict> verdicts;
  const std::uint64_t before = fold.fingerprint();
  EXPECT_EQ(fold.take("nonsense", verdicts), "of another version");
  EXPECT_EQ(fold.fingerprint(), before);
}

TEST(ShardFold, a_raw_partition_that_has_not_spoken_holds_every_absence_back) {
  const Fleet fleet = make_fleet(60, 36);
  const std::vector<RawSource> raw = raw_sources(fleet, 2);
  PacketLog log(1);
  Stage1 stage(fleet, raw, log);
  for (std::size_t i = 1; i < raw.size(); ++i) {
    while (!stage.at_end(i)) stage.turn(i, 500);
    stage.turn(i, 1);
  }
  stage.punctuate();
  ShardFold fold(fleet.inventory, options_of(fleet));
  std::vector<Verdict> verdicts;
  for (const std::string& packet : log[0]) fold.take(packet, verdicts);
  EXPECT_EQ(verdicts.size(), 0U) << "its lines may be those of the other side";
  EXPECT_EQ(fold.stream_time(), kUntimed);
  EXPECT_EQ(fold.slowest(), raw[0].topic + "/" + std::to_string(raw[0].partition));
}

constexpr Timestamp kHoldMs = 300'000;

// The log as it is written: a packet each 50 ms.
struct Written {
  ShardFold& fold;
  std::vector<Verdict> verdicts;
  Timestamp now = 1'000'000;
  explicit Written(ShardFold& into) : fold(into) {}
  void take(const std::string& packet, Timestamp later = 50) { EXPECT_EQ(fold.take(packet, now += later, verdicts), ""); }
};

// Newest final record of each attempt.
std::map<std::uint64_t, Verdict> newest_of(const std::vector<Verdict>& verdicts) {
  std::map<std::uint64_t, Verdict> out;
  for (const Verdict& verdict : verdicts)
    if (verdict.final && !verdict.about_session && verdict.same_as == 0) out[verdict.id] = verdict;
  return out;
}

TEST(ShardFold, while_everybody_speaks_nothing_is_partial) {
  const Fleet fleet = make_fleet(120, 31);
  const PacketLog log = packets_of(fleet, 4, 1, 4);
  ShardFold fold(fleet.inventory, options_of(fleet), kHoldMs);
  Written written(fold);
  for (const std::string& packet : log[0]) written.take(packet);
  EXPECT_EQ(json_of(written.verdicts, fold), fold_all(fleet, log));
  EXPECT_EQ(std::ranges::count_if(written.verdicts, &Verdict::partial), 0);
}

// A raw partition with lines of one side is read by nobody. After the hold its silence is told as what it is, and when it is read
// at last, what it holds sets the verdicts right.
TEST(ShardFold, what_silence_decides_while_a_source_is_missing_is_partial_until_it_is_read) {
  const Fleet fleet = make_fleet(120, 37);
  const std::vector<RawSource> raw = raw_sources(fleet, 2);
  const std::size_t lost = static_cast<std::size_t>(std::ranges::find(raw, kConcentratorTopic, &RawSource::topic) - raw.begin());
  ASSERT_LT(lost, raw.size());
  PacketLog log(1);
  Stage1 stage(fleet, raw, log);
  for (std::size_t i = 0; i < raw.size(); ++i) {
    if (i == lost) continue;
    while (!stage.at_end(i)) stage.turn(i, 500);
    stage.turn(i, 1);
  }
  stage.punctuate();
  ShardFold fold(fleet.inventory, options_of(fleet), kHoldMs);
  Written written(fold);
  for (const std::string& packet : log[0]) written.take(packet);
  EXPECT_EQ(written.verdicts.size(), 0U);
  for (Timestamp waited = 0; waited < kHoldMs - 60'000; waited += 5'000) written.take(ShardFold::idle_packet(), 5'000);
  EXPECT_EQ(written.verdicts.size(), 0U);
  for (Timestamp waited = 0; waited < 120'000; waited += 5'000) written.take(ShardFold::idle_packet(), 5'000);
  EXPECT_EQ(fold.sources_missing(), 1U);
  const std::string name = raw[lost].topic + "/" + std::to_string(raw[lost].partition);
  std::set<std::uint64_t> partial;
  for (const auto& [id, verdict] : newest_of(written.verdicts)) {
    const bool guessed = verdict.join == JoinStrength::one_sided && verdict.grade != Grade::certain && verdict.outcome != Outcome::connected;
    EXPECT_TRUE(verdict.partial || !guessed) << to_json(verdict, fold.names());
    if (!verdict.partial) continue;
    partial.insert(id);
    EXPECT_NE(verdict.grade, Grade::certain);
    EXPECT_NE(verdict.next_check, "");
    ASSERT_EQ(verdict.missing.size(), 1U);
    EXPECT_EQ(fold.names()[verdict.missing[0]], name);
  }
  EXPECT_GT(partial.size(), 3U);

  // What is missing is part of the state.
  ShardFold other(fleet.inventory, options_of(fleet), kHoldMs);
  ASSERT_TRUE(other.restore(fold.save()));
  EXPECT_EQ(other.sources_missing(), 1U);

  const std::size_t before = log[0].size();
  while (!stage.at_end(lost)) stage.turn(lost, 500);
  stage.turn(lost, 1);
  stage.punctuate();
  Written again(other);
  again.now = written.now;
  for (std::size_t i = before; i < log[0].size(); ++i) {
    written.take(log[0][i]);
    again.take(log[0][i]);
  }
  EXPECT_EQ(fold.sources_missing(), 0U);
  EXPECT_EQ(fold.fingerprint(), other.fingerprint());
  const Verdicts wanted = replay_of(fleet).verdicts;
  std::map<std::uint64_t, Verdict> settled = newest_of(again.verdicts);
  for (const std::uint64_t id : partial) {
    ASSERT_TRUE(settled.contains(id)) << hex16(id) << " stays partial";
    EXPECT_FALSE(settled[id].partial) << hex16(id);
    EXPECT_GT(settled[id].revision, 1U);
    if (wanted.contains(hex16(id))) {
      EXPECT_EQ(wanted.at(hex16(id)).cause, name_of(settled[id].cause)) << hex16(id);
    }
  }
}

TEST(ShardFold, a_shard_without_its_past_says_so_for_a_while) {
  const Fleet fleet = make_fleet(120, 38);
  const PacketLog log = packets_of(fleet, 2, 1, 38, 20);
  const std::size_t lost = log[0].size() / 3;
  ShardFold fold(fleet.inventory, options_of(fleet), kHoldMs);
  fold.begin_without_past();
  Written written(fold);
  std::size_t before = 0, partial = 0;
  Timestamp since = kUntimed;
  for (std::size_t i = lost; i < log[0].size(); ++i) {
    written.take(log[0][i]);
    if (since == kUntimed) since = fold.stream_time();
    for (; before < written.verdicts.size(); ++before) {
      const Verdict& verdict = written.verdicts[before];
      partial += verdict.partial ? 1 : 0;
      EXPECT_FALSE(verdict.partial && verdict.grade == Grade::certain);
      EXPECT_TRUE(verdict.missing.empty());
      if (fold.stream_time() > since + options_of(fleet).grace_ms + 16 * 60'000) {
        EXPECT_FALSE(verdict.partial) << "by now it has a past";
      }
    }
    ShardFold other(fleet.inventory, options_of(fleet), kHoldMs);
    if (i % 50 == 0) {
      ASSERT_TRUE(other.restore(fold.save()));
    }
  }
  EXPECT_GT(partial, 0U);
}

}  // namespace
}  // namespace vpnverdict::testing
