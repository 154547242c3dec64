#pragma once

#include <sqlite3.h>

namespace tidemark::detail {

/// Keeps a connection from committing anything unless it was allowed: a handler that has the `sqlite3*` could otherwise commit its
/// results without the offsets, by COMMIT, or by writing on after a ROLLBACK. SQLite turns a refused commit into a rollback.
///
/// Lifetime: the connection must outlive it.
class CommitGuard {
 public:
  explicit CommitGuard(sqlite3* database) : database_{database} {
    sqlite3_commit_hook(database, on_commit, this);
    sqlite3_rollback_hook(database, on_rollback, this);
  }
  ~CommitGuard() {
    sqlite3_commit_hook(database_, nullptr, nullptr);
    sqlite3_rollback_hook(database_, nullptr, nullptr);
  }
  CommitGuard(const CommitGuard&) = delete;
  CommitGuard& operator=(const CommitGuard&) = delete;

  void begin() { ended_ = false; }
  void allow(bool allowed) { allowed_ = allowed; }

  /// Whether the transaction that began last has been rolled back, by whomever, or has tried to commit when it wasn't allowed to.
  bool ended() const { return ended_; }

 private:
  static int on_commit(void* self) noexcept {
    auto& guard = *static_cast<CommitGuard*>(self);
    if (guard.allowed_) return 0;
    guard.ended_ = true;
    return 1;
  }
  static void on_rollback(void* self) noexcept { static_cast<CommitGuard*>(self)->ended_ = true; }

  sqlite3* database_;
  bool allowed_ = false;
  bool ended_ = false;
};

}  // namespace tidemark::detail
