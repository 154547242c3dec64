#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include <tidemark/stores/postgres/options.hpp>
#include <tidemark/stores/postgres/row.hpp>
#include <tidemark/stores/postgres/value.hpp>

#include "stores/postgres/failure.hpp"
#include "stores/postgres/target.hpp"
#include "stores/postgres/wait.hpp"

struct pg_conn;
struct pg_result;

namespace tidemark::detail {

using PostgresResult = std::shared_ptr<pg_result>;

/// What the server answered to one statement.
struct PostgresReply {
  PostgresResult result;
  std::string sql;

  bool is_error() const;
  /// Whether it was not run, because one before it in the same exchange failed.
  bool is_skipped() const;
  std::string_view command_tag() const;
  std::int64_t changed_rows() const;
  int rows() const;
  /// The field as text; nullopt for NULL.
  std::optional<std::string_view> field(int row, int column) const;
};

std::vector<PostgresRow> rows_of(const PostgresReply& reply);

/// One session. Statements are queued and sent in pipelines, and every wait ends with the caller's PostgresWait: no libpq function that
/// blocks is called.
///
/// Thread safety: distinct objects safe; shared objects unsafe.
/// Errors:        StoreError, retryable, where the connection breaks, or the wait ends first: the session is of no use then, and the outcome
///                of what was sent is unknown.
class PostgresConnection {
 public:
  /// Connects. Hosts, and addresses of a host, share the time.
  PostgresConnection(const PostgresTarget& target, const PostgresOffsetStoreOptions& options, const PostgresWait& wait);
  PostgresConnection(const PostgresConnection&) = delete;
  PostgresConnection& operator=(const PostgresConnection&) = delete;

  /// Queues a statement. The server may begin with it at once.
  void send(std::string_view sql, std::span<const PostgresValue> values, const PostgresWait& wait);
  /// The answers to all that was queued, in order. The first that is an error is followed by skipped ones.
  std::vector<PostgresReply> collect(const PostgresWait& wait);
  /// send() and collect() of one statement.
  PostgresReply run(std::string_view sql, std::span<const PostgresValue> values, const PostgresWait& wait);
  /// Several statements without parameters, in one text.
  ///
  /// Errors: also StoreError for what the server refuses.
  void run_script(std::string_view sql, const PostgresWait& wait);

  std::size_t queued() const { return queue_.size(); }

  /// COPY FROM STDIN, after collect(): begins it, sends a piece, ends it. copy_end() without an error reports what the server said.
  PostgresReply copy_begin(std::string_view sql, const PostgresWait& wait);
  /// False where the server has ended the copy already.
  bool copy_data(std::string_view data, const PostgresWait& wait);
  PostgresReply copy_end(const char* error, const PostgresWait& wait);

  /// The session for the caller's own calls: out of the pipeline, and blocking.
  pg_conn* lend(const PostgresWait& wait);
  /// After lend().
  ///
  /// Errors: StoreError, not retryable, where the borrower left a command unfinished.
  void take_back() { require_usable(); }

  /// Whether the server is known to be away, or said something unasked. Looks without waiting.
  bool is_quiet();
  bool is_broken() const { return is_broken_; }
  void give_up() { is_broken_ = true; }
  bool is_in_transaction() const;
  bool is_in_failed_transaction() const;
  bool is_idle() const;
  /// Whether a wait for a standby was cut short since the last call, so that a commit may be on this server only.
  bool take_standby_warning();

  const PostgresTarget& target() const { return target_; }

 private:
  struct Close {
    void operator()(pg_conn* connection) const;
  };
  using Handle = std::unique_ptr<pg_conn, Close>;
  struct Queued {
    std::string sql;
    std::string prepares;  ///< The key of the statement that this one prepares; empty: it runs one.
  };

  Handle connect(const PostgresWait& wait);
  Handle attempt(const PostgresTarget::Parameters& parameters, const PostgresWait& wait);
  void configure(const PostgresWait& wait);
  void enter_pipeline();
  void leave_pipeline(const PostgresWait& wait);
  std::string prepared(std::string_view sql, std::span<const PostgresValue> values, std::span<const unsigned> types);
  void flush(const PostgresWait& wait);
  void wait_for(short events, const PostgresWait& wait);
  PostgresResult next_result(const PostgresWait& wait);
  void drain(const PostgresWait& wait, const std::function<void(PostgresResult)>& each);
  [[noreturn]] void lose(std::string_view while_doing);
  void require_usable();

  const PostgresTarget& target_;
  const PostgresOffsetStoreOptions& options_;
  bool has_standby_warning_ = false;  // before the connection, which may report while it closes
  Handle connection_;
  std::vector<Queued> queue_;
  std::unordered_map<std::string, std::string> prepared_;
  std::size_t next_name_ = 0;  // counted on: a name that failed is not given again
  bool is_broken_ = false;
  bool is_lent_ = false;
};

}  // namespace tidemark::detail
