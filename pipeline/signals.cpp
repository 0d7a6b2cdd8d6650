#include "pipeline/signals.h"

#include <atomic>

namespace vpnverdict {
namespace {

// A signal handler can reach nothing but a global.
std::atomic<int> last_signal = 0;
std::atomic<int> hangup = 0;
static_assert(std::atomic<int>::is_always_lock_free, "set by a signal handler");

extern "C" void note_signal(int number) { last_signal = number; }
extern "C" void note_hangup(int number) { hangup = number; }

}  // namespace

SignalsNoted::SignalsNoted() {
  last_signal = 0;
  struct sigaction action {};
  action.sa_handler = note_signal;
  ::sigaction(SIGTERM, &action, &term_before_);
  ::sigaction(SIGINT, &action, &int_before_);
}

SignalsNoted::~SignalsNoted() {
  ::sigaction(SIGTERM, &term_before_, nullptr);
  ::sigaction(SIGINT, &int_before_, nullptr);
}

int SignalsNoted::seen() { return last_signal; }

HangupsNoted::HangupsNoted() {
  hangup = 0;
  struct sigaction action {};
  action.sa_handler = note_hangup;
  ::sigaction(SIGHUP, &action, &before_);
}

HangupsNoted::~HangupsNoted() { ::sigaction(SIGHUP, &before_, nullptr); }

bool HangupsNoted::take() { return hangup.exchange(0) != 0; }

}  // namespace vpnverdict
