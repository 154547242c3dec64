#pragma once

#include <string>
#include <string_view>

#include <tidemark/error.hpp>

#include "stores/postgres/target.hpp"

struct pg_result;

namespace tidemark::detail {

namespace sqlstate {
inline constexpr std::string_view division_by_zero = "22012";
inline constexpr std::string_view invalid_text_representation = "22P02";
inline constexpr std::string_view unique_violation = "23505";
inline constexpr std::string_view in_failed_transaction = "25P02";
inline constexpr std::string_view undefined_table = "42P01";
inline constexpr std::string_view duplicate_table = "42P07";
inline constexpr std::string_view duplicate_object = "42710";
inline constexpr std::string_view undefined_column = "42703";
}  // namespace sqlstate

/// What the server said about a failure.
struct PostgresReport {
  std::string sqlstate{};  ///< Five characters; empty where libpq itself failed.
  std::string message{};   ///< With detail and hint, if there are any.
};

/// What a result says that is an error.
PostgresReport postgres_report(const pg_result* result);
/// What libpq says about an attempt to connect that failed, at verbosity PQERRORS_VERBOSE.
PostgresReport postgres_login_report(std::string_view text);

/// Whether time, or another connection, may mend it.
bool is_passing(const PostgresReport& report);
/// Whether the connection is of no use any more.
bool ends_connection(const PostgresReport& report);

/// `what` reads: cannot commit.
StoreError postgres_failure(const PostgresTarget& target, std::string_view what, const PostgresReport& report,
                            std::string_view sql = {});
/// An error with our own words.
StoreError postgres_error(const PostgresTarget& target, std::string_view text, StoreError::Retry retry);

}  // namespace tidemark::detail
