#include "pipeline/dialect/envelope_fields.h"

#include <algorithm>
#include <cstring>

namespace vpnverdict::dialect {
namespace {

constexpr std::uint32_t mark(Shape shape) { return 1u << static_cast<unsigned>(shape); }
constexpr std::uint32_t kNoMark = 0;

struct Row {
  std::string_view path;
  Slot slot;
  std::uint32_t shapes;
};

// Within one slot the first path that a document holds wins.
constexpr Row kRows[] = {
    {"message", Slot::message, kNoMark},
    {"MESSAGE", Slot::message, mark(Shape::syslog_ng)},
    {"msg", Slot::message, mark(Shape::rsyslog)},
    {"log", Slot::message, mark(Shape::fluent_bit)},
    {"Message", Slot::message, mark(Shape::fluent_bit)},  // winevtlog
    {"event", Slot::message, mark(Shape::splunk_hec)},
    {"event.message", Slot::message, mark(Shape::splunk_hec)},
    {"short_message", Slot::message, kNoMark},  // GELF
    {"_raw", Slot::message, kNoMark},
    // The line before any parser touched it.
    {"rawmsg", Slot::raw, mark(Shape::rsyslog)},
    {"rawmsg-after-pri", Slot::raw, mark(Shape::rsyslog)},
    {"event.original", Slot::raw, kNoMark},
    {"log.original", Slot::raw, kNoMark},
    {"full_message", Slot::raw, kNoMark},
    {"full_log", Slot::raw, kNoMark},  // Wazuh, OSSEC
    {"LEGACY_MSGHDR", Slot::legacy_header, mark(Shape::syslog_ng)},
    {"syslogtag", Slot::tag, mark(Shape::rsyslog)},
    {"programname", Slot::program, mark(Shape::rsyslog)},
    {"program", Slot::program, kNoMark},
    {"PROGRAM", Slot::program, mark(Shape::syslog_ng)},
    {"app-name", Slot::program, kNoMark},
    {"appname", Slot::program, kNoMark},
    {"ident", Slot::program, mark(Shape::fluent_bit)},
    {"process.name", Slot::program, kNoMark},
    {"log.syslog.appname", Slot::program, kNoMark},
    {"SYSLOG_IDENTIFIER", Slot::program, kNoMark},
    {"IKE_SA_UNIQUE_ID", Slot::session, kNoMark},  // charon-systemd in the journal
    {"journald.custom.ike_sa_unique_id", Slot::session, mark(Shape::filebeat)},
    {"winlog.provider_name", Slot::program, mark(Shape::winlogbeat)},
    {"ProviderName", Slot::program, kNoMark},
    {"SourceName", Slot::program, kNoMark},
    // The name in the syslog header is the device's; host.name may be the collector's.
    {"hostname", Slot::host, kNoMark},
    {"log.syslog.hostname", Slot::host, mark(Shape::filebeat)},
    {"HOST", Slot::host, mark(Shape::syslog_ng)},
    {"host", Slot::host, kNoMark},
    {"host.name", Slot::host, kNoMark},
    {"host.hostname", Slot::host, kNoMark},
    {"winlog.computer_name", Slot::host, mark(Shape::winlogbeat)},
    {"Computer", Slot::host, mark(Shape::fluent_bit)},
    {"_HOSTNAME", Slot::host, kNoMark},
    {"agent.hostname", Slot::host, mark(Shape::filebeat)},
    {"beat.hostname", Slot::host, mark(Shape::filebeat)},
    {"fromhost", Slot::relay, mark(Shape::rsyslog)},
    {"HOST_FROM", Slot::relay, mark(Shape::syslog_ng)},
    // A Beat that listens on the network names itself in host.name and the device here.
    {"log.source.address", Slot::sender, mark(Shape::filebeat)},
    {"log.source.ip", Slot::sender, mark(Shape::filebeat)},
    {"peer_ip", Slot::peer, mark(Shape::own)},
    {"fields.peer_ip", Slot::peer, kNoMark},
    {"source.ip", Slot::peer, kNoMark},
    {"source.address", Slot::peer, kNoMark},
    {"source_ip", Slot::peer, mark(Shape::vector)},
    {"client.ip", Slot::peer, kNoMark},
    {"client_ip", Slot::peer, kNoMark},
    {"fromhost-ip", Slot::peer, mark(Shape::rsyslog)},
    {"SOURCEIP", Slot::peer, mark(Shape::syslog_ng)},
    {"network.peer.address", Slot::peer, kNoMark},
    {"net.peer.ip", Slot::peer, kNoMark},
    {"host.ip", Slot::peer, kNoMark},  // Logstash: one address; Beats: a list of all of the collector's, skipped
    {"fields.source_ip", Slot::peer, kNoMark},
    {"group", Slot::group, kNoMark},
    {"group.name", Slot::group, kNoMark},
    {"vpn.group", Slot::group, kNoMark},
    {"fields.group", Slot::group, kNoMark},
    {"labels.group", Slot::group, kNoMark},
    {"user", Slot::user, kNoMark},
    {"user.name", Slot::user, kNoMark},
    {"fields.user", Slot::user, kNoMark},
    {"labels.user", Slot::user, kNoMark},
    // When the relay saw it stands before when the device says it wrote it.
    {"event.ingested", Slot::time, kNoMark},
    {"event.created", Slot::time, kNoMark},
    {"observedTimeUnixNano", Slot::time, kNoMark},
    {"timegenerated", Slot::time, mark(Shape::rsyslog)},
    {"R_ISODATE", Slot::time, mark(Shape::syslog_ng)},
    {"@timestamp", Slot::time, kNoMark},
    {"ts", Slot::time, mark(Shape::own)},
    {"timestamp", Slot::time, kNoMark},
    {"timereported", Slot::time, mark(Shape::rsyslog)},
    {"ISODATE", Slot::time, mark(Shape::syslog_ng)},
    {"DATE", Slot::time, mark(Shape::syslog_ng)},
    {"TimeCreated", Slot::time, mark(Shape::fluent_bit)},
    {"timeUnixNano", Slot::time, kNoMark},
    {"time", Slot::time, kNoMark},
    {"_time", Slot::time, kNoMark},
    {"__REALTIME_TIMESTAMP", Slot::time, kNoMark},
    // Marks only.
    {"@version", Slot::none, mark(Shape::logstash)},
    {"agent.type", Slot::none, mark(Shape::filebeat)},
    {"agent.version", Slot::none, mark(Shape::filebeat)},
    {"ecs.version", Slot::none, mark(Shape::filebeat)},
    {"winlog.channel", Slot::none, mark(Shape::winlogbeat)},
    {"winlog.record_id", Slot::none, mark(Shape::winlogbeat)},
    {"source_type", Slot::none, mark(Shape::vector)},
};

constexpr std::size_t kExtraPathsMax = 60;  // per slot: ranks fit a byte

}  // namespace

std::uint64_t hash_key(std::string_view key) {
  std::uint64_t hash = 0;
  for (std::size_t i = 0; i <= key.size(); i += 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, key.data() + i, std::min<std::size_t>(8, key.size() - i));
    hash = mix_key(hash, word);
  }
  return hash;
}

