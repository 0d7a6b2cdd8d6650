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
  message, raw, legacy_header, tag, program, host, relay, sender, peer, group, user, time, none
};
inline constexpr std::size_t kSlots = static_cast<std::size_t>(Slot::none);

// What one document said. Views point into the parser's buffers, valid until its next document.
struct Draft {
  std::array<std::string_view, kSlots> value{};
  std::array<std::uint8_t, kSlots> rank{};  // of the key that gave the value, 0 = nothing yet, higher is better
  std::uint32_t shapes = 0;                 // bit per Shape
  std::string_view operator[](Slot slot) const { return value[static_cast<std::size_t>(slot)]; }
  bool has(Slot slot) const { return rank[static_cast<std::size_t>(slot)] != 0; }
  // Keeps the better key's value; of equal keys (duplicates in one document) the first.
  void offer(Slot slot, std::uint8_t key_rank, std::string_view text) {
    const std::size_t i = static_cast<std::size_t>(slot);
    if (key_rank <= rank[i]) return;
    rank[i] = key_rank;
    value[i] = text;
  }
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
    for (std::size_t i = slot_of(node, hash);; i = (i + 1) & mask_) {
      const Entry& entry = entries_[i];
      if (entry.node == 0) return nullptr;
      if (entry.hash == hash && entry.node == node && entry.key == key) return &entry.step;
    }
  }

 private:
  struct Entry {
    std::uint64_t hash = 0;
    std::uint16_t node = 0;  // 0 = free
    Step step;
    std::string key;
  };
  std::size_t slot_of(std::uint16_t node, std::uint64_t hash) const {
    return static_cast<std::size_t>((hash ^ (hash >> 32)) + node * 0x9E37u) & mask_;
  }
  Step& at(std::uint16_t node, std::string_view key);
  void add(std::string_view path, Slot slot, std::uint8_t rank, std::uint32_t shapes);
  void add_leaf(std::uint16_t node, std::string_view key, Slot slot, std::uint8_t rank, std::uint32_t shapes);

  std::vector<Entry> entries_;
  std::size_t mask_;
  std::size_t used_ = 0;
  std::uint16_t nodes_ = kRoot;
};

}  // namespace vpnverdict::dialect
