#pragma once

#include <tidemark/offset_store.hpp>

#include "stores/postgres/offset_table.hpp"
#include "stores/postgres/pool.hpp"

namespace tidemark::detail {

/// What a store and its transactions share.
///
/// Thread safety: shared objects safe.
class PostgresDatabase {
 public:
  /// Connects to nothing yet.
  ///
  /// Errors: ConfigError.
  explicit PostgresDatabase(PostgresOffsetStoreOptions options);

  PostgresWait wait() const { return PostgresWait{stores::Deadline{options_.timeout}, {}}; }
  PostgresWait wait(const GroupSession& session) const {
    return PostgresWait{stores::Deadline{options_.timeout}.no_later_than(session.deadline), session.stop};
  }

  /// A connection, after the table was looked at.
  PostgresLease lease(const PostgresWait& wait);

  PostgresOffsetTable& offsets() { return offsets_; }
  const PostgresTarget& target() const { return target_; }
  const PostgresOffsetStoreOptions& options() const { return options_; }

 private:
  PostgresOffsetStoreOptions options_;
  PostgresTarget target_;
  PostgresOffsetTable offsets_;
  PostgresPool pool_;
};

}  // namespace tidemark::detail
