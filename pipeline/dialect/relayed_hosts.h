// Several hosts may write into one relay's file or topic, with no envelope that names them: "Nov 25 12:39:29 gw charon[8]: …". A daemon that
// plays both parts, or writes no names, is read by what the same host's said before, so each host needs a reader of its own. Of one source.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "pipeline/dialect/dialect.h"
#include "pipeline/dialect/syslog.h"

namespace vpnverdict::dialect {

class RelayedHosts {
 public:
  // Whose reader takes the line; empty: the source's own, which is also that of the first daemon's host. A line without a stamp goes on what
  // `holds(host)`, or is the source's own. Valid until the next call.
  template <class Holds>
  std::string_view host_of(const Line& line, Holds&& holds) {
    if (!line.host.empty() || !seen_) return line.host;
    if (const std::optional<std::string_view> named = daemon_host(line.text)) {
      const std::string_view other = *named == first_ ? std::string_view() : *named;
      if (other != last_) last_ = other;
    } else if (!last_.empty() && !holds(std::string_view(last_))) {
      return {};
    }
    return last_;
  }

  // `by` is the dialect of the reader that took it. Nothing need be asked of a line before the first daemon's.
  void took(const Line& line, Dialect by) {
    if (seen_ || !line.host.empty()) return;
    if (by != Dialect::charon && by != Dialect::pluto && by != Dialect::vpnc && by != Dialect::openconnect) return;
    seen_ = true;
    first_ = daemon_host(line.text).value_or(std::string_view());
  }

 private:
  bool seen_ = false;
  std::string first_;
  std::string last_;
};

}  // namespace vpnverdict::dialect
