#include <tidemark/stores/redis.hpp>

#include <tidemark/testing/catch2.hpp>

#include <filesystem>
#include <fstream>
#include <string>

#include "redis/redis_fixture.hpp"
#include "stores/redis/tls/session.hpp"
#include "support/free_port.hpp"
#include "support/process.hpp"

using namespace tidemark;
using namespace tidemark::test;

#ifdef TIDEMARK_REDIS_TLS

namespace {

/// A certificate authority, and certificates of it and of a stranger.
class Certificates {
 public:
  Certificates() {
    run({"openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", file("ca.key"), "-out", file("ca.pem"),
         "-days", "2", "-subj", "/CN=tidemark test"});
    issue("server", "subjectAltName=DNS:redis.test,IP:127.0.0.1");
    issue("other", "subjectAltName=DNS:other.test");
    issue("client", "subjectAltName=DNS:client.test");
    run({"openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", file("stranger.key"), "-out",
         file("stranger.pem"), "-days", "2", "-subj", "/CN=stranger"});
  }
  std::string file(const std::string& name) const { return folder_ / name; }

 private:
  void issue(const std::string& name, const std::string& names) {
    run({"openssl", "req", "-newkey", "rsa:2048", "-nodes", "-keyout", file(name + ".key"), "-out", file(name + ".csr"),
         "-subj", "/CN=" + name, "-addext", names});
    run({"openssl", "x509", "-req", "-in", file(name + ".csr"), "-CA", file("ca.pem"), "-CAkey", file("ca.key"),
         "-CAcreateserial", "-copy_extensions", "copyall", "-days", "2", "-out", file(name + ".pem")});
  }
  static void run(const std::vector<std::string>& command) {
    Process process{{.command = command}};
    INFO(process.output());
    REQUIRE(process.wait(std::chrono::seconds{30}) == ExitStatus{.code = 0});
  }

  TemporaryFolder folder_;
};

struct TlsServer {
  explicit TlsServer(const std::string& certificate = "server")
      : port{free_port()},
        server{{.arguments = {"--tls-port", std::to_string(port), "--tls-cert-file", made().file(certificate + ".pem"),
                              "--tls-key-file", made().file(certificate + ".key"), "--tls-ca-cert-file",
                              made().file("ca.pem")}}} {}
  static const Certificates& made() {
    static Certificates certificates;
    return certificates;
  }
  RedisOffsetStoreOptions options() const {
    auto options = impatient("rediss://127.0.0.1:" + std::to_string(port));
    options.tls.ca_file = made().file("ca.pem");
    options.tls.certificate_file = made().file("client.pem");
    options.tls.key_file = made().file("client.key");
    return options;
  }
  std::optional<StoreError> refused(const RedisOffsetStoreOptions& options) const {
    return store_error_of([&] { RedisOffsetStore{options}; });
  }

  std::uint16_t port;
  RedisServer server;
};

}  // namespace

TEST_CASE("over TLS the store keeps the contract", "[redis]") {
  const auto server = std::make_shared<TlsServer>();
  tidemark::testing::check_conformance({.storage =
                                            [server] {
                                              server->server.probe()("FLUSHALL");
                                              return [server] {
                                                return std::make_unique<RedisOffsetStore>(server->options());
                                              };
                                            },
                                        .capabilities = {.refuses_odd_names = true}});
}

TEST_CASE("a certificate must be of the authority, and name the host that was asked for", "[redis]") {
  const TlsServer server;
  auto options = server.options();
  CHECK_FALSE(server.refused(options));
  options.tls.server_name = "redis.test";
  CHECK_FALSE(server.refused(options));
  options.tls.server_name = "other.test";
  const auto misnamed = server.refused(options);
  CHECK(says(misnamed, "certificate", "ostname mismatch", "server_name"));
  CHECK_FALSE(misnamed->is_retryable());

  const TlsServer other{"other"};  // good, but for another name than 127.0.0.1
  CHECK(says(other.refused(other.options()), "certificate", "IP address mismatch"));

  options = server.options();
  options.tls.ca_file = TlsServer::made().file("stranger.pem");
  const auto untrusted = server.refused(options);
  CHECK(says(untrusted, "certificate", "ca_file"));
  CHECK_FALSE(untrusted->is_retryable());
}

TEST_CASE("a client without its certificate is refused, and files that cannot be read are named", "[redis]") {
  const TlsServer server;
  auto options = server.options();
  options.tls.certificate_file.clear();
  options.tls.key_file.clear();
  CHECK(server.refused(options));
  options = server.options();
  options.tls.ca_file = "/no/such/file";
  CHECK_THROWS_WITH(RedisOffsetStore{options}, containing("RedisTls::ca_file"));
  options = server.options();
  options.tls.key_file = TlsServer::made().file("ca.pem");
  CHECK_THROWS_WITH(RedisOffsetStore{options}, containing("RedisTls::key_file"));
}

TEST_CASE("renewed certificates are taken up by the next connection, broken ones are not", "[redis]") {
  const TlsServer server;
  const TemporaryFolder folder;
  const auto write = [&](const std::string& name) {
    static int times = 0;
    for (const auto* kind : {".pem", ".key"}) {
      const auto target = folder / ("client" + std::string{kind});
      if (name.empty())
        std::ofstream{target} << "half of";
      else
        std::filesystem::copy_file(TlsServer::made().file(name + kind), target,
                                   std::filesystem::copy_options::overwrite_existing);
      // Clocks of file systems may stand still for a while.
      std::filesystem::last_write_time(
          target, std::filesystem::file_time_type::clock::now() - std::chrono::hours{1'000 - ++times});
    }
  };
  write("client");
  auto options = server.options();
  options.tls.certificate_file = folder / "client.pem";
  options.tls.key_file = folder / "client.key";
  options.max_idle_connections = 0;  // each call has a connection of its own
  RedisOffsetStore store{options};
  const TopicPartition partition{"orders", 0};
  const auto error = [&] { return store_error_of([&] { store.load({.group = "billing"}, {&partition, 1}); }); };
  CHECK_FALSE(error());
  write("");
  CHECK_FALSE(error());
  write("stranger");
  CHECK(error());
  write("client");
  CHECK_FALSE(error());
}

TEST_CASE("a server that speaks no TLS is an error, and so is a client that does not", "[redis]") {
  const TlsServer server;
  auto options = server.options();
  options.addresses[0].port = server.server.port();
  CHECK(server.refused(options));
  CHECK(server.refused(impatient(server.port)));
}

#else

TEST_CASE("without TLS rediss:// is refused, and the error says why", "[redis]") {
  CHECK_FALSE(detail::RedisTlsSession::is_available());
  for (const auto* url : {"rediss://127.0.0.1", "rediss+cluster://127.0.0.1", "rediss+sentinel://127.0.0.1/main"})
    CHECK_THROWS_WITH(RedisOffsetStore{url}, containing("hiredis_ssl") && containing("TIDEMARK_REDIS_TLS"));
}

#endif
