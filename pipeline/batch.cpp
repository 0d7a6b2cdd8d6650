#include "pipeline/batch.h"

#include <algorithm>

namespace vpnverdict {
namespace {

constexpr std::string_view Event::*kFields[] = {&Event::device, &Event::peer,    &Event::gateway, &Event::group,
                                                &Event::user,   &Event::address, &Event::pool,    &Event::server,
                                                &Event::message, &Event::text};

}  // namespace

std::string_view EventBatch::keep(std::string_view bytes) {
  if (bytes.empty()) return {};
  if (used_ + bytes.size() > block_size_) {
    block_size_ = std::max(block_bytes_, bytes.size());
    blocks_.emplace_back(new char[block_size_]);
    used_ = 0;
  }
  char* at = blocks_.back().get() + used_;
  std::copy(bytes.begin(), bytes.end(), at);
  used_ += bytes.size();
  return {at, bytes.size()};
}

void EventBatch::push(const Event& event, Timestamp record_time) {
  Event& kept = events_.emplace_back(event);
  kept.claimed_peer = {};  // readers only
  for (std::string_view Event::*field : kFields) kept.*field = keep(event.*field);
  times_.push_back(record_time);
}

}  // namespace vpnverdict
