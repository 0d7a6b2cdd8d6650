// Stage 1 without Kafka: a fleet's records as packets, one log per partition of the internal topic.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "pipeline/packet_router.h"
#include "pipeline/parse_stage.h"
#include "tests/broker/harness.h"

namespace vpnverdict::testing {

using PacketLog = std::vector<std::vector<std::string>>;  // by partition

struct RawSource {
  std::string topic;
  std::int32_t partition = 0;
  std::vector<const GeneratedRecord*> records;
};

// The fleet's records in the raw partitions where its writers put them.
inline std::vector<RawSource> raw_sources(const Fleet& fleet, std::uint32_t partitions) {
  std::map<std::pair<std::string, std::int32_t>, RawSource> found;
  for (const GeneratedRecord& record : fleet.records) {
    std::uint32_t hash = 2'166'136'261U;
    for (const char c : record.key) hash = (hash ^ static_cast<unsigned char>(c)) * 16'777'619U;
    const auto partition = static_cast<std::int32_t>(hash % partitions);
    RawSource& source = found[{std::string(record.topic), partition}];
    source.topic = record.topic;
    source.partition = partition;
    source.records.push_back(&record);
  }
  std::vector<RawSource> out;
  for (auto& [name, source] : found) out.push_back(std::move(source));
  return out;
}

// One process of stage 1. It reads some records at a time and writes what comes of them into the log.
class Stage1 {
 public:
  Stage1(const Fleet& fleet, const std::vector<RawSource>& raw, PacketLog& log)
      : raw_(raw), log_(log), read_(raw.size(), 0),
        router_(fleet.inventory, sources_, static_cast<std::int32_t>(log.size()), PacketRouter::quiet_ms(CorrelatorOptions().grace_ms),
                [this](std::int32_t partition, const std::string& packet) {
                  log_[static_cast<std::size_t>(partition)].push_back(packet);
                  return true;
                }),
        stage_(fleet.inventory, {}, [this](const Event& event, Timestamp time) { router_.add(event, time); }, {}) {
    std::map<std::string, std::int32_t> counts;
    for (const RawSource& source : raw_) {
      sources_.index_of(source.topic, source.partition);
      counts[source.topic] = std::max(counts[source.topic], source.partition + 1);
    }
    roster_.assign(counts.begin(), counts.end());
    router_.punctuate(roster_);
  }

  // Begins this source at `warm`; what is below `from` was done with before.
  void start(std::size_t source, std::size_t warm, std::size_t from) {
    read_[source] = warm;
    RawBatch batch;
    batch.starts.push_back({static_cast<std::uint32_t>(source), from});
    stage_.take(batch);
  }
  bool at_end(std::size_t source) const { return read_[source] == raw_[source].records.size(); }
  std::size_t read(std::size_t source) const { return read_[source]; }
  // What may be committed: nothing below it is needed any more.
  std::size_t needed(std::size_t source) const {
    const auto held = stage_.held_positions(static_cast<std::uint32_t>(source));
    return held.empty() ? read_[source] : std::min<std::size_t>(read_[source], held.front());
  }

  void turn(std::size_t source, std::size_t records) {
    RawBatch batch;
    const auto number = static_cast<std::uint32_t>(source);
    for (; records > 0 && !at_end(source); --records) {
      const GeneratedRecord& record = *raw_[source].records[read_[source]];
      RawRecord raw;
      raw.source = number;
      raw.position = read_[source]++;
      raw.time = record.timestamp;
      raw.bytes = record.value;
      newest_[number] = record.timestamp;
      present_ = std::max(present_, record.timestamp);
      batch.records.push_back(std::move(raw));
    }
    const Timestamp time = at_end(source) ? kForEver : newest_.contains(number) ? newest_[number] : kUntimed;
    batch.marks.push_back({number, read_[source], time, present_, at_end(source)});
    stage_.take(batch);
    router_.mark(stage_.so_far(batch.marks.back()), stage_.held_positions(number));
  }
  void flush() { router_.flush(); }
  void punctuate() { router_.punctuate(roster_); }

 private:
  static constexpr Timestamp kForEver = 4'000'000'000'000;
  const std::vector<RawSource>& raw_;
  PacketLog& log_;
  std::vector<std::size_t> read_;
  std::map<std::uint32_t, Timestamp> newest_;
  Timestamp present_ = kUntimed;
  SourceTable sources_;
  std::vector<TopicNumber<std::string>> roster_;
  PacketRouter router_;
  ParseStage stage_;
};

}  // namespace vpnverdict::testing
