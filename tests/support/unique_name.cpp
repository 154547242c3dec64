#include "support/unique_name.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <atomic>

namespace tidemark::test {

std::string unique_name(std::string_view prefix) {
  static std::atomic<int> count{0};
  return fmt::format("{}-{}-{}", prefix, ::getpid(), ++count);
}

}  // namespace tidemark::test
