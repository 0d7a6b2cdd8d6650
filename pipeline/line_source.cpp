#include "pipeline/line_source.h"

#include <algorithm>
#include <utility>

namespace vpnverdict {
namespace {

constexpr std::size_t kHostsMax = 1024;  // in one source; the one unheard for longest is closed

std::size_t index(Dialect dialect) { return static_cast<std::size_t>(dialect); }
std::size_t index(Reject reason) { return static_cast<std::size_t>(reason); }

bool is_blank(std::string_view line) {
  return std::ranges::all_of(line, [](char c) { return c == ' ' || c == '\t' || c == '\f' || c == '\v'; });
}

}  // namespace

LineSource::LineSource(Settings settings, LineCounts& counts, std::function<void(const Event&)> take,
                       std::function<void(const RejectedLine&)> reject)
    : settings_(std::move(settings)), counts_(counts), take_(std::move(take)), reject_(std::move(reject)) {}

void LineSource::feed(LineReader::Got got, std::string_view text, std::uint64_t number, Timestamp arrived) {
  const SourceRef ref{settings_.number, number};
  const auto reject = [&](Reject reason, std::string_view what) {
    ++counts_.read;
    on_reject(reason, Dialect::unknown, what, ref, 1);
  };
  if (number == 1 && text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  if (got == LineReader::Got::too_long) {
    reject(Reject::too_long, text);
  } else if (is_blank(text)) {
    ++counts_.read;
    ++counts_.by_dialect[index(Dialect::unknown)].ignored;
  } else {
    const auto line = [&](const dialect::Line& each) {
      ++counts_.read;
      reader_of(each.host, number).feed(each, *this);
    };
    envelope_.open(text, ref, arrived, line, reject);
  }
}

void LineSource::flush(std::uint64_t position) {
  for (auto host = hosts_.rbegin(); host != hosts_.rend() && host->last < position; ++host) host->reader.flush(*this);
}

dialect::Reader& LineSource::reader_of(std::string_view name, std::uint64_t position) {
  if (hosts_.empty() || hosts_.front().name != name) {
    if (const auto found = by_name_.find(name); found != by_name_.end())
      hosts_.splice(hosts_.begin(), hosts_, found->second);
    else
      add_host(name);
  }
  hosts_.front().last = position;
  return hosts_.front().reader;
}

void LineSource::add_host(std::string_view name) {
  if (hosts_.size() == kHostsMax) {
    hosts_.back().reader.flush(*this);
    by_name_.erase(hosts_.back().name);
    hosts_.pop_back();
  }
  hosts_.emplace_front(std::string(name), settings_.dialects);
  by_name_.emplace(hosts_.front().name, hosts_.begin());
  if (settings_.vantage) hosts_.front().reader.set_vantage(*settings_.vantage);
  hosts_.front().reader.set_year(settings_.year);
}

void LineSource::on_event(const Event& event, std::uint32_t lines) {
  counts_.by_dialect[index(event.dialect)].events += lines;
  take_(event);
}

void LineSource::on_ignored(const Event& event, std::uint32_t lines) {
  counts_.by_dialect[index(event.dialect)].ignored += lines;
  take_(event);
}

void LineSource::on_reject(Reject reason, Dialect dialect, std::string_view text, SourceRef ref, std::uint32_t lines) {
  counts_.by_dialect[index(dialect)].rejected[index(reason)] += lines;
  if (reject_) reject_({reason, dialect, settings_.name, ref.position, text});
}

}  // namespace vpnverdict
