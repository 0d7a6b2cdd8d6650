#include "pipeline/line_source.h"

#include <algorithm>
#include <iterator>
#include <utility>
#include <vector>

#include "correlator/keys.h"

namespace vpnverdict {
namespace {

constexpr std::size_t kHostsMax = 1024;  // in one source; the one that was not heard for longest is closed

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
      const auto holds = [&](std::string_view host) { return reader_of(host, number).held_lines() != 0; };
      dialect::Reader& reader = reader_of(relayed_.host_of(each, holds), number);
      reader.feed(each, *this);
      relayed_.took(each, reader.dialect());
    };
    envelope_.open(text, ref, arrived, line, reject);
  }
}

void LineSource::flush(std::uint64_t position) {
  std::vector<Host*> quiet;
  for (Host& host : hosts_)
    if (host.last < position) quiet.push_back(&host);
  std::ranges::stable_sort(quiet, {}, &Host::last);
  for (Host* const host : quiet) host->reader.flush(*this);
}

dialect::Reader& LineSource::reader_of(std::string_view name, std::uint64_t position) {
  Host*& known = known_[hash_of(name) >> 58];
  if (known == nullptr || known->name != name) known = &host_named(name);
  known->last = position;
  return known->reader;
}

LineSource::Host& LineSource::host_named(std::string_view name) {
  if (const auto found = by_name_.find(name); found != by_name_.end()) return *found->second;
  if (hosts_.size() == kHostsMax) close_quietest();
  Host& host = hosts_.emplace_back(std::string(name), settings_.dialects);
  by_name_.emplace(host.name, std::prev(hosts_.end()));
  if (settings_.vantage) host.reader.set_vantage(*settings_.vantage);
  host.reader.set_year(settings_.year, settings_.year_end);
  return host;
}

void LineSource::close_quietest() {
  const auto host = std::ranges::min_element(hosts_, {}, &Host::last);
  host->reader.flush(*this);
  std::ranges::replace(known_, &*host, nullptr);
  by_name_.erase(host->name);
  hosts_.erase(host);
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
