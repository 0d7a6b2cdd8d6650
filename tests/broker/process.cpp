#include "tests/broker/process.h"

#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <thread>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

namespace vpnverdict::testing {

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

namespace {

bool connect_to(int fd, int port) {
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(static_cast<std::uint16_t>(port));
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return ::connect(fd, reinterpret_cast<sockaddr*>(&to), sizeof(to)) == 0;
}

}  // namespace

bool answers(int port) {
  const int fd = ::socket(AF_INET, SOCK_STREAM, 0);
  const bool connected = connect_to(fd, port);
  ::close(fd);
  return connected;
}

std::string http_get(int port, const std::string& path) {
  const int fd = ::socket(AF_INET, SOCK_STREAM, 0);
  const timeval patience{2, 0};  // a frozen process answers nobody
  ::setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
  std::string out;
  if (connect_to(fd, port)) {
    const std::string request = "GET " + path + " HTTP/1.1\r\nHost: h\r\n\r\n";
    char buffer[65'536];
    ::send(fd, request.data(), request.size(), MSG_NOSIGNAL);
    for (ssize_t got = 0; (got = ::recv(fd, buffer, sizeof(buffer), 0)) > 0;) out.append(buffer, static_cast<std::size_t>(got));
  }
  ::close(fd);
  return out;
}

Process::Process(const std::string& binary, const std::vector<std::string>& arguments, const std::string& log,
                 const std::vector<std::string>& environment)
    : log_(log) {
  std::ofstream(log_, std::ios::trunc).flush();
  std::vector<std::string> words = {"vpnverdict"};
  words.insert(words.end(), arguments.begin(), arguments.end());
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  pid_ = ::fork();
  if (pid_ != 0) return;
  if (std::freopen(log.c_str(), "w", stderr) == nullptr) ::_exit(126);
  for (const std::string& one : environment) ::putenv(const_cast<char*>(one.c_str()));
  ::execv(binary.c_str(), argv.data());
  ::_exit(127);
}

Process::~Process() {
  if (pid_ > 0) kill();
}

void Process::reap(int status) {
  pid_ = 0;
  exit_code_ = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  killed_ = WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
}

int Process::port() const {
  const std::string text = log();
  const std::string mark = "http://127.0.0.1:";
  const std::size_t at = text.find(mark);
  return at == std::string::npos ? 0 : std::atoi(text.c_str() + at + mark.size());
}

double Process::value(const std::string& series) const {
  const std::string text = metrics();
  const std::size_t at = text.find("\n" + series + " ");
  return at == std::string::npos ? -1 : std::atof(text.c_str() + at + series.size() + 2);
}

std::string Process::log() const {
  std::ifstream in(log_);
  return {(std::istreambuf_iterator<char>(in)), {}};
}

int Process::terminate() {
  if (pid_ > 0) {
    ::kill(pid_, SIGTERM);
    int status = 0;
    ::waitpid(pid_, &status, 0);
    reap(status);
  }
  return exit_code_;
}

void Process::terminate_and_kill(int after_ms) {
  if (pid_ <= 0) return;
  ::kill(pid_, SIGTERM);
  std::this_thread::sleep_for(std::chrono::milliseconds(after_ms));
  kill();
}

void Process::kill() {
  if (pid_ <= 0) return;
  ::kill(pid_, SIGKILL);
  int status = 0;
  ::waitpid(pid_, &status, 0);
  reap(status);
}

void Process::freeze() { ::kill(pid_, SIGSTOP); }
void Process::thaw() { ::kill(pid_, SIGCONT); }

bool Process::running() {
  if (pid_ <= 0) return false;
  int status = 0;
  if (::waitpid(pid_, &status, WNOHANG) == 0) return true;
  reap(status);
  return false;
}

}  // namespace vpnverdict::testing
