// SIGTERM and SIGINT, noted while one of these lives. One at a time per process.
#pragma once

#include <csignal>

namespace vpnverdict {

class SignalsNoted {
 public:
  SignalsNoted();
  ~SignalsNoted();
  SignalsNoted(const SignalsNoted&) = delete;
  SignalsNoted& operator=(const SignalsNoted&) = delete;
  // Number of the last one, 0 when none came. Any thread.
  static int seen();

 private:
  struct sigaction term_before_ {};
  struct sigaction int_before_ {};
};

// SIGHUP likewise, which would otherwise end the process.
class HangupsNoted {
 public:
  HangupsNoted();
  ~HangupsNoted();
  HangupsNoted(const HangupsNoted&) = delete;
  HangupsNoted& operator=(const HangupsNoted&) = delete;
  // Whether one came since the last call. Any thread.
  static bool take();

 private:
  struct sigaction before_ {};
};

}  // namespace vpnverdict
