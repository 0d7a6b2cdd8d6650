#include "metrics/exposer.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include <httplib.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "metrics/open_metrics.h"

namespace vpnverdict {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t kRequestBytesMax = 16 * 1024;
constexpr std::size_t kWaitingMax = 64;  // accepted and not yet served; beyond it the kernel's backlog holds them
constexpr int kSliceMs = 100;            // how often a waiting connection looks whether the server stops
constexpr auto kMetricsCached = std::chrono::milliseconds(500);

// One accepted socket with a deadline over all its reads (a TLS handshake is part of them) and one over all its writes.
class DeadlineStream final : public httplib::Stream {
 public:
  // `tls` is null for a plain connection.
  DeadlineStream(int fd, TlsSession* tls, int deadline_ms, const std::atomic<bool>& stopping)
      : fd_(fd), tls_(tls), deadline_ms_(deadline_ms), until_(Clock::now() + std::chrono::milliseconds(deadline_ms)), stopping_(stopping) {}

  bool shake_hands() {
    return tls_ == nullptr || through_tls([this] { return tls_->shake_hands(); }, until_) > 0;
  }

  // Through TLS read() waits by itself: bytes that have come need not be bytes for us.
  bool is_readable() const override { return begin_ < end_ || tls_ != nullptr || wait(POLLIN, until_); }
  bool is_writable() const override { return wait(POLLOUT, write_until()); }
  socket_t socket() const override { return fd_; }
  void get_remote_ip_and_port(std::string& ip, int& port) const override { forget(ip, port); }
  void get_local_ip_and_port(std::string& ip, int& port) const override { forget(ip, port); }

  // The library reads a request byte by byte; this keeps the system calls few.
  ssize_t read(char* out, std::size_t size) override {
    if (begin_ == end_) {
      if (taken_ >= kRequestBytesMax) return -1;
      const ssize_t got = receive();
      if (got <= 0) return got;
      begin_ = 0;
      end_ = static_cast<std::size_t>(got);
      taken_ += end_;
    }
    const std::size_t n = std::min(size, end_ - begin_);
    std::copy_n(buffer_.data() + begin_, n, out);
    begin_ += n;
    return static_cast<ssize_t>(n);
  }

  ssize_t write(const char* data, std::size_t size) override {
    if (tls_ != nullptr) return through_tls([&] { return tls_->write(data, size); }, write_until());
    if (!wait(POLLOUT, write_until())) return -1;
    return ::send(fd_, data, size, MSG_NOSIGNAL | MSG_DONTWAIT);
  }

 private:
  ssize_t receive() {
    if (tls_ != nullptr) return through_tls([this] { return tls_->read(buffer_.data(), buffer_.size()); }, until_);
    return wait(POLLIN, until_) ? ::recv(fd_, buffer_.data(), buffer_.size(), 0) : -1;
  }
  // The same call until it moves something or the time is over.
  template <class Call>
  ssize_t through_tls(Call call, Clock::time_point until) const {
    for (;;) {
      const ssize_t got = call();
      if (got >= TlsSession::kFailed) return got;
      if (!wait(got == TlsSession::kWaitToRead ? POLLIN : POLLOUT, until)) return -1;
    }
  }
  static void forget(std::string& ip, int& port) {
    ip.clear();
    port = 0;
  }
  Clock::time_point write_until() const {
    if (!writing_) {
      writing_ = true;
      write_until_ = Clock::now() + std::chrono::milliseconds(deadline_ms_);
    }
    return write_until_;
  }
  bool wait(short what, Clock::time_point until) const {
    for (;;) {
      const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(until - Clock::now()).count();
      if (left <= 0 || stopping_) return false;
      pollfd one{fd_, what, 0};
      const int got = ::poll(&one, 1, static_cast<int>(std::min<std::int64_t>(left, kSliceMs)));
      if (got > 0) return (one.revents & (what | POLLHUP)) != 0;
      if (got < 0 && errno != EINTR) return false;
    }
  }

  int fd_;
  TlsSession* tls_;
  int deadline_ms_;
  Clock::time_point until_;
  const std::atomic<bool>& stopping_;
  mutable bool writing_ = false;
  mutable Clock::time_point write_until_;
  std::array<char, 4096> buffer_{};
  std::size_t begin_ = 0, end_ = 0, taken_ = 0;
};

// Threads and a queue that makes the acceptor wait when it is full.
class BoundedPool final : public httplib::TaskQueue {
 public:
  explicit BoundedPool(int threads) {
    for (int i = 0; i < threads; ++i) threads_.emplace_back([this] { work(); });
  }
  void enqueue(std::function<void()> task) override {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return tasks_.size() < kWaitingMax || ended_; });
    tasks_.push_back(std::move(task));
    changed_.notify_all();
  }
  void shutdown() override {
    {
      const std::lock_guard lock(mutex_);
      ended_ = true;
    }
    changed_.notify_all();
    for (std::thread& thread : threads_) thread.join();
  }

 private:
  void work() {
    for (;;) {
      std::function<void()> task;
      {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [this] { return !tasks_.empty() || ended_; });
        if (tasks_.empty()) return;
        task = std::move(tasks_.front());
        tasks_.pop_front();
      }
      changed_.notify_all();
      task();
    }
  }
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::function<void()>> tasks_;
  bool ended_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace

