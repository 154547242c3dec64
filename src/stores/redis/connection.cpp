#include "stores/redis/connection.hpp"

#include <fmt/format.h>

#include <exception>
#include <system_error>
#include <utility>

#include "stores/common/text.hpp"
#include "stores/redis/arguments.hpp"
#include "stores/redis/refusal.hpp"

namespace tidemark::detail {

namespace {

std::string described(const RedisAddress& address, const RedisOffsetStoreOptions& options) {
  return options.unix_socket.empty() ? stores::host_and_port(address.host, address.port) : options.unix_socket;
}

/// Rethrows what is in flight as a StoreError that says how to mend it.
[[noreturn]] void fail_to_connect(const std::string& server, const RedisOffsetStoreOptions& options) {
  std::string why;
  try {
    throw;
  } catch (const Error&) {
    throw;
  } catch (const std::system_error& error) {
    why = error.code() == std::errc::timed_out
              ? fmt::format("no answer within RedisOffsetStoreOptions::connect_timeout ({} ms)",
                            options.connect_timeout.count())
              : error.what();
  } catch (const std::exception& error) {
    why = error.what();
  }
  throw StoreError{
      fmt::format("Redis store ({}): cannot connect: {}; check the address, and that the server runs", server, why),
      StoreError::Retry::yes};
}

RedisTransport connected(const std::string& server, const RedisAddress& address, const RedisOffsetStoreOptions& options,
                         RedisTlsContext& tls, const stores::Deadline& deadline) {
  try {
    return RedisTransport{address, options, tls, deadline};
  } catch (...) {
    fail_to_connect(server, options);
  }
}

/// The text of CONFIG GET's answer for one name.
std::optional<std::string> setting(const RedisReply& reply) {
  if (reply.type() != RedisReply::Type::array || reply.elements().size() != 2) return std::nullopt;
  return std::string{reply.elements()[1].text()};
}

}  // namespace

RedisConnection::RedisConnection(const RedisAddress& address, const RedisOffsetStoreOptions& options,
                                 RedisTlsContext& tls, const RedisGreeting& greeting, std::chrono::milliseconds limit)
    : RedisConnection{address, options, tls, greeting, Limit{stores::Deadline{limit}, limit, "connect_timeout"}} {}

RedisConnection::RedisConnection(const RedisAddress& address, const RedisOffsetStoreOptions& options,
                                 RedisTlsContext& tls, const RedisGreeting& greeting, const Limit& limit)
    : server_{described(address, options)},
      secret_{greeting.password},
      transport_{connected(server_, address, options, tls, limit.deadline)} {
  greet(options, greeting, limit);
}

void RedisConnection::greet(const RedisOffsetStoreOptions& options, const RedisGreeting& greeting, const Limit& limit) {
  struct Step {
    std::string_view action;
    std::string command;
    bool may_be_refused;
  };
  std::vector<Step> steps;
  if (!greeting.password.empty())
    steps.push_back({"authenticate",
                     greeting.user.empty() ? redis_command("AUTH", greeting.password)
                                           : redis_command("AUTH", greeting.user, greeting.password),
                     false});
  if (greeting.database != 0)
    steps.push_back({"choose the database", redis_command("SELECT", std::int64_t{greeting.database}), false});
  // Neither the right to have a name nor the one to ask for the role is needed for anything else.
  if (!options.client_name.empty())
    steps.push_back({"name the connection", redis_command("CLIENT", "SETNAME", options.client_name), true});
  if (greeting.must_be_master) steps.push_back({"ask for the role", redis_command("ROLE"), true});
  if (steps.empty()) return;

  std::string commands;
  for (const auto& step : steps) commands += step.command;
  const auto replies = exchange_within(commands, steps.size(), limit);
  for (std::size_t i = 0; i < steps.size(); ++i) {
    const auto& reply = replies[i];
    if (!reply.is_error()) continue;
    const bool is_a_missing_right = redis_refusal(reply.text()).remedy == RedisRemedy::fatal &&
                                    !reply.text().starts_with("NOAUTH") && !reply.text().starts_with("DENIED");
    if (!steps[i].may_be_refused || !is_a_missing_right)
      throw redis_refused(server_, steps[i].action, reply.text(), secret_);
  }
  const auto& last = replies.back();
  if (greeting.must_be_master && last.type() == RedisReply::Type::array && !last.elements().empty() &&
      last.elements()[0].text() != "master")
    throw StoreError{
        fmt::format("Redis store ({}): Sentinel calls this server the master, but it is a {}: the fail-over "
                    "is not over yet",
                    server_, last.elements()[0].text()),
        StoreError::Retry::yes};
}

std::vector<RedisReply> RedisConnection::exchange(std::string_view commands, std::size_t replies,
                                                  std::chrono::milliseconds timeout) {
  return exchange_within(commands, replies, {stores::Deadline{timeout}, timeout, "command_timeout"});
}

std::vector<RedisReply> RedisConnection::exchange_within(std::string_view commands, std::size_t replies,
                                                         const Limit& limit) {
  if (is_broken_) throw RedisLost{fmt::format("Redis store ({}): the connection is closed", server_)};
  is_broken_ = true;  // unless all goes well
  try {
    transport_.send(commands, limit.deadline);
    auto received = receive(replies, limit.deadline);
    is_broken_ = false;
    return received;
  } catch (const std::system_error& error) {
    if (error.code() == std::errc::timed_out)
      throw RedisLost{
          fmt::format("Redis store ({}): no reply within {} ms: the server is busy or out of reach; see "
                      "RedisOffsetStoreOptions::{}",
                      server_, limit.length.count(), limit.option)};
    throw RedisLost{fmt::format("Redis store ({}): the connection broke: {}", server_, error.what())};
  } catch (const StoreError& error) {
    if (!error.is_retryable()) throw;
    throw RedisLost{fmt::format("Redis store ({}): {}", server_, error.what())};
  } catch (const std::runtime_error& error) {
    throw RedisLost{fmt::format("Redis store ({}): {}", server_, error.what())};
  }
}

std::vector<RedisReply> RedisConnection::receive(std::size_t replies, const stores::Deadline& deadline) {
  std::vector<RedisReply> received;
  received.reserve(replies);
  while (true) {
    while (received.size() < replies) {
      auto reply = reader_.next();
      if (!reply) break;
      received.push_back(std::move(*reply));
    }
    if (received.size() == replies) return received;
    const auto size = transport_.receive(buffer_, deadline);
    if (size == 0) {
      // Before it closes, a server that is full or protected says so in reply to nothing.
      if (!received.empty() && received.back().is_error())
        throw redis_refused(server_, "use the connection", received.back().text(), secret_);
      throw StoreError{"the server closed the connection", StoreError::Retry::yes};
    }
    reader_.feed({buffer_.data(), size});
  }
}

RedisDurability redis_durability(RedisConnection& connection, std::chrono::milliseconds timeout) {
  // One name each: several need Redis 7.
  const auto replies =
      connection.exchange(redis_command("CONFIG", "GET", "appendonly") + redis_command("CONFIG", "GET", "appendfsync") +
                              redis_command("CONFIG", "GET", "maxmemory-policy"),
                          3, timeout);
  return {setting(replies[0]), setting(replies[1]), setting(replies[2])};
}

}  // namespace tidemark::detail
