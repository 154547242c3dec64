#include <tidemark/error.hpp>

#include "stores/redis/tls/session.hpp"

namespace tidemark::detail {

class RedisTlsSession::Impl {};

bool RedisTlsSession::is_available() { return false; }

std::shared_ptr<ssl_ctx_st> RedisTlsContext::loaded() { return nullptr; }

RedisTlsSession::RedisTlsSession(RedisTlsContext&, const std::string&, stores::Socket&, const stores::Deadline&) {
  throw ConfigError{"tidemark was built without TLS for Redis"};
}
RedisTlsSession::~RedisTlsSession() = default;

void RedisTlsSession::send(stores::Socket&, std::string_view, const stores::Deadline&) {}
std::size_t RedisTlsSession::receive(stores::Socket&, std::span<char>, const stores::Deadline&) { return 0; }
bool RedisTlsSession::has_rest() const { return false; }

}  // namespace tidemark::detail
