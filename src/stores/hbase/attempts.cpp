#include "stores/hbase/attempts.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <thread>

#include <tidemark/error.hpp>

#include "stores/common/text.hpp"

namespace tidemark::detail {

void HBaseAttempts::beaten() {
  constexpr int enough = 100;
  constexpr int longest_pause_us = 16'000;
  if (++beaten_ == enough)
    throw StoreError{
        fmt::format("HBase store: row {} was changed by others {} times in a row: too many consumers commit "
                    "this topic at once; let them commit larger batches",
                    stores::quoted(key_), enough),
        StoreError::Retry::yes};
  const int most = std::min(longest_pause_us, 500 << std::min(beaten_, 5));
  std::this_thread::sleep_for(std::chrono::microseconds{std::uniform_int_distribution{0, most}(random_)});
}

}  // namespace tidemark::detail
