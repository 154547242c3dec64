#pragma once

#include <netdb.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>
#include <system_error>

namespace tidemark::stores {

using AddressList = std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)>;

/// The addresses of a host's name: one at least. Obeys no deadline.
///
/// Errors: std::system_error, std::runtime_error.
inline AddressList look_up(const std::string& host, std::uint16_t port) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const int error = ::getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &found);
  if (error == EAI_SYSTEM) throw std::system_error{errno, std::generic_category(), "look up the host"};
  if (error != 0) throw std::runtime_error{std::string{"look up the host: "} + ::gai_strerror(error)};
  return {found, &::freeaddrinfo};
}

}  // namespace tidemark::stores
