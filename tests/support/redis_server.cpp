#include "support/redis_server.hpp"

#include <stdexcept>
#include <utility>

#include "support/eventually.hpp"
#include "support/free_port.hpp"

namespace tidemark::test {

RedisServer& RedisServer::shared() {
  static RedisServer server;
  return server;
}

RedisServer::RedisServer(Options options) : options_{std::move(options)}, port_{free_port()} { start(); }

void RedisServer::start() {
  std::vector<std::string> command{options_.program,
                                   "--port",
                                   std::to_string(port_),
                                   "--bind",
                                   "127.0.0.1",
                                   "--dir",
                                   folder_.path(),
                                   "--unixsocket",
                                   unix_socket(),
                                   "--save",
                                   "",
                                   "--appendonly",
                                   "yes",
                                   "--appendfsync",
                                   "always"};
  command.insert(command.end(), options_.arguments.begin(), options_.arguments.end());
  process_ = std::make_unique<Process>(Process::Options{.command = std::move(command)});
  if (!options_.wait_until_ready) return;
  if (!eventually([&] { return answers() || !process_->running(); }) || !process_->running())
    throw std::runtime_error{"Redis did not start:\n" + log()};
}

bool RedisServer::answers() const {
  try {
    const auto reply = probe()("PING");
    return !reply.is_error() || !reply.text().starts_with("LOADING");
  } catch (const std::runtime_error&) {
    return false;
  }
}

}  // namespace tidemark::test
