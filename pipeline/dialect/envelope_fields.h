// Which JSON keys of which shipper mean what: the table behind Envelope. Add a shipper here.
// A FieldTable is constant after its constructor; any thread may look up.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "pipeline/dialect/envelope.h"

namespace vpnverdict::dialect {

enum class Slot : std::uint8_t {
  message, raw, legacy_header, tag, program, host, relay, sender, peer, group, user, session, time, none
};
inline constexpr std::size_t kSlots = static_cast<std::size_t>(Slot::none);

// What one document said. Views point into the parser's buffers, valid until its next document.
class Draft {
 public:
  std::string_view operator[](Slot slot) const {
    const std::size_t i = static_cast<std::size_t>(slot);
    return rank_[i] == 0 ? std::string_view{} : std::string_view(data_[i], size_[i]);
  }
  std::uint8_t rank(Slot slot) const { return rank_[static_cast<std::size_t>(slot)]; }
  bool has(Slot slot) const { return rank(slot) != 0; }
  // Keeps the better key's value; of equal keys (duplicates in one document) the first.
  void offer(Slot slot, std::uint8_t key_rank, std::string_view text) {
    if (key_rank > rank(slot)) put(slot, key_rank, text);
  }
  void put(Slot slot, std::uint8_t key_rank, std::string_view text) {
    const std::size_t i = static_cast<std::size_t>(slot);
    rank_[i] = key_rank;
    data_[i] = text.data();
    size_[i] = static_cast<std::uint32_t>(text.size());
  }
  void offer_all(const Draft& other) {
    for (std::size_t i = 0; i < kSlots; ++i)
      if (other.rank_[i] != 0) offer(static_cast<Slot>(i), other.rank_[i], {other.data_[i], other.size_[i]});
  }

  std::uint32_t shapes = 0;  // bit per Shape
  bool plain = false;        // known to hold no control character and nothing beyond ASCII

 private:
  std::array<std::uint8_t, kSlots> rank_{};  // of the key that gave the value, 0 = nothing yet, higher is better
  // Not set where the rank is 0: a record is made and copied for every line.
  std::array<std::uint32_t, kSlots> size_;
  std::array<const char*, kSlots> data_;
};

// What a key is, seen from the node of the object that holds it. A key may be both a value and an object ("log").
struct Step {
  Slot slot = Slot::none;
  std::uint8_t rank = 0;
  std::uint16_t node = 0;    // of the object behind the key, 0 = not of interest
  std::uint32_t shapes = 0;  // bits a string or number here is a mark of
  bool records = false;      // OpenTelemetry's resourceLogs
};

// Keys are hashed in words of eight bytes, the last one filled with zeros.
inline std::uint64_t mix_key(std::uint64_t hash, std::uint64_t word) { return (hash ^ word) * 0x9E3779B97F4A7C15u; }
std::uint64_t hash_key(std::string_view key);

class FieldTable {
 public:
  static constexpr std::uint16_t kRoot = 1;
  explicit FieldTable(const EnvelopeFields& extra);
  // `hash` is hash_key(key). Null when the key means nothing there.
  const Step* find(std::uint16_t node, std::string_view key, std::uint64_t hash) const {
    const std::uint32_t tag = tag_of(node, hash);
    for (std::size_t i = tag & mask_;; i = (i + 1) & mask_) {
      const Probe& probe = probes_[i];
      if (probe.entry == kFree) return nullptr;
      if (probe.tag != tag) continue;
      const Entry& entry = entries_[probe.entry];
      if (entry.node == node && entry.key == key) return &entry.step;
    }
  }

 private:
  static constexpr std::uint32_t kFree = 0xFFFFFFFF;
  // Most keys of a document mean nothing; they end here, in a few kilobytes.
  struct Probe {
    std::uint32_t tag = 0;
    std::uint32_t entry = kFree;
  };
  struct Entry {
    std::uint16_t node = 0;
    Step step;
    std::string key;
  };
  static std::uint32_t tag_of(std::uint16_t node, std::uint64_t hash) {
    return static_cast<std::uint32_t>(hash >> 32) + node * 0x9E3779B9u;
  }
  Step& at(std::uint16_t node, std::string_view key);
  void grow();
  void add(std::string_view path, Slot slot, std::uint8_t rank, std::uint32_t shapes);
  void add_leaf(std::uint16_t node, std::string_view key, Slot slot, std::uint8_t rank, std::uint32_t shapes);

  std::vector<Probe> probes_;
  std::vector<Entry> entries_;
  std::size_t mask_;
  std::uint16_t nodes_ = kRoot;
};

}  // namespace vpnverdict::dialect
