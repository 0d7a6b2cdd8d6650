#include "metrics/exposer.h"

#include <atomic>
#include <string>

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

namespace vpnverdict {
namespace {

// One client connection. Reads have a time-out so that a fault fails the test instead of hanging it.
class Client {
 public:
  explicit Client(int port) : fd_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(static_cast<std::uint16_t>(port));
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const timeval patience{20, 0};
    ::setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
    EXPECT_EQ(::connect(fd_, reinterpret_cast<sockaddr*>(&to), sizeof(to)), 0);
  }
  ~Client() { ::close(fd_); }
  Client& send(const std::string& text) {
    EXPECT_EQ(::send(fd_, text.data(), text.size(), MSG_NOSIGNAL), static_cast<ssize_t>(text.size()));
    return *this;
  }
  // Everything until the server closes; "(silence)" when it does not.
  std::string rest() {
    std::string out;
    char buffer[4096];
    for (;;) {
      const ssize_t got = ::recv(fd_, buffer, sizeof(buffer), 0);
      if (got < 0) return errno == ECONNRESET ? out : "(silence)";
      if (got == 0) return out;
      out.append(buffer, static_cast<std::size_t>(got));
    }
  }

 private:
  int fd_;
};

struct Served {
  std::atomic<bool> ready = true;
  std::atomic<int> renderings = 0;
  Exposer exposer;
  explicit Served(int deadline_ms = 5'000, int threads = 4)
      : exposer({"127.0.0.1", 0, threads, deadline_ms},
                {[this] {
                   ++renderings;
                   return std::string("x_total 1\n");
                 },
                 [] { return Health{true, "loop: ok"}; },
                 [this] { return Health{ready, ready ? "assigned" : "no assignment"}; }}) {
    EXPECT_EQ(exposer.start(), "");
  }
  std::string ask(const std::string& request) { return Client(exposer.port()).send(request).rest(); }
  std::string get(const std::string& path) { return ask("GET " + path + " HTTP/1.1\r\nHost: h\r\n\r\n"); }
};

std::string status_of(const std::string& answer) { return answer.substr(0, answer.find('\r')); }

TEST(Exposer, metrics_are_served_as_text_of_version_004) {
  Served served;
  const std::string answer = served.get("/metrics");
  EXPECT_EQ(status_of(answer), "HTTP/1.1 200 OK");
  EXPECT_NE(answer.find("Content-Type: text/plain; version=0.0.4"), std::string::npos);
  EXPECT_TRUE(answer.ends_with("\r\n\r\nx_total 1\n")) << answer;
}

TEST(Exposer, the_form_of_the_metrics_is_the_one_that_is_asked_for) {
  Exposer exposer({"127.0.0.1", 0, 4, 5'000},
                  {[] { return std::string("plain 1\n"); }, [] { return Health(); }, [] { return Health(); }, {}, [] { return std::string("open 1\n# EOF\n"); }});
  ASSERT_EQ(exposer.start(), "");
  const auto get = [&](const std::string& accept) {
    return Client(exposer.port()).send("GET /metrics HTTP/1.1\r\nHost: h\r\nAccept: " + accept + "\r\n\r\n").rest();
  };
  const std::string open = get("application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5");
  EXPECT_NE(open.find("Content-Type: application/openmetrics-text; version=1.0.0; charset=utf-8\r\n"), std::string::npos) << open;
  EXPECT_NE(open.find("Vary: Accept\r\n"), std::string::npos);
  EXPECT_TRUE(open.ends_with("\r\n\r\nopen 1\n# EOF\n"));
  EXPECT_TRUE(get("text/plain").ends_with("\r\n\r\nplain 1\n"));
}

TEST(Exposer, readiness_follows_its_hook) {
  Served served;
  EXPECT_EQ(status_of(served.get("/readyz")), "HTTP/1.1 200 OK");
  served.ready = false;
  const std::string answer = served.get("/readyz");
  EXPECT_EQ(status_of(answer), "HTTP/1.1 503 Service Unavailable");
  EXPECT_TRUE(answer.ends_with("no assignment\n"));
  EXPECT_EQ(status_of(served.get("/healthz")), "HTTP/1.1 200 OK");
}

TEST(Exposer, only_get_and_head_and_only_known_paths) {
  Served served;
  EXPECT_EQ(status_of(served.get("/")), "HTTP/1.1 200 OK");
  EXPECT_EQ(status_of(served.get("/../etc/passwd")), "HTTP/1.1 404 Not Found");
  EXPECT_EQ(status_of(served.ask("POST /metrics HTTP/1.1\r\nContent-Length: 2\r\n\r\nab")), "HTTP/1.1 405 Method Not Allowed");
  EXPECT_EQ(status_of(served.ask("DELETE /metrics HTTP/1.1\r\n\r\n")), "HTTP/1.1 405 Method Not Allowed");
  const std::string head = served.ask("HEAD /metrics HTTP/1.1\r\n\r\n");
  EXPECT_EQ(status_of(head), "HTTP/1.1 200 OK");
  EXPECT_TRUE(head.ends_with("\r\n\r\n")) << head;
}

TEST(Exposer, other_paths_are_the_page_hooks) {
  Exposer exposer({"127.0.0.1", 0, 4, 5'000},
                  {[] { return std::string(); }, [] { return Health(); }, [] { return Health{false, "no"}; },
                   [](const HttpRequest& request) {
                     std::string body = request.path + " of " + request.host + " by " + request.authorization;
                     for (const auto& [name, value] : request.query) body += " " + name + "=" + value;
                     return HttpAnswer{418, "text/x", body, {{"X-Mine", "yes"}}};
                   }});
  ASSERT_EQ(exposer.start(), "");
  const auto get = [&](const std::string& path) {
    return Client(exposer.port()).send("GET " + path + " HTTP/1.1\r\nHost: h:1\r\nAuthorization: me\r\n\r\n").rest();
  };
  const std::string answer = get("/x?b=%3Cscript%3E&a=1");
  EXPECT_EQ(status_of(answer).substr(0, 12), "HTTP/1.1 418");
  EXPECT_NE(answer.find("X-Mine: yes\r\n"), std::string::npos) << answer;
  EXPECT_TRUE(answer.ends_with("/x of h:1 by me a=1 b=<script>")) << answer;
  EXPECT_EQ(status_of(get("/readyz")), "HTTP/1.1 503 Service Unavailable");
}

TEST(Exposer, half_sent_requests_do_not_keep_a_third_client_out) {
  Served served(60'000);
  Client first(served.exposer.port());
  Client second(served.exposer.port());
  first.send("GET /metrics HTTP/1.1\r\nHo");
  second.send("GET");
  EXPECT_EQ(status_of(served.get("/metrics")), "HTTP/1.1 200 OK");
}

TEST(Exposer, a_request_that_never_ends_is_cut_off) {
  Served served(100, 3);
  Client slow(served.exposer.port());
  slow.send("GET /metrics HTTP/1.1\r\nX: ");
  EXPECT_NE(slow.rest(), "(silence)");
}

TEST(Exposer, more_slow_clients_than_threads_only_delay_others_until_their_deadline) {
  Served served(200, 3);
  std::vector<std::unique_ptr<Client>> slow;
  for (int i = 0; i < 8; ++i) {
    slow.push_back(std::make_unique<Client>(served.exposer.port()));
    slow.back()->send("GET /");
  }
  EXPECT_EQ(status_of(served.get("/healthz")), "HTTP/1.1 200 OK");
}

TEST(Exposer, an_endless_header_is_refused) {
  Served served;
  std::string answer = served.ask("GET / HTTP/1.1\r\nX: " + std::string(9'000, 'x') + "\r\n\r\n");
  EXPECT_EQ(answer.find("200 OK"), std::string::npos) << answer;
}

TEST(Exposer, garbage_gets_an_answer_or_a_close_and_the_server_lives) {
  Served served;
  for (const std::string& bytes : {std::string("\r\n\r\n"), std::string(300, '\xff') + "\r\n\r\n", std::string("GET\r\n\r\n"),
                                   std::string("GET / HTTP/9.9\r\n\r\n"), std::string("\0\0\0\r\n\r\n", 7)}) {
    EXPECT_NE(served.ask(bytes), "(silence)");
  }
  EXPECT_EQ(status_of(served.get("/healthz")), "HTTP/1.1 200 OK");
}

TEST(Exposer, a_second_one_cannot_take_the_port) {
  Served served;
  Exposer other({"127.0.0.1", served.exposer.port(), 3, 1'000},
                {[] { return std::string(); }, [] { return Health(); }, [] { return Health(); }});
  EXPECT_NE(other.start().find("cannot listen on 127.0.0.1:"), std::string::npos);
}

TEST(Exposer, stopping_cuts_open_connections) {
  Served served(600'000);
  Client open(served.exposer.port());
  open.send("GET /metrics");
  // Served once, so that the half request is with a thread by now or waits behind it.
  served.get("/healthz");
  served.exposer.stop();
  EXPECT_NE(open.rest(), "(silence)");
}

}  // namespace
}  // namespace vpnverdict
