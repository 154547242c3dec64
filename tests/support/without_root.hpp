#pragma once

#include <unistd.h>

#include <exception>

#include "support/catch.hpp"

namespace tidemark::test {

/// Root may write anywhere, so what others may not do is tried as somebody else.
class WithoutRoot {
 public:
  WithoutRoot() {
    if (is_root_) REQUIRE(::seteuid(65534) == 0);
  }
  ~WithoutRoot() {
    if (is_root_ && ::seteuid(0) != 0) std::terminate();
  }
  WithoutRoot(const WithoutRoot&) = delete;
  WithoutRoot& operator=(const WithoutRoot&) = delete;

 private:
  bool is_root_ = ::geteuid() == 0;
};

}  // namespace tidemark::test
