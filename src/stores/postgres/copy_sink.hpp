#pragma once

#include <tidemark/stores/postgres/copy.hpp>

#include <cstddef>
#include <optional>

#include "stores/postgres/transaction_state.hpp"

namespace tidemark {

/// Where a copy's rows go.
class PostgresCopy::Sink {
 public:
  Sink(detail::PostgresTransactionState& transaction, std::size_t columns)
      : transaction_{transaction}, columns_{columns} {}

  detail::PostgresTransactionState& transaction() const { return transaction_; }
  std::size_t columns() const { return columns_; }
  bool is_finished = false;

 private:
  detail::PostgresTransactionState& transaction_;
  std::size_t columns_;
};

}  // namespace tidemark
