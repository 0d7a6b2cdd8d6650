#include "correlator/inventory.h"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <optional>

#include "correlator/letters.h"

namespace vpnverdict {
namespace {

// A host name matches its short form: "vpn1" and "vpn1.example.com".
bool same_host(std::string_view known, std::string_view given) {
  if (equal_ignoring_case(known, given)) return true;
  const std::string_view short_known = known.substr(0, known.find('.'));
  const std::string_view short_given = given.substr(0, given.find('.'));
  const bool one_is_short = known.size() == short_known.size() || given.size() == short_given.size();
  const bool is_name = !short_known.empty() && std::isalpha(static_cast<unsigned char>(short_known[0])) != 0;
  return one_is_short && is_name && equal_ignoring_case(short_known, short_given);
}

const Concentrator* find(const std::vector<Concentrator>& concentrators, std::string_view name) {
  if (name.empty()) return nullptr;
  for (const Concentrator& concentrator : concentrators) {
    if (same_host(concentrator.name, name)) return &concentrator;
    for (const std::string& address : concentrator.addresses)
      if (same_host(address, name)) return &concentrator;
  }
  return nullptr;
}

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

std::string_view Inventory::cluster_of(std::string_view name_or_address) const {
  const Concentrator* found = find(concentrators, name_or_address);
  if (found == nullptr) return {};
  return found->cluster.empty() ? std::string_view(found->name) : std::string_view(found->cluster);
}

std::string_view Inventory::concentrator_named(std::string_view name_or_address) const {
  const Concentrator* found = find(concentrators, name_or_address);
  return found == nullptr ? std::string_view{} : std::string_view(found->name);
}

bool Inventory::issued(std::string_view group) const {
  return std::ranges::any_of(groups, [&](const std::string& known) { return equal_ignoring_case(known, group); });
}

bool Inventory::near_issued(std::string_view group) const {
  const auto same = [](char x, char y) { return lower_case(x) == lower_case(y); };
  return std::ranges::any_of(groups, [&](const std::string& known) { return edit_distance(known, group, same) <= 2; });
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
