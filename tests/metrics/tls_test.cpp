#include <fstream>
#include <memory>
#include <string>

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <httplib.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <sys/stat.h>
#include <unistd.h>

#include "metrics/exposer.h"

namespace vpnverdict {
namespace {

constexpr std::int64_t kIn2040 = 2'209'032'000;  // 2040-01-01 12:00:00 UTC
constexpr std::int64_t kIn2041 = 2'240'654'400;

class Folder {
 public:
  Folder() { EXPECT_NE(::mkdtemp(path_), nullptr); }
  ~Folder() {
    for (const char* name : {"/a.crt", "/a.key", "/b.crt", "/b.key"}) ::unlink((path_ + std::string(name)).c_str());
    ::rmdir(path_);
  }
  std::string operator/(const std::string& name) const { return path_ + ("/" + name); }

 private:
  char path_[32] = "/tmp/vpnverdict-tls-XXXXXX";
};

// A self-signed certificate for 127.0.0.1 with a key of its own, as PEM files NAME.crt and NAME.key.
TlsFiles make_certificate(const Folder& folder, const std::string& name, std::int64_t ends, const char* passphrase = nullptr) {
  const TlsFiles files{folder / (name + ".crt"), folder / (name + ".key")};
  const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key(EVP_EC_gen("P-256"), EVP_PKEY_free);
  const std::unique_ptr<X509, decltype(&X509_free)> certificate(X509_new(), X509_free);
  X509_set_version(certificate.get(), 2);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), 1);
  ASN1_TIME_set(X509_getm_notBefore(certificate.get()), 0);
  ASN1_TIME_set(X509_getm_notAfter(certificate.get()), ends);
  X509_set_pubkey(certificate.get(), key.get());
  X509_NAME* subject = X509_get_subject_name(certificate.get());
  X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC, reinterpret_cast<const unsigned char*>(name.c_str()), -1, -1, 0);
  X509_set_issuer_name(certificate.get(), subject);
  X509V3_CTX context;
  X509V3_set_ctx(&context, certificate.get(), certificate.get(), nullptr, nullptr, 0);
  const std::unique_ptr<X509_EXTENSION, decltype(&X509_EXTENSION_free)> names(
      X509V3_EXT_conf_nid(nullptr, &context, NID_subject_alt_name, "IP:127.0.0.1"), X509_EXTENSION_free);
  X509_add_ext(certificate.get(), names.get(), -1);
  EXPECT_GT(X509_sign(certificate.get(), key.get(), EVP_sha256()), 0);
  std::FILE* out = std::fopen(files.certificate.c_str(), "w");
  PEM_write_X509(out, certificate.get());
  std::fclose(out);
  out = std::fopen(files.key.c_str(), "w");
  PEM_write_PrivateKey(out, key.get(), passphrase == nullptr ? nullptr : EVP_aes_256_cbc(), nullptr, 0, nullptr, const_cast<char*>(passphrase));
  std::fclose(out);
  return files;
}

