#include "metrics/group_labels.h"

#include "metrics/label.h"

namespace vpnverdict {

GroupLabels::GroupLabels(const std::vector<std::string>& issued, std::size_t max) : max_(max) {
  add("other");
  for (const std::string& name : issued) add(label_value(name));
}

std::uint32_t GroupLabels::add(std::string name) {
  const auto [found, added] = index_.emplace(std::move(name), static_cast<std::uint32_t>(names_.size()));
  if (added) names_.push_back(found->first);
  return found->second;
}

std::uint32_t GroupLabels::index_of(std::string_view group, bool authenticated) {
  if (group.empty()) return kOther;
  std::string name = label_value(group);
  const std::lock_guard lock(mutex_);
  if (const auto found = index_.find(name); found != index_.end()) return found->second;
  if (!authenticated) {
    ++overflow_.not_authenticated;
    return kOther;
  }
  if (admitted_ >= max_) {
    ++overflow_.limit;
    return kOther;
  }
  ++admitted_;
  return add(std::move(name));
}

std::uint32_t GroupLabels::find(std::string_view group) const {
  if (group.empty()) return kOther;
  const std::string name = label_value(group);
  const std::lock_guard lock(mutex_);
  const auto found = index_.find(name);
  return found == index_.end() ? kOther : found->second;
}

GroupLabels::Overflow GroupLabels::overflow() const {
  const std::lock_guard lock(mutex_);
  return overflow_;
}

std::vector<std::string> GroupLabels::names() const {
  const std::lock_guard lock(mutex_);
  return names_;
}

std::size_t GroupLabels::admitted() const {
  const std::lock_guard lock(mutex_);
  return admitted_;
}

std::size_t GroupLabels::max() const {
  const std::lock_guard lock(mutex_);
  return max_;
}

void GroupLabels::set_max(std::size_t max) {
  const std::lock_guard lock(mutex_);
  max_ = max;
}

}  // namespace vpnverdict
