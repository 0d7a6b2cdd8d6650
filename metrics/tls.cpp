#include "metrics/tls.h"

#include <algorithm>
#include <limits>
#include <memory>
#include <utility>

#include <fcntl.h>
#include <openssl/err.h>
#include <openssl/ssl.h>

namespace vpnverdict {
namespace {

// OpenSSL's reason for the last failure; it names neither key nor passphrase.
std::string reason() {
  const char* text = ERR_reason_error_string(ERR_peek_last_error());
  ERR_clear_error();
  return text == nullptr ? "unknown reason" : text;
}

// Without this OpenSSL would ask whoever sits at the terminal.
int no_passphrase(char* /*buffer*/, int /*size*/, int /*writing*/, void* /*data*/) { return -1; }

std::int64_t seconds_of(const ASN1_TIME* time) {
  int days = 0;
  int seconds = 0;
  const std::unique_ptr<ASN1_TIME, decltype(&ASN1_TIME_free)> epoch(ASN1_TIME_set(nullptr, 0), ASN1_TIME_free);
  return ASN1_TIME_diff(&days, &seconds, epoch.get(), time) == 1 ? std::int64_t{days} * 86'400 + seconds : 0;
}

int at_most_int(std::size_t size) { return static_cast<int>(std::min<std::size_t>(size, std::numeric_limits<int>::max())); }

}  // namespace

TlsIdentity::~TlsIdentity() { SSL_CTX_free(context_); }

std::string TlsIdentity::load(const TlsFiles& files) {
  ERR_clear_error();
  std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context(SSL_CTX_new(TLS_server_method()), SSL_CTX_free);
  if (!context) return "TLS cannot be used: " + reason();
  SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION);
  SSL_CTX_set_options(context.get(), SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_CIPHER_SERVER_PREFERENCE);
  SSL_CTX_set_mode(context.get(), SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  SSL_CTX_set_session_cache_mode(context.get(), SSL_SESS_CACHE_OFF);
  SSL_CTX_set_default_passwd_cb(context.get(), no_passphrase);
  if (SSL_CTX_use_certificate_chain_file(context.get(), files.certificate.c_str()) != 1) {
    return "the certificate \"" + files.certificate + "\" cannot be used: " + reason();
  }
  if (SSL_CTX_use_PrivateKey_file(context.get(), files.key.c_str(), SSL_FILETYPE_PEM) != 1) {
    return "the key \"" + files.key + "\" cannot be used: " + reason();
  }
  const std::int64_t ends = seconds_of(X509_get0_notAfter(SSL_CTX_get0_certificate(context.get())));
  const std::lock_guard lock(mutex_);
  SSL_CTX_free(std::exchange(context_, context.release()));
  not_after_ = ends;
  return "";
}

std::int64_t TlsIdentity::not_after() const {
  const std::lock_guard lock(mutex_);
  return not_after_;
}

ssl_st* TlsIdentity::new_session() const {
  const std::lock_guard lock(mutex_);
  return context_ == nullptr ? nullptr : SSL_new(context_);
}

TlsSession::TlsSession(const TlsIdentity& identity, int fd) : ssl_(identity.new_session()) {
  ::fcntl(fd, F_SETFL, ::fcntl(fd, F_GETFL, 0) | O_NONBLOCK);
  if (ssl_ != nullptr) SSL_set_fd(ssl_, fd);
}

TlsSession::~TlsSession() { SSL_free(ssl_); }

ssize_t TlsSession::moved(int got) {
  if (got > 0) return got;
  const int why = SSL_get_error(ssl_, got);
  ERR_clear_error();
  switch (why) {
    case SSL_ERROR_WANT_READ: return kWaitToRead;
    case SSL_ERROR_WANT_WRITE: return kWaitToWrite;
    case SSL_ERROR_ZERO_RETURN: return 0;
    default: return kFailed;
  }
}

ssize_t TlsSession::shake_hands() { return ssl_ == nullptr ? kFailed : moved(SSL_accept(ssl_)); }
ssize_t TlsSession::read(char* out, std::size_t size) { return moved(SSL_read(ssl_, out, at_most_int(size))); }
ssize_t TlsSession::write(const char* data, std::size_t size) { return moved(SSL_write(ssl_, data, at_most_int(size))); }

void TlsSession::say_goodbye() {
  if (ssl_ != nullptr && SSL_is_init_finished(ssl_) == 1) SSL_shutdown(ssl_);
  ERR_clear_error();
}

}  // namespace vpnverdict
