// The halves of one cluster. An attempt is worked on for seconds; then it waits for its next line, or for a day for the other side's
// log. So a half that nobody asks for goes to rest, packed into one piece of memory, and whoever asks for it wakes it. That it rests
// decides nothing. Touched by the Shard's thread only.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <absl/container/btree_map.h>
#include <absl/container/flat_hash_map.h>

#include "correlator/half.h"
#include "correlator/state_bytes.h"

namespace vpnverdict {

// All of a half but its id and its place in the queue, as bytes: those of equal halves are equal.
void pack(Half& half, std::string& out);
// False when these are none of pack().
bool unpack(std::string_view bytes, Half& half);

// Halves that went to rest, of all stores of a shard: whoever wakes or opens next finds the memory that he needs.
class SpareHalves {
 public:
  std::unique_ptr<Half> take();
  void give_back(std::unique_ptr<Half> half);
  void lose(std::unique_ptr<Half>) { --in_use_; }
  // Of many that went to rest together most are let go.
  void trim();
  std::size_t size() const { return spare_.size(); }
  static constexpr std::size_t kAlways = 64;  // are kept, and as many as are in use

 private:
  std::vector<std::unique_ptr<Half>> spare_;
  std::size_t in_use_ = 0;
};

class HalfStore {
 public:
  // `spare` must outlive the store.
  explicit HalfStore(SpareHalves& spare) : spare_(&spare) {}

  // References and pointers to a half are good until it is forgotten, or rest() is called.
  Half& open(HalfId id);
  // Wake it; null when there is none. Who only looks at a half leaves it as it was packed.
  Half* find(HalfId id);
  const Half* look(HalfId id);
  // What can be told of a half without waking it: some of what there is of a Half.
  class Glance : public HalfTimes {
   public:
    Timestamp connected_at = kUntimed;
    bool closed = false;
    bool absorbed = false;
    bool connected = false;
    bool spoken_for() const { return spoken_for_; }
    bool is_over() const { return over_; }

   private:
    friend class HalfStore;
    bool spoken_for_ = false;
    bool over_ = false;
  };
  // Of a half that there is: looks at it if it is wanted(const Half&), or wanted(const Glance&) where it rests; else it is null.
  template <class Wanted>
  const Half* look_if(HalfId id, Wanted wanted) {
    const auto awake = awake_.find(id);
    if (awake == awake_.end()) return wanted(glance(id)) ? look(id) : nullptr;
    if (!wanted(std::as_const(*awake->second.half))) return nullptr;
    awake->second.asked_for = true;
    return awake->second.half.get();
  }
  void forget(HalfId id);
  std::size_t size() const { return size_; }

  // Once in kRestMs of stream time those go to rest that nobody asked for since the last time; before(Half&) is called with each that is
  // packed.
  template <class Before>
  void rest(Timestamp stream_time, Before before) {
    if (rested_at_ != kUntimed && stream_time < rested_at_ + kRestMs) return;
    rested_at_ = stream_time;
    for (auto next = awake_.begin(); next != awake_.end();) {
      const auto each = next++;
      Awake& awake = each->second;
      if (std::exchange(awake.asked_for, false)) continue;
      if (awake.changed) {
        before(*awake.half);
        lay_down(each->first, *awake.half);
      }
      spare_->give_back(std::move(awake.half));
      awake_.erase(each);
    }
    spare_->trim();
    if (awake_.bucket_count() > kRoomForEach * (awake_.size() + kRoomForEach)) awake_.rehash(0);
  }

  // In the order of their beginning.
  std::vector<HalfId> ids() const;
  // Those that were neither told nor absorbed.
  std::vector<HalfId> untold() const;
  // visit(const Half&) in that order; none is waked, and what is visited is gone afterwards.
  template <class Visit>
  void each(Visit visit) const {
    for (const HalfId id : ids()) {
      const auto awake = awake_.find(id);
      if (awake != awake_.end()) visit(std::as_const(*awake->second.half));
      else visit(std::as_const(*unpacked(id)));
    }
  }
  // The first in that order which was told or absorbed; 0 when none was.
  HalfId oldest_told() const;

  template <class Archive>
  void archive(Archive& ar) {
    if constexpr (std::is_same_v<Archive, StateShape>) {
      Half half;
      ar(half);
    } else if constexpr (requires { ar.ok(); }) {
      read(ar);
    } else {
      std::uint64_t count = size();
      ar(count);
      std::string bytes;
      for (HalfId id : ids()) {
        bytes.clear();
        put(id, bytes);
        ar(id, bytes);
      }
    }
  }

 private:
  static constexpr Timestamp kRestMs = 10'000;
  static constexpr std::size_t kRoomForEach = 16;  // in the table of those awake, before it is made smaller
  struct Awake {
    std::unique_ptr<Half> half;
    bool asked_for = true;
    bool changed = true;  // or may be: it is not packed any more
  };
  using Packed = std::unique_ptr<char[]>;  // how many bytes, as a number of put_number(), and the bytes
  static std::string_view bytes_of(const Packed& packed);
  static Packed packed(std::string_view bytes);
  const Glance& glance(HalfId id);  // of one that rests
  Half& rise(HalfId id, bool changed);
  bool drop_packed(HalfId id);
  Awake* wake(HalfId id);  // good until another one wakes
  std::unique_ptr<Half> unpacked(HalfId id) const;
  void lay_down(HalfId id, Half& half);
  void put(HalfId id, std::string& out) const;
  void read(StateReader& in);

  SpareHalves* spare_;
  absl::flat_hash_map<HalfId, Awake> awake_;  // never iterated to decide something
  absl::btree_map<HalfId, Packed> packed_;                     // all but those that were changed since
  struct Glanced {
    HalfId id = 0;
    Glance seen;
  };
  std::vector<Glanced> glanced_;  // by the last bits of the id: the same few packed ones are glanced at again and again
  std::size_t size_ = 0;
  Timestamp rested_at_ = kUntimed;
  std::string bytes_;  // reused
};

}  // namespace vpnverdict