FieldTable::FieldTable(const EnvelopeFields& extra) : probes_(512), mask_(511) {
  const std::pair<const std::vector<std::string>*, Slot> configured[] = {
      {&extra.message, Slot::message}, {&extra.host, Slot::host}, {&extra.peer, Slot::peer},       {&extra.group, Slot::group},
      {&extra.user, Slot::user},       {&extra.time, Slot::time}, {&extra.program, Slot::program},
  };
  for (const auto& [paths, slot] : configured) {
    std::uint8_t rank = 255;
    for (std::size_t i = 0; i < std::min(paths->size(), kExtraPathsMax); ++i) add((*paths)[i], slot, rank--, kNoMark);
  }
  std::array<std::uint8_t, kSlots + 1> rank;
  rank.fill(150);
  for (const Row& row : kRows) add(row.path, row.slot, rank[static_cast<std::size_t>(row.slot)]--, row.shapes);
  at(kRoot, "resourceLogs").records = true;
}

void FieldTable::grow() {
  probes_.assign(probes_.size() * 2, Probe{});
  mask_ = probes_.size() - 1;
  for (std::uint32_t n = 0; n < entries_.size(); ++n) {
    const std::uint32_t tag = tag_of(entries_[n].node, hash_key(entries_[n].key));
    std::size_t i = tag & mask_;
    while (probes_[i].entry != kFree) i = (i + 1) & mask_;
    probes_[i] = {tag, n};
  }
}

// Makes room for the key; called by the constructor only. The reference lives until the next call.
Step& FieldTable::at(std::uint16_t node, std::string_view key) {
  if (entries_.size() * 2 >= probes_.size()) grow();
  const std::uint32_t tag = tag_of(node, hash_key(key));
  std::size_t i = tag & mask_;
  for (; probes_[i].entry != kFree; i = (i + 1) & mask_) {
    Entry& entry = entries_[probes_[i].entry];
    if (entry.node == node && entry.key == key) return entry.step;
  }
  probes_[i] = {tag, static_cast<std::uint32_t>(entries_.size())};
  entries_.push_back({node, Step{}, std::string(key)});
  return entries_.back().step;
}

void FieldTable::add_leaf(std::uint16_t node, std::string_view key, Slot slot, std::uint8_t rank, std::uint32_t shapes) {
  Step& step = at(node, key);
  step.shapes |= shapes;
  if (slot == Slot::none || (step.slot != Slot::none && step.rank >= rank)) return;
  step.slot = slot;
  step.rank = rank;
}

// "host.name" is name in host, and also one key of that name, as some shippers flatten it.
void FieldTable::add(std::string_view path, Slot slot, std::uint8_t rank, std::uint32_t shapes) {
  std::uint16_t node = kRoot;
  std::string_view rest = path;
  for (std::size_t dot; (dot = rest.find('.')) != std::string_view::npos && nodes_ < 0xFFF0; rest.remove_prefix(dot + 1)) {
    Step& step = at(node, rest.substr(0, dot));
    if (step.node == 0) step.node = ++nodes_;
    node = step.node;
  }
  add_leaf(node, rest, slot, rank, shapes);
  if (node != kRoot) add_leaf(kRoot, path, slot, rank, shapes);
}

}  // namespace vpnverdict::dialect
