// The brokers that kafka/with-broker started, as somebody who can be ended, frozen and started again. Numbers begin with 1.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "tests/broker/proxy.h"

namespace vpnverdict::testing {

class Brokers {
 public:
  // `home`: VPNVERDICT_TEST_BROKER_HOME; empty: they are not ours to end.
  Brokers(std::string home, std::string bootstrap);

  int count() const { return count_; }  // 0: none of ours
  std::vector<Proxy::Route> routes() const;  // for a proxy in front of all
  void freeze(int number);
  void thaw(int number);
  void end(int number, int signal);  // until it is gone
  void start(int number);            // until somebody listens again
  // Every partition of every topic has all its replicas.
  bool in_sync() const;
  // The broker that leads the transaction with this id; 0 while none does.
  int coordinator_of(const std::string& transactional_id) const;

 private:
  pid_t pid(int number) const { return noted(number, "pid"); }
  int noted(int number, const std::string& file) const;
  std::string folder(int number) const { return home_ + "/" + std::to_string(number); }

  std::string home_;
  std::string bootstrap_;
  int count_ = 0;
};

}  // namespace vpnverdict::testing
