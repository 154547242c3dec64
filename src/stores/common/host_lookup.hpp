#pragma once

#include <netdb.h>
#include <sys/socket.h>

#include <cerrno>
#include <chrono>
#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>
#include <system_error>
#include <vector>

#include "stores/common/bounded_lookup.hpp"

namespace tidemark::stores {

/// The addresses of a host, one at least, as connect() takes them.
class AddressList {
 public:
  AddressList(const std::vector<std::string>& addresses, std::uint16_t port) {
    for (const auto& address : addresses) add(address, port);
    for (std::size_t i = 0; i + 1 < chain_.size(); ++i) chain_[i].ai_next = &chain_[i + 1];
  }
  AddressList(const AddressList&) = delete;
  AddressList& operator=(const AddressList&) = delete;

  const addrinfo& first() const { return chain_.front(); }

 private:
  void add(const std::string& address, std::uint16_t port) {
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    hints.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV;
    addrinfo* found = nullptr;
    const int error = ::getaddrinfo(address.c_str(), std::to_string(port).c_str(), &hints, &found);
    if (error == EAI_SYSTEM) throw std::system_error{errno, std::generic_category(), "look up the host"};
    if (error != 0) throw std::runtime_error{std::string{"look up the host: "} + ::gai_strerror(error)};
    owners_.emplace_back(found, &::freeaddrinfo);
    chain_.push_back(*found);
    chain_.back().ai_next = nullptr;
  }

  std::vector<std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)>> owners_;
  std::vector<addrinfo> chain_;
};

/// The addresses of a host's name, within the deadline. Each call asks the resolver anew: after a fail-over a name may lead elsewhere.
///
/// Errors: LookupTimeout; std::system_error, std::runtime_error.
inline AddressList look_up(const std::string& host, std::uint16_t port, const Deadline& deadline) {
  if (BoundedLookup::is_numeric(host)) return {{host}, port};
  static BoundedLookup lookup{&resolve, std::chrono::seconds{0}};
  return {lookup.addresses(host, deadline), port};
}

}  // namespace tidemark::stores