struct Served {
  std::string metrics = "x_total 1\n";
  Exposer exposer;
  explicit Served(const TlsFiles& files, int deadline_ms = 20'000)
      : exposer({"127.0.0.1", 0, 4, deadline_ms, files},
                {[this] { return metrics; }, [] { return Health(); }, [] { return Health(); }}) {}
};

// A client that believes nobody but whoever holds this certificate.
std::unique_ptr<httplib::SSLClient> client(const Served& served, const std::string& certificate) {
  auto out = std::make_unique<httplib::SSLClient>("127.0.0.1", served.exposer.port());
  out->set_ca_cert_path(certificate.c_str());
  out->enable_server_certificate_verification(true);
  return out;
}

std::string got(const Served& served, const std::string& certificate, const char* path = "/metrics") {
  const auto answer = client(served, certificate)->Get(path);
  return answer ? answer->body : httplib::to_string(answer.error());
}

int connected_to(int port) {
  const int fd = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(static_cast<std::uint16_t>(port));
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const timeval patience{20, 0};
  ::setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
  EXPECT_EQ(::connect(fd, reinterpret_cast<sockaddr*>(&to), sizeof(to)), 0);
  return fd;
}

TEST(Tls, a_client_that_checks_the_certificate_reads_the_metrics) {
  const Folder folder;
  const TlsFiles files = make_certificate(folder, "a", kIn2040);
  Served served(files);
  ASSERT_EQ(served.exposer.start(), "");
  EXPECT_EQ(got(served, files.certificate), "x_total 1\n");
  EXPECT_EQ(served.exposer.certificate_ends(), kIn2040);
}

TEST(Tls, a_client_that_trusts_somebody_else_does_not) {
  const Folder folder;
  const TlsFiles files = make_certificate(folder, "a", kIn2040);
  const TlsFiles other = make_certificate(folder, "b", kIn2040);
  Served served(files);
  ASSERT_EQ(served.exposer.start(), "");
  EXPECT_EQ(client(served, other.certificate)->Get("/metrics").error(), httplib::Error::SSLServerVerification);
  EXPECT_EQ(got(served, files.certificate, "/healthz"), "ok\n");
}

// More than the sockets' buffers and a TLS record hold.
TEST(Tls, a_long_answer_arrives_whole) {
  const Folder folder;
  const TlsFiles files = make_certificate(folder, "a", kIn2040);
  Served served(files);
  for (int i = 0; i < 500'000; ++i) served.metrics += "y_total " + std::to_string(i) + "\n";
  ASSERT_EQ(served.exposer.start(), "");
  EXPECT_EQ(got(served, files.certificate), served.metrics);
}

TEST(Tls, what_is_older_than_1_2_is_refused) {
  const Folder folder;
  const TlsFiles files = make_certificate(folder, "a", kIn2040);
  Served served(files);
  ASSERT_EQ(served.exposer.start(), "");
  for (const auto& [newest, accepted] : {std::pair(TLS1_1_VERSION, false), std::pair(TLS1_2_VERSION, true), std::pair(TLS1_3_VERSION, true)}) {
    const std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context(SSL_CTX_new(TLS_client_method()), SSL_CTX_free);
    // Level 0: the client itself would take anything.
    SSL_CTX_set_security_level(context.get(), 0);
    SSL_CTX_set_min_proto_version(context.get(), TLS1_VERSION);
    SSL_CTX_set_max_proto_version(context.get(), newest);
    const int fd = connected_to(served.exposer.port());
    const std::unique_ptr<SSL, decltype(&SSL_free)> ssl(SSL_new(context.get()), SSL_free);
    SSL_set_fd(ssl.get(), fd);
    EXPECT_EQ(SSL_connect(ssl.get()) == 1, accepted) << newest;
    ::close(fd);
  }
}

TEST(Tls, plain_http_gets_no_answer_and_keeps_nobody_out) {
  const Folder folder;
  const TlsFiles files = make_certificate(folder, "a", kIn2040);
  Served served(files);
  ASSERT_EQ(served.exposer.start(), "");
  const int fd = connected_to(served.exposer.port());
  const std::string request = "GET /metrics HTTP/1.1\r\nHost: h\r\n\r\n";
  EXPECT_EQ(::send(fd, request.data(), request.size(), MSG_NOSIGNAL), static_cast<ssize_t>(request.size()));
  std::string all;
  char buffer[256];
  for (ssize_t n = 0; (n = ::recv(fd, buffer, sizeof(buffer), 0)) > 0;) all.append(buffer, static_cast<std::size_t>(n));
  EXPECT_EQ(all.find("x_total"), std::string::npos);
  ::close(fd);
  EXPECT_EQ(got(served, files.certificate, "/healthz"), "ok\n");
}

TEST(Tls, handshakes_that_are_begun_and_left_end_by_their_deadline) {
  const Folder folder;
  const TlsFiles files = make_certificate(folder, "a", kIn2040);
  Served served(files, 200);
  ASSERT_EQ(served.exposer.start(), "");
  int open[8];
  for (int& fd : open) fd = connected_to(served.exposer.port());
  char byte = 0;
  for (const int fd : open) EXPECT_LE(::recv(fd, &byte, 1, 0), 0) << "the server talks to somebody who said nothing";
  for (const int fd : open) ::close(fd);
}

TEST(Tls, stopping_does_not_wait_for_a_handshake) {
  const Folder folder;
  const TlsFiles files = make_certificate(folder, "a", kIn2040);
  Served served(files, 600'000);
  ASSERT_EQ(served.exposer.start(), "");
  const int silent = connected_to(served.exposer.port());
  EXPECT_EQ(got(served, files.certificate, "/healthz"), "ok\n");  // so the silent one is with a thread by now
  served.exposer.stop();
  ::close(silent);
}

TEST(Tls, a_renewed_certificate_is_taken_over_and_a_bad_one_is_not) {
  const Folder folder;
  const TlsFiles files = make_certificate(folder, "a", kIn2040);
  Served served(files);
  ASSERT_EQ(served.exposer.start(), "");
  make_certificate(folder, "a", kIn2041);
  EXPECT_EQ(served.exposer.certificate_ends(), kIn2040);
  EXPECT_EQ(served.exposer.reload_certificate(), "");
  EXPECT_EQ(served.exposer.certificate_ends(), kIn2041);
  EXPECT_EQ(got(served, files.certificate), "x_total 1\n");

  const TlsFiles other = make_certificate(folder, "b", kIn2040);
  ASSERT_EQ(::rename(other.key.c_str(), files.key.c_str()), 0);  // half of a renewal
  EXPECT_EQ(served.exposer.reload_certificate(), "the key \"" + files.key + "\" cannot be used: key values mismatch");
  EXPECT_EQ(served.exposer.certificate_ends(), kIn2041);
  EXPECT_EQ(got(served, files.certificate), "x_total 1\n");
}

TEST(Tls, files_that_are_of_no_use_are_told_by_name_before_the_port_is_taken) {
  const Folder folder;
  const TlsFiles files = make_certificate(folder, "a", kIn2040);
  const auto sentence = [](const TlsFiles& bad) { return Served(bad).exposer.start(); };
  EXPECT_EQ(sentence({folder / "none", files.key}).find("the certificate \"" + (folder / "none") + "\" cannot be used: "), 0U);
  EXPECT_EQ(sentence({files.certificate, folder / "none"}).find("the key \"" + (folder / "none") + "\" cannot be used: "), 0U);
  EXPECT_EQ(sentence({files.key, files.key}).find("the certificate \""), 0U);
  const TlsFiles locked = make_certificate(folder, "b", kIn2040, "a passphrase");
  const std::string why = sentence(locked);  // and nobody is asked for it
  EXPECT_EQ(why.find("the key \""), 0U) << why;
  EXPECT_EQ(why.find("a passphrase"), std::string::npos);
}

}  // namespace
}  // namespace vpnverdict
