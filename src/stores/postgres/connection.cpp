#include "stores/postgres/connection.hpp"

#include <fmt/format.h>
#include <libpq-fe.h>

#include <algorithm>
#include <charconv>
#include <utility>

#include "stores/common/text.hpp"

namespace tidemark::detail {

namespace {

constexpr unsigned bytea_type = 17;
constexpr std::size_t most_prepared = 256;  // a session: the server keeps the plan of each

void on_notice(void* flag, const PGresult* notice) noexcept {
  // The message is translated, the function's name is not. The transaction is committed here, and maybe on no standby.
  const char* function = PQresultErrorField(notice, PG_DIAG_SOURCE_FUNCTION);
  if (function && std::string_view{function} == "SyncRepWaitForLSN") *static_cast<bool*>(flag) = true;
}

PostgresResult owned(PGresult* result) { return {result, &PQclear}; }

}  // namespace

void PostgresConnection::Close::operator()(pg_conn* connection) const { PQfinish(connection); }

PostgresConnection::PostgresConnection(const PostgresTarget& target, const PostgresOffsetStoreOptions& options,
                                       const PostgresWait& wait)
    : target_{target}, options_{options}, connection_{connect(wait)} {
  PQsetNoticeReceiver(connection_.get(), &on_notice, &has_standby_warning_);
  if (PQsetnonblocking(connection_.get(), 1) != 0) lose("connect");
  configure(wait);
}

void PostgresConnection::configure(const PostgresWait& wait) {
  // Through PgBouncer a session has no settings of its own: there each transaction sets them.
  if (options_.prepared_statements == PostgresPreparedStatements::never) return;
  // The server's own keepalives end the session of a host that vanished, with its locks; by default it waits for two hours.
  run_script(
      fmt::format("set statement_timeout = {}; set idle_in_transaction_session_timeout = {}; set tcp_keepalives_idle = "
                  "30; set tcp_keepalives_interval = 10; set tcp_keepalives_count = 3",
                  int_ms(options_.timeout), int_ms(options_.idle_in_transaction_timeout)),
      wait);
}

void PostgresConnection::require_usable() {
  if (is_broken_)
    throw postgres_error(target_, "the connection was lost; begin another transaction", StoreError::Retry::yes);
  if (!is_lent_) return;
  is_lent_ = false;
  if (PQtransactionStatus(connection_.get()) == PQTRANS_ACTIVE) {
    is_broken_ = true;
    throw postgres_error(
        target_,
        "the handler left a command of its own unfinished on transaction.connection(): call PQgetResult "
        "until it returns a null pointer, and end each COPY",
        StoreError::Retry::no);
  }
  if (PQsetnonblocking(connection_.get(), 1) != 0) lose("go on");
}

void PostgresConnection::enter_pipeline() {
  require_usable();
  if (PQpipelineStatus(connection_.get()) == PQ_PIPELINE_OFF && PQenterPipelineMode(connection_.get()) != 1)
    lose("begin a pipeline");
}

void PostgresConnection::leave_pipeline(const PostgresWait& wait) {
  require_usable();
  if (!queue_.empty()) collect(wait);
  if (PQpipelineStatus(connection_.get()) != PQ_PIPELINE_OFF && PQexitPipelineMode(connection_.get()) != 1)
    lose("end a pipeline");
}

std::string PostgresConnection::prepared(std::string_view sql, std::span<const PostgresValue> values,
                                         std::span<const unsigned> types) {
  if (options_.prepared_statements == PostgresPreparedStatements::never) return {};
  std::string key{sql};
  for (const auto type : types) key += type == bytea_type ? '\1' : '\2';
  if (const auto found = prepared_.find(key); found != prepared_.end()) return found->second;
  if (prepared_.size() >= most_prepared) return {};
  const auto name = fmt::format("tidemark_{}", next_name_++);
  if (PQsendPrepare(connection_.get(), name.c_str(), std::string{sql}.c_str(), static_cast<int>(values.size()),
                    types.data()) != 1)
    lose("send a statement");
  queue_.push_back({std::string{sql}, key});
  prepared_.emplace(std::move(key), name);
  return name;
}

void PostgresConnection::send(std::string_view sql, std::span<const PostgresValue> values, const PostgresWait& wait) {
  enter_pipeline();
  std::vector<unsigned> types;
  std::vector<const char*> data;
  std::vector<int> lengths;
  std::vector<int> formats;
  for (const auto& value : values) {
    types.push_back(value.is_bytes() ? bytea_type : 0);
    data.push_back(value.data());
    lengths.push_back(static_cast<int>(value.text().size()));
    formats.push_back(value.is_bytes() ? 1 : 0);
  }
  const auto count = static_cast<int>(values.size());
  const auto name = prepared(sql, values, types);
  const int sent = name.empty() ? PQsendQueryParams(connection_.get(), std::string{sql}.c_str(), count, types.data(),
                                                    data.data(), lengths.data(), formats.data(), 0)
                                : PQsendQueryPrepared(connection_.get(), name.c_str(), count, data.data(),
                                                      lengths.data(), formats.data(), 0);
  if (sent != 1) lose("send a statement");
  queue_.push_back({std::string{sql}, {}});
  // What the server answers meanwhile is taken in, or both sides would wait for the other one to read.
  if (PQflush(connection_.get()) == 1) flush(wait);
}

std::vector<PostgresReply> PostgresConnection::collect(const PostgresWait& wait) {
  require_usable();
  std::vector<PostgresReply> replies;
  if (queue_.empty()) return replies;
  if (PQpipelineSync(connection_.get()) != 1) lose("send statements");
  flush(wait);
  const auto queue = std::exchange(queue_, {});
  for (const auto& queued : queue) {
    PostgresReply reply{next_result(wait), queued.sql};
    if (!reply.result) lose("wait for an answer");
    while (next_result(wait)) continue;
    if (PQstatus(connection_.get()) == CONNECTION_BAD) {
      is_broken_ = true;
      const auto report = postgres_report(reply.result.get());
      throw postgres_failure(target_, "the connection was lost",
                             {report.sqlstate.empty() ? "08006" : report.sqlstate, report.message});
    }
    if (!queued.prepares.empty()) {
      if (!reply.is_error() && !reply.is_skipped()) continue;
      prepared_.erase(queued.prepares);
      if (reply.is_skipped()) continue;
    }
    replies.push_back(std::move(reply));
  }
  const auto sync = next_result(wait);
  if (!sync || PQresultStatus(sync.get()) != PGRES_PIPELINE_SYNC) lose("wait for the end of an exchange");
  return replies;
}

PostgresReply PostgresConnection::run(std::string_view sql, std::span<const PostgresValue> values,
                                      const PostgresWait& wait) {
  send(sql, values, wait);
  auto replies = collect(wait);
  return std::move(replies.front());
}

void PostgresConnection::drain(const PostgresWait& wait, const std::function<void(PostgresResult)>& each) {
  while (auto result = next_result(wait)) {
    const auto status = PQresultStatus(result.get());
    each(std::move(result));
    if (status == PGRES_COPY_IN || status == PGRES_COPY_OUT || status == PGRES_COPY_BOTH) return;
  }
}

void PostgresConnection::run_script(std::string_view sql, const PostgresWait& wait) {
  leave_pipeline(wait);
  if (PQsendQuery(connection_.get(), std::string{sql}.c_str()) != 1) lose("send statements");
  flush(wait);
  std::optional<PostgresReport> failed;
  drain(wait, [&](const PostgresResult& result) {
    if (PQresultStatus(result.get()) == PGRES_FATAL_ERROR && !failed) failed = postgres_report(result.get());
  });
  if (PQstatus(connection_.get()) == CONNECTION_BAD) is_broken_ = true;
  if (failed) throw postgres_failure(target_, "a statement failed", *failed, sql);
}

PostgresReply PostgresConnection::copy_begin(std::string_view sql, const PostgresWait& wait) {
  leave_pipeline(wait);
  if (PQsendQuery(connection_.get(), std::string{sql}.c_str()) != 1) lose("begin a COPY");
  flush(wait);
  PostgresReply reply{nullptr, std::string{sql}};
  drain(wait, [&](PostgresResult result) {
    if (!reply.result) reply.result = std::move(result);
  });
  if (!reply.result || PQstatus(connection_.get()) == CONNECTION_BAD) lose("begin a COPY");
  return reply;
}

bool PostgresConnection::copy_data(std::string_view data, const PostgresWait& wait) {
  require_usable();
  while (true) {
    const int sent = PQputCopyData(connection_.get(), data.data(), static_cast<int>(data.size()));
    if (sent == 1) break;
    if (sent < 0) {
      if (PQstatus(connection_.get()) == CONNECTION_BAD) lose("send rows");
      return false;
    }
    flush(wait);
  }
  flush(wait);
  return true;
}

PostgresReply PostgresConnection::copy_end(const char* error, const PostgresWait& wait) {
  require_usable();
  while (true) {
    const int sent = PQputCopyEnd(connection_.get(), error);
    if (sent != 0) break;  // a refusal: what the server said is the result
    flush(wait);
  }
  flush(wait);
  PostgresReply reply{nullptr, "copy"};
  drain(wait, [&](PostgresResult result) {
    if (!reply.result || reply.is_error() == false) reply.result = std::move(result);
  });
  if (PQstatus(connection_.get()) == CONNECTION_BAD || !reply.result) lose("end a COPY");
  return reply;
}

pg_conn* PostgresConnection::lend(const PostgresWait& wait) {
  leave_pipeline(wait);
  if (PQsetnonblocking(connection_.get(), 0) != 0) lose("go on");
  is_lent_ = true;
  return connection_.get();
}

void PostgresConnection::flush(const PostgresWait& wait) {
  while (true) {
    const int left = PQflush(connection_.get());
    if (left < 0) {
      // A server that ends the session says why before it closes: let the reader find that.
      if (PQstatus(connection_.get()) == CONNECTION_BAD) lose("send");
      return;
    }
    if (left == 0) return;
    wait_for(POLLIN | POLLOUT, wait);
    if (PQconsumeInput(connection_.get()) != 1) lose("send");
  }
}

PostgresResult PostgresConnection::next_result(const PostgresWait& wait) {
  while (PQisBusy(connection_.get())) {
    wait_for(POLLIN, wait);
    if (PQconsumeInput(connection_.get()) != 1) lose("wait for an answer");
  }
  return owned(PQgetResult(connection_.get()));
}

void PostgresConnection::wait_for(short events, const PostgresWait& wait) {
  switch (wait.for_socket(PQsocket(connection_.get()), events)) {
    case PostgresWait::Outcome::ready:
      return;
    case PostgresWait::Outcome::over:
      is_broken_ = true;
      throw postgres_error(
          target_,
          fmt::format("the server did not answer within PostgresOffsetStoreOptions::timeout ({} ms) or the "
                      "caller's deadline; what was asked for may have happened",
                      options_.timeout.count()),
          StoreError::Retry::yes);
    case PostgresWait::Outcome::stopped:
      is_broken_ = true;
      throw postgres_error(target_,
                           "the call was ended, since the consumer stops; what was asked for may have happened",
                           StoreError::Retry::yes);
  }
}

bool PostgresConnection::is_quiet() {
  if (is_broken_ || is_lent_ || !queue_.empty()) return false;
  pollfd socket{PQsocket(connection_.get()), POLLIN, 0};
  if (::poll(&socket, 1, 0) == 0) return true;
  // A parameter's change is said unasked, too; the end of the session shows as an error or as bytes that make no sense between two calls.
  return PQconsumeInput(connection_.get()) == 1 && PQstatus(connection_.get()) == CONNECTION_OK &&
         ::poll(&socket, 1, 0) == 0 && !PQisBusy(connection_.get());
}

bool PostgresConnection::is_in_transaction() const {
  const auto status = PQtransactionStatus(connection_.get());
  return status == PQTRANS_INTRANS || status == PQTRANS_INERROR;
}

bool PostgresConnection::is_in_failed_transaction() const {
  return PQtransactionStatus(connection_.get()) == PQTRANS_INERROR;
}

bool PostgresConnection::is_idle() const { return PQtransactionStatus(connection_.get()) == PQTRANS_IDLE; }

bool PostgresConnection::take_standby_warning() { return std::exchange(has_standby_warning_, false); }

void PostgresConnection::lose(std::string_view while_doing) {
  is_broken_ = true;
  std::string_view message = PQerrorMessage(connection_.get());
  throw postgres_failure(target_, fmt::format("the connection was lost (while it was to {})", while_doing),
                         {"08006", std::string{message.substr(0, message.find_last_not_of('\n') + 1)}});
}

}  // namespace tidemark::detail
