#include "tests/broker/proxy.h"

#include <algorithm>
#include <cerrno>

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace vpnverdict::testing {
namespace {

constexpr int kLookMs = 10;  // how soon a new state or connection is seen
constexpr std::size_t kBytesAtOnce = 65'536;

sockaddr_in loopback(int port) {
  sockaddr_in out{};
  out.sin_family = AF_INET;
  out.sin_port = htons(static_cast<std::uint16_t>(port));
  out.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return out;
}

void without_delay(int fd) {
  const int yes = 1;
  ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof(yes));
}

bool would_block() { return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR; }

}  // namespace

Proxy::Proxy(const std::vector<Route>& routes) {
  for (const Route& route : routes) {
    const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    const int yes = 1;
    ::setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
    const sockaddr_in here = loopback(route.listen_port);
    EXPECT_EQ(::bind(fd, reinterpret_cast<const sockaddr*>(&here), sizeof(here)), 0) << "port " << route.listen_port;
    EXPECT_EQ(::listen(fd, 64), 0);
    listeners_.push_back({fd, route});
  }
  thread_ = std::thread([this] { run(); });
}

Proxy::~Proxy() {
  stop_ = true;
  thread_.join();
  close_all();
  for (const Listener& listener : listeners_) ::close(listener.fd);
}

std::string Proxy::bootstrap() const {
  std::string out;
  for (const Listener& listener : listeners_) out += (out.empty() ? "127.0.0.1:" : ",127.0.0.1:") + std::to_string(listener.route.listen_port);
  return out;
}

std::size_t Proxy::connections() {
  const std::lock_guard lock(mutex_);
  return connections_.size();
}

std::size_t Proxy::stand_still() {
  const std::lock_guard lock(mutex_);
  state_ = State::standing;
  return connections_.size();
}

std::size_t Proxy::cut() {
  const std::lock_guard lock(mutex_);
  state_ = State::cut;
  const std::size_t count = connections_.size();
  close_all();
  return count;
}

void Proxy::pass() {
  const std::lock_guard lock(mutex_);
  state_ = State::passing;
}

void Proxy::close_all() {
  for (const Connection& connection : connections_) {
    ::close(connection.there.from);
    ::close(connection.there.to);
  }
  connections_.clear();
}

void Proxy::take_in(const Listener& listener) {
  const int client = ::accept4(listener.fd, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
  if (client < 0) return;
  const int broker = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const sockaddr_in there = loopback(listener.route.broker_port);
  const bool refused = state_ == State::cut || ::connect(broker, reinterpret_cast<const sockaddr*>(&there), sizeof(there)) != 0;
  if (refused) {
    ::close(client);
    ::close(broker);
    return;
  }
  without_delay(client);
  without_delay(broker);
  connections_.push_back({{client, broker, {}}, {broker, client, {}}});
}

bool Proxy::Stream::step() {
  if (bytes.empty()) {
    bytes.resize(kBytesAtOnce);
    const ssize_t got = ::recv(from, bytes.data(), bytes.size(), MSG_DONTWAIT);
    const bool later = got < 0 && would_block();
    bytes.resize(static_cast<std::size_t>(std::max<ssize_t>(0, got)));
    if (got <= 0) return later;
  }
  const ssize_t sent = ::send(to, bytes.data(), bytes.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
  if (sent < 0) return would_block();
  bytes.erase(0, static_cast<std::size_t>(sent));
  return true;
}

void Proxy::run() {
  while (!stop_) {
    std::vector<pollfd> waited;
    {
      const std::lock_guard lock(mutex_);
      if (state_ != State::standing) {
        for (const Listener& listener : listeners_) waited.push_back({listener.fd, POLLIN, 0});
        for (const Connection& connection : connections_) {
          for (const Stream* stream : {&connection.there, &connection.back})
            waited.push_back(stream->bytes.empty() ? pollfd{stream->from, POLLIN, 0} : pollfd{stream->to, POLLOUT, 0});
        }
      }
    }
    ::poll(waited.data(), waited.size(), kLookMs);
    const std::lock_guard lock(mutex_);
    if (state_ == State::standing) continue;
    for (const Listener& listener : listeners_) take_in(listener);
    std::erase_if(connections_, [](Connection& connection) {
      if (connection.there.step() && connection.back.step()) return false;
      ::close(connection.there.from);
      ::close(connection.there.to);
      return true;
    });
  }
}

}  // namespace vpnverdict::testing