class Exposer::Server final : public httplib::Server {
 public:
  Server(ExposerOptions options, ExposerHooks hooks) : options_(std::move(options)), hooks_(std::move(hooks)) {
    new_task_queue = [this] { return new BoundedPool(std::max(3, options_.threads)); };
    // The library's default would let a second process share the port and take half of the scrapes.
    set_socket_options([](socket_t fd) {
      const int yes = 1;
      ::setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
    });
    set_pre_routing_handler([this](const httplib::Request& request, httplib::Response& response) {
      answer(request, response);
      return HandlerResponse::Handled;
    });
  }
  ~Server() override { end(); }

  std::string begin() {
    if (std::string error = load_certificate(); !error.empty()) return error;
    const bool bound = options_.port == 0 ? (port_ = bind_to_any_port(options_.address)) > 0
                                          : bind_to_port(options_.address, options_.port);
    if (!bound) {
      port_ = 0;
      return "cannot listen on " + options_.address + ":" + std::to_string(options_.port) + ": it is in use or not ours";
    }
    if (options_.port != 0) port_ = options_.port;
    thread_ = std::thread([this] { listen_after_bind(); });
    // stop() before the accept loop runs would be forgotten by the library.
    while (!is_running()) std::this_thread::yield();
    return "";
  }

  void end() {
    if (!thread_.joinable()) return;
    stopping_ = true;
    stop();
    thread_.join();
  }

  int port() const { return port_; }
  std::string load_certificate() { return options_.tls.wanted() ? tls_.load(options_.tls) : ""; }
  std::int64_t certificate_ends() const { return tls_.not_after(); }

 private:
  bool process_and_close_socket(socket_t fd) override {
    std::optional<TlsSession> tls;
    if (options_.tls.wanted()) tls.emplace(tls_, fd);
    DeadlineStream stream(fd, tls ? &*tls : nullptr, options_.deadline_ms, stopping_);
    bool closed = false;
    const bool done = stream.shake_hands() && process_request(stream, true, closed, nullptr);
    if (tls) tls->say_goodbye();
    ::shutdown(fd, SHUT_RDWR);
    ::close(fd);
    return done;
  }

  void answer(const httplib::Request& request, httplib::Response& response) {
    if (request.method != "GET" && request.method != "HEAD") {
      response.status = 405;
      response.set_header("Allow", "GET, HEAD");
      return response.set_content("only GET and HEAD\n", "text/plain");
    }
    if (request.path == "/metrics") {
      response.set_header("Vary", "Accept");
      const bool open = hooks_.open_metrics && wants_open_metrics(request.get_header_value("Accept"));
      if (open) return response.set_content(opened_.text(hooks_.open_metrics), kOpenMetricsType.data());
      return response.set_content(plain_.text(hooks_.metrics), "text/plain; version=0.0.4; charset=utf-8");
    }
    if (request.path == "/healthz") return tell(hooks_.healthy(), response);
    if (request.path == "/readyz") return tell(hooks_.ready(), response);
    if (hooks_.page) {
      const HttpAnswer page = hooks_.page(
          {request.path, request.params, request.get_header_value("Host"), request.get_header_value("Authorization")});
      response.status = page.status;
      for (const auto& [name, value] : page.headers) response.set_header(name.c_str(), value);
      return response.set_content(page.body, page.type.c_str());
    }
    if (request.path == "/") {
      return response.set_content("vpnverdict: /metrics /healthz /readyz\n", "text/plain; charset=utf-8");
    }
    response.status = 404;
    response.set_content("not here\n", "text/plain");
  }

  static void tell(const Health& health, httplib::Response& response) {
    response.status = health.ok ? 200 : 503;
    response.set_content(health.text.empty() ? (health.ok ? "ok\n" : "failed\n") : health.text + "\n", "text/plain; charset=utf-8");
  }

  // Many scrapers at once cost one rendering.
  class Rendered {
   public:
    std::string text(const std::function<std::string()>& render) {
      const std::lock_guard lock(mutex_);
      const auto now = Clock::now();
      if (text_.empty() || now - at_ >= kMetricsCached) {
        text_ = render();
        at_ = now;
      }
      return text_;
    }

   private:
    std::mutex mutex_;
    std::string text_;
    Clock::time_point at_;
  };

  const ExposerOptions options_;
  const ExposerHooks hooks_;
  TlsIdentity tls_;
  int port_ = 0;
  std::thread thread_;
  std::atomic<bool> stopping_ = false;
  Rendered plain_;
  Rendered opened_;
};

Exposer::Exposer(ExposerOptions options, ExposerHooks hooks)
    : server_(std::make_unique<Server>(std::move(options), std::move(hooks))) {}
Exposer::~Exposer() = default;
std::string Exposer::start() { return server_->begin(); }
int Exposer::port() const { return server_->port(); }
std::string Exposer::reload_certificate() { return server_->load_certificate(); }
std::int64_t Exposer::certificate_ends() const { return server_->certificate_ends(); }
void Exposer::stop() { server_->end(); }

}  // namespace vpnverdict
