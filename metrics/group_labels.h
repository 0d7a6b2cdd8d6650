// Which group names may be label values. Strangers type group names before anybody has authenticated, so a name
// gets a label only when it was issued (inventory), or when a user of it was accepted while one of the `max` free
// places was left. Everything else is "other"; nothing is ever evicted, so a series never changes its meaning.
// Safe from several threads (a mutex: asked once per verdict, not per line).
#pragma once

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace vpnverdict {

class GroupLabels {
 public:
  static constexpr std::uint32_t kOther = 0;

  GroupLabels(const std::vector<std::string>& issued, std::size_t max);

  // Index of the label for a verdict about `group`. `authenticated`: the verdict proves an accepted user.
  std::uint32_t index_of(std::string_view group, bool authenticated);

  // The same without admitting anybody: what it has been counted under.
  std::uint32_t find(std::string_view group) const;

  struct Overflow {
    std::uint64_t limit = 0;              // authenticated names that found no free place
    std::uint64_t not_authenticated = 0;  // verdicts about names nobody has authenticated with
  };
  Overflow overflow() const;
  std::vector<std::string> names() const;  // by index; [0] is "other"
  std::size_t admitted() const;            // names beside the issued ones
  std::size_t max() const;
  // Names that have a label keep it, also beyond a smaller bound.
  void set_max(std::size_t max);

 private:
  std::uint32_t add(std::string name);

  mutable std::mutex mutex_;
  std::size_t max_;
  std::vector<std::string> names_;
  std::unordered_map<std::string, std::uint32_t> index_;
  std::size_t admitted_ = 0;
  Overflow overflow_;
};

}  // namespace vpnverdict
