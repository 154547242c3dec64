#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <limits>
#include <memory>
#include <stdexcept>
#include <system_error>
#include <utility>

#include <tidemark/error.hpp>

#include "stores/common/text.hpp"
#include "stores/redis/tls/session.hpp"

namespace tidemark::detail {

namespace {

std::string last_error() {
  std::array<char, 256> text{};
  const auto code = ERR_peek_last_error();
  if (code == 0) return "no reason given";
  ERR_error_string_n(code, text.data(), text.size());
  return text.data();
}

using Context = std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)>;

void require_file(int loaded, const char* option, const std::string& file) {
  if (loaded == 1) return;
  throw ConfigError{fmt::format("RedisTls::{} {} cannot be used: {}", option, stores::quoted(file), last_error())};
}

Context make_context(const RedisTls& options) {
  ERR_clear_error();
  Context context{SSL_CTX_new(TLS_client_method()), &SSL_CTX_free};
  if (!context) throw std::runtime_error{"start TLS: " + last_error()};
  SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION);
  SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, nullptr);
  if (options.ca_file.empty())
    SSL_CTX_set_default_verify_paths(context.get());
  else
    require_file(SSL_CTX_load_verify_locations(context.get(), options.ca_file.c_str(), nullptr), "ca_file",
                 options.ca_file);
  if (!options.certificate_file.empty())
    require_file(SSL_CTX_use_certificate_chain_file(context.get(), options.certificate_file.c_str()),
                 "certificate_file", options.certificate_file);
  if (!options.key_file.empty())
    require_file(SSL_CTX_use_PrivateKey_file(context.get(), options.key_file.c_str(), SSL_FILETYPE_PEM), "key_file",
                 options.key_file);
  return context;
}

}  // namespace

RedisTlsContext::Versions RedisTlsContext::versions() const {
  Versions versions;
  for (const auto& file : {options_.ca_file, options_.certificate_file, options_.key_file}) {
    std::error_code missing;
    const auto written = std::filesystem::last_write_time(file, missing);
    versions.emplace_back(written, std::filesystem::file_size(file, missing));
  }
  return versions;
}

std::shared_ptr<SSL_CTX> RedisTlsContext::loaded() {
  const std::lock_guard lock{mutex_};
  auto now = versions();
  if (loaded_ && now == versions_) return loaded_;
  try {
    loaded_ = make_context(options_);
    versions_ = std::move(now);
  } catch (const ConfigError&) {
    if (!loaded_) throw;
  }
  return loaded_;
}

class RedisTlsSession::Impl {
 public:
  Impl(RedisTlsContext& context, const std::string& host)
      : context_{context.loaded()},
        name_{context.options().server_name.empty() ? host : context.options().server_name},
        ssl_{SSL_new(context_.get()), &SSL_free} {
    if (!ssl_) throw std::runtime_error{"start TLS: " + last_error()};
    incoming_ = BIO_new(BIO_s_mem());
    outgoing_ = BIO_new(BIO_s_mem());
    SSL_set_bio(ssl_.get(), incoming_, outgoing_);  // owns them from here on
    SSL_set_connect_state(ssl_.get());
    auto* wanted = SSL_get0_param(ssl_.get());
    if (X509_VERIFY_PARAM_set1_ip_asc(wanted, name_.c_str()) == 1) return;
    SSL_set_tlsext_host_name(ssl_.get(), name_.c_str());
    if (SSL_set1_host(ssl_.get(), name_.c_str()) != 1) throw std::runtime_error{"start TLS: " + last_error()};
  }

  void shake_hands(stores::Socket& socket, const stores::Deadline& deadline) {
    run(socket, deadline, [this] { return SSL_do_handshake(ssl_.get()); });
  }
  void send(stores::Socket& socket, std::string_view bytes, const stores::Deadline& deadline) {
    while (!bytes.empty()) {
      const auto part = bytes.substr(0, std::numeric_limits<int>::max());
      const auto sent =
          run(socket, deadline, [&] { return SSL_write(ssl_.get(), part.data(), static_cast<int>(part.size())); });
      bytes.remove_prefix(sent);
    }
  }
  std::size_t receive(stores::Socket& socket, std::span<char> buffer, const stores::Deadline& deadline) {
    const auto size = static_cast<int>(std::min<std::size_t>(buffer.size(), std::numeric_limits<int>::max()));
    return run(socket, deadline, [&] { return SSL_read(ssl_.get(), buffer.data(), size); });
  }
  bool has_rest() const { return SSL_pending(ssl_.get()) > 0; }

 private:
  /// Repeats what OpenSSL could not finish, bringing and taking bytes. 0 when the other side has closed.
  template <class Step>
  std::size_t run(stores::Socket& socket, const stores::Deadline& deadline, Step step) {
    while (true) {
      ERR_clear_error();
      const int done = step();
      const int state = done > 0 ? SSL_ERROR_NONE : SSL_get_error(ssl_.get(), done);
      flush(socket, deadline);
      if (done > 0) return static_cast<std::size_t>(done);
      if (state == SSL_ERROR_ZERO_RETURN) return 0;
      if (state != SSL_ERROR_WANT_READ) fail();
      const auto size = socket.receive(buffer_, deadline);
      if (size == 0) {
        if (!SSL_is_init_finished(ssl_.get()))
          throw std::runtime_error{"the server closed the connection during the TLS handshake"};
        return 0;
      }
      BIO_write(incoming_, buffer_.data(), static_cast<int>(size));
    }
  }
  void flush(stores::Socket& socket, const stores::Deadline& deadline) {
    char* bytes = nullptr;
    const auto size = BIO_get_mem_data(outgoing_, &bytes);
    if (size <= 0) return;
    socket.send({bytes, static_cast<std::size_t>(size)}, deadline);
    BIO_reset(outgoing_);
  }
  [[noreturn]] void fail() const {
    const auto verdict = SSL_get_verify_result(ssl_.get());
    if (verdict != X509_V_OK)
      throw StoreError{fmt::format("Redis store: the certificate of {} is refused: {}; check RedisTls::ca_file and "
                                   "server_name",
                                   stores::quoted(name_), X509_verify_cert_error_string(verdict)),
                       StoreError::Retry::no};
    throw std::runtime_error{"TLS failed: " + last_error()};
  }

  std::shared_ptr<SSL_CTX> context_;
  std::string name_;
  std::unique_ptr<SSL, decltype(&SSL_free)> ssl_;
  BIO* incoming_ = nullptr;
  BIO* outgoing_ = nullptr;
  std::array<char, 16'384> buffer_{};
};

bool RedisTlsSession::is_available() { return true; }

RedisTlsSession::RedisTlsSession(RedisTlsContext& context, const std::string& host, stores::Socket& socket,
                                 const stores::Deadline& deadline)
    : impl_{std::make_unique<Impl>(context, host)} {
  impl_->shake_hands(socket, deadline);
}
RedisTlsSession::~RedisTlsSession() = default;

void RedisTlsSession::send(stores::Socket& socket, std::string_view bytes, const stores::Deadline& deadline) {
  impl_->send(socket, bytes, deadline);
}
std::size_t RedisTlsSession::receive(stores::Socket& socket, std::span<char> buffer, const stores::Deadline& deadline) {
  return impl_->receive(socket, buffer, deadline);
}
bool RedisTlsSession::has_rest() const { return impl_->has_rest(); }

}  // namespace tidemark::detail
