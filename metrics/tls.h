// TLS for the HTTP port: a certificate and its key from PEM files, and the server's end of connections that use them. TLS 1.2
// or newer. The key is read from its file and told nowhere. OpenSSL stays behind this header.
#pragma once

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <string>

#include <sys/types.h>

struct ssl_ctx_st;
struct ssl_st;

namespace vpnverdict {

struct TlsFiles {
  std::string certificate;  // the server's, then those that vouch for it; empty: no TLS
  std::string key;          // without a passphrase
  bool wanted() const { return !certificate.empty(); }
};

// Any thread. load() may be called again: sessions that were begun keep what they began with.
class TlsIdentity {
 public:
  TlsIdentity() = default;
  ~TlsIdentity();
  TlsIdentity(const TlsIdentity&) = delete;
  TlsIdentity& operator=(const TlsIdentity&) = delete;

  // On failure one sentence comes back and what was loaded before stays; empty otherwise.
  [[nodiscard]] std::string load(const TlsFiles& files);
  // When the certificate ends, in seconds since 1970; 0 before a load() that succeeded.
  std::int64_t not_after() const;

 private:
  friend class TlsSession;
  ssl_st* new_session() const;

  mutable std::mutex mutex_;
  ssl_ctx_st* context_ = nullptr;
  std::int64_t not_after_ = 0;
};

// The server's end of one connection. Never blocks: each call moves bytes (their number), finds the other side gone (0), or says
// what it waits for. One thread.
class TlsSession {
 public:
  static constexpr ssize_t kFailed = -1, kWaitToRead = -2, kWaitToWrite = -3;

  // `fd`, which must outlive the session, becomes non-blocking.
  TlsSession(const TlsIdentity& identity, int fd);
  ~TlsSession();
  TlsSession(const TlsSession&) = delete;
  TlsSession& operator=(const TlsSession&) = delete;

  ssize_t shake_hands();  // above 0: done, bytes may pass
  ssize_t read(char* out, std::size_t size);
  ssize_t write(const char* data, std::size_t size);
  void say_goodbye();  // so that the client knows that the answer is whole

 private:
  ssize_t moved(int got);
  ssl_st* const ssl_;
};

}  // namespace vpnverdict
