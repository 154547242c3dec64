#pragma once

#include <memory>
#include <mutex>

#include "stores/common/deadline.hpp"
#include "stores/sqlite/commit_guard.hpp"
#include "stores/sqlite/connection.hpp"
#include "stores/sqlite/offset_table.hpp"
#include "stores/sqlite/write_turn.hpp"

namespace tidemark::detail {

/// The file behind a store, by two connections: one for whoever has the turn to write, and one for reading what is committed, which
/// in WAL mode never waits for a writer.
class SqliteDatabase {
 public:
  explicit SqliteDatabase(SqliteOffsetStoreOptions options);

  /// What is used by whoever has the turn.
  struct Writer {
    Writer(const SqliteOffsetStoreOptions& options);

    SqliteConnection connection;
    SqliteOffsetTable offsets;
    CommitGuard guard;
    WriteTurn turn;
  };
  Writer& writer() { return writer_; }

  /// Calls `read(connection, offsets)` in a read transaction: everything it sees is of one moment.
  template <class Read>
  auto read(Read read) {
    const auto lock = reading_turn();
    const ReadTransaction transaction{reader_};
    return read(reader_, reader_offsets_);
  }

 private:
  /// Another thread's query may take long.
  std::unique_lock<std::timed_mutex> reading_turn() {
    std::unique_lock lock{reading_, std::defer_lock};
    for (const auto deadline = stores::Deadline::of_caller(); !lock.try_lock_for(deadline.until_next_look());)
      if (deadline.is_over()) stores::CallScope::check();
    return lock;
  }

  class ReadTransaction {
   public:
    explicit ReadTransaction(SqliteConnection& connection) : connection_{connection} {
      connection_.execute("begin", {});
    }
    ~ReadTransaction() { sqlite3_exec(connection_.handle(), "rollback", nullptr, nullptr, nullptr); }
    ReadTransaction(const ReadTransaction&) = delete;
    ReadTransaction& operator=(const ReadTransaction&) = delete;

   private:
    SqliteConnection& connection_;
  };

  SqliteOffsetStoreOptions options_;
  Writer writer_;  // before the reader: it makes the table
  std::timed_mutex reading_;
  SqliteConnection reader_;
  SqliteOffsetTable reader_offsets_;
};

}  // namespace tidemark::detail
