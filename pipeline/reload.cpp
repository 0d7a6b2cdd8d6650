#include "pipeline/reload.h"

#include <algorithm>

#include <sys/stat.h>

namespace vpnverdict {
namespace {

constexpr auto kLookEvery = std::chrono::seconds(1);

double wall_seconds() {
  return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
}

bool differs(const OptionRow& row, Config& a, Config& b) {
  switch (row.type) {
    case OptionType::text: return row.text(a) != row.text(b);
    case OptionType::number: return row.number(a) != row.number(b);
    case OptionType::list: return row.list(a) != row.list(b);
  }
  return false;
}

bool decides_verdicts(std::string_view key) { return key.starts_with("correlator.") || key.starts_with("inventory") || key.starts_with("input."); }

std::string refusal(const std::string& key) {
  return key + (decides_verdicts(key)
                    ? " cannot change while the service runs: the same lines must be judged alike by whoever takes a shard over; restart all processes with it"
                    : " cannot change while the service runs: its connections, threads and sockets were made with it; restart it");
}

std::string listed(const std::vector<std::string>& keys) {
  std::string out;
  for (const std::string& key : keys) out += (out.empty() ? "" : ", ") + key;
  return out;
}

}  // namespace

std::vector<std::string> not_live(const Config& running, const Config& wanted) {
  Config before = running;  // the rows' accessors want mutable ones
  Config after = wanted;
  std::vector<std::string> keys;
  for (const OptionRow& row : option_rows()) {
    if (!taken_over_live(row.key) && differs(row, before, after)) keys.emplace_back(row.key);
  }
  for (const auto* side : {&before.kafka.properties, &after.kafka.properties}) {
    const auto& other = side == &before.kafka.properties ? after.kafka.properties : before.kafka.properties;
    for (const auto& [name, value] : *side) {
      const auto found = other.find(name);
      // A changed one stands on both sides and is told once.
      if (found == other.end() || (side == &before.kafka.properties && found->second != value)) keys.push_back("kafka.properties." + name);
    }
  }
  // The content of files whose names are the same.
  if (before.input.dialects == after.input.dialects && before.dialects_hash != after.dialects_hash) keys.emplace_back("input.dialects");
  if (annotated_inventory(before.inventory) != annotated_inventory(after.inventory)) keys.emplace_back("inventory");
  std::vector<std::string> out;
  for (const std::string& key : keys) out.push_back(refusal(key));
  return out;
}

std::vector<std::string> live_changes(const Config& running, const Config& wanted) {
  Config before = running;
  Config after = wanted;
  std::vector<std::string> out;
  for (const OptionRow& row : option_rows()) {
    const bool other_token = row.key == "page.token_file" && before.page_token != after.page_token;
    if (taken_over_live(row.key) && (other_token || differs(row, before, after))) out.emplace_back(row.key);
  }
  return out;
}

Reload::Reload(Config running, std::string path, ReadAgain read, Parts parts)
    : running_(std::move(running)), path_(std::move(path)), read_(std::move(read)), parts_(parts), marks_(marks()),
      looked_at_(std::chrono::steady_clock::now()) {
  parts_.metrics.config().reloaded(true, wall_seconds());
  parts_.metrics.config().certificate_ends(parts_.exposer.certificate_ends());
}

std::string Reload::marks() const {
  std::vector<std::string> files = {path_};
  for (const std::string& name : {running_.inventory_file, running_.page.token_file, running_.metrics.tls_certificate_file, running_.metrics.tls_key_file}) {
    if (!name.empty()) files.push_back(path_beside(running_, name));
  }
  for (const std::string& name : running_.input.dialects) files.push_back(path_beside(running_, name));
  std::string out;
  for (const std::string& file : files) {
    struct stat is {};
    if (::stat(file.c_str(), &is) == 0) {
      for (const auto number : {static_cast<std::int64_t>(is.st_dev), static_cast<std::int64_t>(is.st_ino), static_cast<std::int64_t>(is.st_size),
                                static_cast<std::int64_t>(is.st_mtim.tv_sec), static_cast<std::int64_t>(is.st_mtim.tv_nsec)})
        out += std::to_string(number) + ' ';
    }
    out += '\n';
  }
  return out;
}

void Reload::if_changed() {
  const auto now = std::chrono::steady_clock::now();
  if (now - looked_at_ < kLookEvery) return;
  looked_at_ = now;
  if (marks() != marks_) this->now("a file has changed");
}

void Reload::now(const std::string& why) {
  marks_ = marks();  // before anything is read: what changes meanwhile is seen the next time
  const bool configuration = take_configuration(why);
  const bool certificate = take_certificate();
  parts_.metrics.config().reloaded(configuration && certificate, wall_seconds());
}

bool Reload::take_configuration(const std::string& why) {
  const ConfigResult result = read_();
  std::vector<std::string> refused;
  for (const ConfigError& error : result.errors) refused.push_back(error.text());
  if (result.config && refused.empty()) refused = not_live(running_, *result.config);
  for (const std::string& sentence : refused) parts_.log.error("configuration not taken over", {{"why", sentence}});
  if (!refused.empty() || !result.config) return false;

  const std::vector<std::string> changed = live_changes(running_, *result.config);
  running_ = *result.config;
  parts_.log.set(log_level_named(running_.service.log_level), running_.service.log_format == "json");
  parts_.metrics.set_group_labels_max(static_cast<std::size_t>(running_.metrics.group_labels_max));
  // Who may ask first, what is shown then: in between nobody sees more than before or after.
  const bool names = page_shows_names(running_);
  if (!names) parts_.board.show_names(false);
  parts_.page.set_access(running_);
  if (names) parts_.board.show_names(true);
  parts_.log.info("configuration taken over", {{"because", why}, {"changed", changed.empty() ? "nothing" : listed(changed)}});
  return true;
}

bool Reload::take_certificate() {
  const std::int64_t before = parts_.exposer.certificate_ends();
  const std::string error = parts_.exposer.reload_certificate();
  if (!error.empty()) parts_.log.error("certificate not taken over", {{"why", error}});
  const std::int64_t ends = parts_.exposer.certificate_ends();
  if (ends != before) parts_.log.info("certificate taken over", {{"ends", std::to_string(ends)}});
  parts_.metrics.config().certificate_ends(ends);
  return error.empty();
}

}  // namespace vpnverdict
