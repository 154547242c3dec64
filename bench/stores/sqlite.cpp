#include <tidemark/stores/sqlite.hpp>

#include <sqlite3.h>

#include <memory>

#include "stores/contestant.hpp"
#include "support/temporary_folder.hpp"

namespace tidemark::bench {

namespace {

/// SQLite as one would use it by hand: prepared updates in one transaction.
class RawSqlite {
 public:
  explicit RawSqlite(const std::filesystem::path& path, int partitions) : partitions_{partitions} {
    require(sqlite3_open(path.c_str(), &database_));
    run("pragma journal_mode = wal; pragma synchronous = full;"
        "create table offsets(group_id text, topic text, partition integer, next_offset integer not null, "
        "primary key(group_id, topic, partition)) without rowid");
    run("begin immediate");
    for (int p = 0; p < partitions; ++p)
      run("insert into offsets values ('bench', 'records', " + std::to_string(p) + ", " + std::to_string(first_of(0)) +
          ")");
    run("commit");
    require(sqlite3_prepare_v2(
        database_,
        "update offsets set next_offset = ?2 where group_id = 'bench' and topic = 'records' and partition = ?1 "
        "and next_offset = ?3",
        -1, &update_, nullptr));
  }
  ~RawSqlite() {
    sqlite3_finalize(update_);
    sqlite3_close(database_);
  }
  RawSqlite(const RawSqlite&) = delete;
  RawSqlite& operator=(const RawSqlite&) = delete;

  void commit(std::int64_t batch) {
    run("begin immediate");
    for (int p = 0; p < partitions_; ++p) {
      sqlite3_bind_int(update_, 1, p);
      sqlite3_bind_int64(update_, 2, first_of(batch + 1));
      sqlite3_bind_int64(update_, 3, first_of(batch));
      if (sqlite3_step(update_) != SQLITE_DONE || sqlite3_changes(database_) != 1) require(SQLITE_ERROR);
      sqlite3_reset(update_);
    }
    run("commit");
  }

 private:
  void run(const std::string& sql) { require(sqlite3_exec(database_, sql.c_str(), nullptr, nullptr, nullptr)); }
  void require(int code) {
    if (code != SQLITE_OK) throw std::runtime_error{sqlite3_errmsg(database_)};
  }

  int partitions_;
  sqlite3* database_ = nullptr;
  sqlite3_stmt* update_ = nullptr;
};

}  // namespace

Contestant sqlite_contestant(int partitions) {
  const auto folder = std::make_shared<test::TemporaryFolder>();
  const auto store = std::make_shared<SqliteOffsetStore>(*folder / "offsets.db");
  const auto bare = std::make_shared<RawSqlite>(*folder / "bare.db", partitions);
  return {.bare = "prepared updates, WAL, full",
          .commit = [=](std::int64_t batch) { must_commit(*store, batch, partitions); },
          .commit_bare =
              [=](std::int64_t batch) {
                bare->commit(batch);
                (void)folder;
              }};
}

}  // namespace tidemark::bench
