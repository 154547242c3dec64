#include "stores/hbase/row_turns.hpp"

#include <fmt/format.h>

#include <tidemark/error.hpp>

#include "stores/common/text.hpp"
#include "stores/common/waiting.hpp"

namespace tidemark::detail {

HBaseRowTurns::Turn HBaseRowTurns::take(const std::string& key, std::chrono::milliseconds timeout) {
  std::unique_lock lock{mutex_};
  const auto row = rows_.try_emplace(key).first;
  ++row->second.waiting;
  const bool is_free =
      stores::wait_until(ended_, lock, stores::Deadline{timeout}, [&] { return !row->second.is_taken; });
  --row->second.waiting;
  if (!is_free) {
    stores::CallScope::check();
    throw StoreError{fmt::format("HBase store: other threads were at row {} for longer than "
                                 "HBaseOffsetStoreOptions::checkout_timeout ({} ms)",
                                 stores::quoted(key), timeout.count()),
                     StoreError::Retry::yes};
  }
  row->second.is_taken = true;
  return {*this, row};
}

void HBaseRowTurns::end(std::map<std::string, Row>::iterator row) noexcept {
  {
    const std::lock_guard lock{mutex_};
    row->second.is_taken = false;
    // A row of which nothing is known is one of a single look, as the catalog's.
    if (row->second.waiting == 0 && !row->second.known) rows_.erase(row);
  }
  ended_.notify_all();
}

}  // namespace tidemark::detail
