#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace tidemark::test {

/// Listens on a free loopback port and answers whatever comes in by a function: for what no real server would say. It is given what
/// has just been received, and is asked again, with nothing, until its answer is empty.
///
/// Thread safety: the function is called by one thread a connection.
class RawServer {
 public:
  using Answer = std::function<std::string(std::string_view received)>;

  explicit RawServer(Answer answer);
  ~RawServer();

  std::uint16_t port() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace tidemark::test
