#include <tidemark/error.hpp>

#include "stores/redis/tls/session.hpp"

namespace tidemark::detail {

class RedisTlsSession::Impl {};

bool RedisTlsSession::is_available() { return false; }

RedisTlsSession::RedisTlsSession(const RedisTls&, const std::string&, RedisSocket&, const RedisDeadline&) {
  throw ConfigError{"tidemark was built without TLS for Redis"};
}
RedisTlsSession::~RedisTlsSession() = default;

void RedisTlsSession::send(RedisSocket&, std::string_view, const RedisDeadline&) {}
std::size_t RedisTlsSession::receive(RedisSocket&, std::span<char>, const RedisDeadline&) { return 0; }
bool RedisTlsSession::has_rest() const { return false; }

}  // namespace tidemark::detail
