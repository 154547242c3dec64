#include "stores/postgres/failure.hpp"

#include <fmt/format.h>
#include <libpq-fe.h>

#include <algorithm>
#include <array>
#include <cctype>

#include "stores/common/text.hpp"

namespace tidemark::detail {

namespace {

constexpr std::size_t longest_message = 800;
constexpr std::size_t longest_sql = 300;

std::string field(const pg_result* result, int code) {
  const auto* text = PQresultErrorField(result, code);
  return text ? text : "";
}

/// What is known about an SQLSTATE, or a class of them. The first that fits counts.
struct Known {
  std::string_view prefix;
  bool passes;
  bool ends_connection;
  std::string_view remedy;
};

constexpr std::array known{
    Known{"40001", true, false, {}},
    Known{"40P01", true, false, {}},
    Known{"55P03", true, false, "another transaction holds the lock: see pg_locks"},
    Known{
        "57014", true, false,
        "the server ended the statement after PostgresOffsetStoreOptions::timeout, or somebody cancelled it: raise the "
        "option, or look at pg_stat_activity and pg_locks for what the statement waited for"},
    Known{"25P03", true, true,
          "the handler sent nothing for longer than PostgresOffsetStoreOptions::idle_in_transaction_timeout: raise it, "
          "or do "
          "slow work before the transaction's first statement"},
    Known{"25P04", true, true,
          "the transaction took longer than the server's transaction_timeout: use smaller batches"},
    Known{"25006", true, true,
          "the server is read-only, such as a standby: add target_session_attrs=read-write to "
          "PostgresOffsetStoreOptions::connection, with all hosts"},
    Known{"25P02", false, false,
          "a statement of this transaction had failed, and PostgreSQL ignores all that follow: let the exception leave "
          "the "
          "handler, or run what may fail inside of transaction.savepoint()"},
    Known{"26000", false, true,
          "the prepared statement is not there: PgBouncer in transaction mode needs "
          "PostgresOffsetStoreOptions::prepared_statements = never"},
    Known{"42P05", false, true,
          "the prepared statement is of another session: PgBouncer in transaction mode needs "
          "PostgresOffsetStoreOptions::prepared_statements = never"},
    Known{"0A000", false, true, {}},
    Known{"53100", true, false, "make room on the server's disk"},
    Known{"53300", true, true,
          "the server has no connection left: raise its max_connections, lower "
          "PostgresOffsetStoreOptions::max_connections of its clients, or put PgBouncer before it"},
    Known{"53", true, false, "the server lacks memory or disk: see its log"},
    Known{"57P", true, true, "the server is stopping, starting or has ended the session; a new connection is made"},
    Known{"58", true, false, "the server's disk or file system failed: see its log"},
    Known{"08P01", false, true, "if PgBouncer is between: its ignore_startup_parameters must name what it refuses"},
    Known{"08", true, true, {}},
    Known{"28", false, true,
          "check user, password and sslmode in PostgresOffsetStoreOptions::connection, ~/.pgpass, and the server's "
          "pg_hba.conf"},
    Known{"3D000", false, true, "create the database, or change dbname in PostgresOffsetStoreOptions::connection"},
    Known{"42501", false, false, "grant the right to the user of PostgresOffsetStoreOptions::connection"},
    Known{"22021", false, false, "the text is not UTF-8: pass its bytes() to a column of type bytea"},
};

const Known* find(std::string_view sqlstate) {
  const auto found = std::ranges::find_if(known, [&](const Known& each) { return sqlstate.starts_with(each.prefix); });
  return found == known.end() ? nullptr : &*found;
}

bool is_tls_or_login(std::string_view message) {
  constexpr std::array words{"certificate", "does not support SSL", "no password supplied", "SSL error",
                             "private key file"};
  return std::ranges::any_of(words, [&](const char* word) { return message.find(word) != std::string_view::npos; });
}

}  // namespace

PostgresReport postgres_report(const pg_result* result) {
  PostgresReport report{field(result, PG_DIAG_SQLSTATE), field(result, PG_DIAG_MESSAGE_PRIMARY)};
  if (report.message.empty()) report.message = PQresultErrorMessage(result);
  if (const auto detail = field(result, PG_DIAG_MESSAGE_DETAIL); !detail.empty()) report.message += ": " + detail;
  if (const auto hint = field(result, PG_DIAG_MESSAGE_HINT); !hint.empty()) report.message += " (" + hint + ")";
  return report;
}

PostgresReport postgres_login_report(std::string_view text) {
  PostgresReport report;
  // "FATAL:  28P01: password authentication failed …\nLOCATION:  auth_failed, auth.c:337"; the first word may be translated.
  for (auto at = text.find(":  "); at != std::string_view::npos; at = text.find(":  ", at + 1)) {
    const auto code = text.substr(at + 3, 5);
    if (text.substr(at + 8, 2) != ": " ||
        !std::ranges::all_of(code, [](unsigned char c) { return std::isdigit(c) || std::isupper(c); }))
      continue;
    report.sqlstate = code;
    const auto message = text.substr(at + 10);
    report.message = message.substr(0, message.find('\n'));
    return report;
  }
  while (!text.empty() && text.back() == '\n') text.remove_suffix(1);
  report.message = text;
  return report;
}

bool is_passing(const PostgresReport& report) {
  if (report.sqlstate.empty()) return !is_tls_or_login(report.message);
  if (report.sqlstate == "0A000") return report.message.find("cached plan") != std::string::npos;
  const auto* entry = find(report.sqlstate);
  return entry && entry->passes;
}

bool ends_connection(const PostgresReport& report) {
  const auto* entry = find(report.sqlstate);
  return report.sqlstate.empty() || (entry && entry->ends_connection);
}

StoreError postgres_failure(const PostgresTarget& target, std::string_view what, const PostgresReport& report,
                            std::string_view sql) {
  auto text = fmt::format("{}: {}", what, stores::shortened(report.message, longest_message));
  if (!report.sqlstate.empty()) text += fmt::format(" (SQLSTATE {})", report.sqlstate);
  if (!sql.empty()) text += fmt::format(", in {}", stores::quoted(sql, longest_sql));
  const auto* entry = report.sqlstate.empty() ? nullptr : find(report.sqlstate);
  if (entry && !entry->remedy.empty()) text += fmt::format("; {}", entry->remedy);
  if (report.sqlstate.empty() && is_tls_or_login(report.message))
    text += "; check sslmode, sslrootcert, user and password in PostgresOffsetStoreOptions::connection";
  return postgres_error(target, text, is_passing(report) ? StoreError::Retry::yes : StoreError::Retry::no);
}

StoreError postgres_error(const PostgresTarget& target, std::string_view text, StoreError::Retry retry) {
  return StoreError{fmt::format("PostgreSQL store ({}): {}", target.name(), target.redacted(text)), retry};
}

}  // namespace tidemark::detail
