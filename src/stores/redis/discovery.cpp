#include "stores/redis/discovery.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>
#include <string>

#include "stores/common/text.hpp"
#include "stores/redis/arguments.hpp"
#include "stores/redis/connection.hpp"
#include "stores/redis/refusal.hpp"

namespace tidemark::detail {

namespace {

RedisReply ask_one(RedisConnection& connection, std::string_view action, const std::string& command,
                   const RedisPatience& patience) {
  auto reply = std::move(connection.exchange(command, 1, patience.attempt()).front());
  if (reply.is_error()) throw redis_refused(connection.server(), action, reply.text());
  return reply;
}

RedisAddress address_in(const RedisReply& reply) {
  if (reply.type() == RedisReply::Type::array && reply.elements().size() == 2) {
    const auto port = reply.elements()[1].integer();
    if (port > 0 && port < 65'536) return {std::string{reply.elements()[0].text()}, static_cast<std::uint16_t>(port)};
  }
  throw StoreError{"Redis store: a Sentinel's answer is not understood", StoreError::Retry::yes};
}

}  // namespace

RedisDiscovery::RedisDiscovery(const RedisOffsetStoreOptions& options, RedisTlsContext& tls)
    : options_{options}, tls_{tls}, whom_to_ask_{options.addresses} {}

RedisLayout RedisDiscovery::discover(const RedisPatience& patience) {
  switch (options_.topology) {
    case RedisTopology::sentinel:
      return ask_sentinels(patience);
    case RedisTopology::cluster:
      return ask_nodes(patience);
    default:
      return {options_.unix_socket.empty() ? options_.addresses : std::vector<RedisAddress>(1)};
  }
}

/// The answer of the first that has one. Not being reached is forgiven, and so is not knowing, as long as another one knows.
template <class Ask>
RedisLayout RedisDiscovery::first_answer(const RedisPatience& patience, Ask ask) {
  std::optional<StoreError> failure;
  for (std::size_t i = 0; i < whom_to_ask_.size(); ++i) {
    try {
      auto layout = ask(whom_to_ask_[i]);
      std::rotate(whom_to_ask_.begin(), whom_to_ask_.begin() + static_cast<std::ptrdiff_t>(i), whom_to_ask_.end());
      return layout;
    } catch (const StoreError& error) {
      if (!failure || !error.is_retryable()) failure = error;
      if (!patience.has_attempts()) break;
    }
  }
  throw *failure;
}

RedisLayout RedisDiscovery::ask_sentinels(const RedisPatience& patience) {
  return first_answer(patience, [&](const RedisAddress& sentinel) -> RedisLayout {
    RedisConnection connection{
        sentinel, options_, tls_, {options_.sentinel_user, options_.sentinel_password}, patience.attempt()};
    const auto reply = ask_one(connection, "ask the Sentinel for the master",
                               redis_command("SENTINEL", "GET-MASTER-ADDR-BY-NAME", options_.master), patience);
    if (reply.is_nil())
      throw StoreError{fmt::format("Redis store ({}): this Sentinel knows no master named {}: check "
                                   "RedisOffsetStoreOptions::master, the last part of the URL",
                                   connection.server(), stores::quoted(options_.master)),
                       StoreError::Retry::no};
    return {{address_in(reply)}};
  });
}

RedisLayout RedisDiscovery::ask_nodes(const RedisPatience& patience) {
  auto layout = first_answer(patience, [&](const RedisAddress& node) {
    RedisConnection connection{node, options_, tls_, {options_.user, options_.password}, patience.attempt()};
    return redis_layout(ask_one(connection, "ask for the cluster's slots", redis_command("CLUSTER", "SLOTS"), patience),
                        node);
  });
  // Those in the options may all be gone one day.
  for (const auto& master : layout.masters)
    if (std::ranges::find(whom_to_ask_, master) == whom_to_ask_.end()) whom_to_ask_.push_back(master);
  return layout;
}

}  // namespace tidemark::detail
