#include "correlator/inventory.h"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <optional>

#include "correlator/letters.h"

namespace vpnverdict {
namespace {

std::string_view short_form(std::string_view name) { return name.substr(0, name.find('.')); }

std::optional<std::uint32_t> ipv4(std::string_view text) {
  std::uint32_t out = 0;
  for (int part = 0; part < 4; ++part) {
    const std::size_t dot = text.find('.');
    const std::string_view digits = part == 3 ? text : text.substr(0, dot);
    if ((part < 3 && dot == std::string_view::npos) || digits.empty()) return std::nullopt;
    unsigned value = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    if (error != std::errc{} || end != digits.data() + digits.size() || value > 255) return std::nullopt;
    out = out << 8 | value;
    if (part < 3) text.remove_prefix(dot + 1);
  }
  return out;
}

bool in_network(std::string_view address, std::string_view network) {
  const std::size_t slash = network.find('/');
  const auto base = ipv4(network.substr(0, slash));
  const auto given = ipv4(address);
  if (!base || !given) return equal_ignoring_case(address, network);
  unsigned bits = 32;
  if (slash != std::string_view::npos)
    std::from_chars(network.data() + slash + 1, network.data() + network.size(), bits);
  if (bits == 0) return true;
  const unsigned shift = bits >= 32 ? 0 : 32 - bits;
  return *base >> shift == *given >> shift;
}

}  // namespace

ConcentratorNames::ConcentratorNames(const std::vector<Concentrator>& concentrators) {
  for (std::size_t i = 0; i < concentrators.size(); ++i) {
    add(concentrators[i].name, i);
    for (const std::string& address : concentrators[i].addresses) add(address, i);
  }
}

void ConcentratorNames::add(std::string_view name, std::size_t position) {
  if (name.empty()) return;
  const auto first_of = [position](std::size_t& place) { place = std::min(place, position); };
  first_of(names_[std::string(name)].whole);
  if (std::isalpha(static_cast<unsigned char>(name[0])) == 0) return;  // an address has no short form
  first_of(names_[std::string(short_form(name))].short_form);
  if (name.find('.') == std::string_view::npos) first_of(names_[std::string(name)].bare);
}

std::size_t ConcentratorNames::find(std::string_view name) const {
  if (name.empty()) return kNone;
  const auto known = [this](std::string_view key) {
    const auto found = names_.find(key);
    return found == names_.end() ? Positions{} : found->second;
  };
  const std::string_view first = short_form(name);
  const Positions whole = known(name);
  return std::min(whole.whole, first.size() == name.size() ? whole.short_form : known(first).bare);
}

std::string_view Inventory::cluster_of(std::string_view name_or_address) const {
  const std::size_t found = names.find(name_or_address);
  if (found == ConcentratorNames::kNone) return {};
  const Concentrator& concentrator = concentrators[found];
  return concentrator.cluster.empty() ? concentrator.name : concentrator.cluster;
}

std::string_view Inventory::concentrator_named(std::string_view name_or_address) const {
  const std::size_t found = names.find(name_or_address);
  return found == ConcentratorNames::kNone ? std::string_view{} : std::string_view(concentrators[found].name);
}

bool Inventory::issued(std::string_view group) const {
  return std::ranges::any_of(groups, [&](const std::string& known) { return equal_ignoring_case(known, group); });
}

bool Inventory::near_issued(std::string_view group) const {
  const auto same = [](char x, char y) { return lower_case(x) == lower_case(y); };
  constexpr std::size_t kFew = 2;
  const auto is_near = [&](const std::string& known) {
    const std::size_t apart = known.size() > group.size() ? known.size() - group.size() : group.size() - known.size();
    return apart <= kFew && edit_distance(known, group, same) <= kFew;
  };
  return std::ranges::any_of(groups, is_near);
}

bool Inventory::known_client(std::string_view address) const {
  return std::ranges::any_of(client_networks, [&](const std::string& network) { return in_network(address, network); });
}

std::uint32_t Inventory::pool_size(std::string_view cluster, std::string_view pool) const {
  for (const PoolSize& known : pools)
    if (known.name == pool && (known.cluster.empty() || known.cluster == cluster)) return known.size;
  return 0;
}

}  // namespace vpnverdict
