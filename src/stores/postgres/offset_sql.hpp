#pragma once

#include <string>
#include <string_view>

#include <tidemark/stores/postgres/options.hpp>

namespace tidemark::detail {

/// "name", with what it needs to be one identifier whatever is in it.
std::string postgres_identifier(std::string_view name);

/// The statements on a table of offsets. Their parameters: arrays of topics and partitions, then what each names, then the group where the
/// table has a column for it.
///
/// Errors: ConfigError for names that PostgreSQL can't hold.
struct PostgresOffsetSql {
  explicit PostgresOffsetSql(const PostgresTable& table);

  bool has_group;
  std::string table;  ///< Quoted.
  std::string create;
  std::string load;
  /// Compares and sets; where one partition neither stands at its `from` nor is absent, or the transaction is not the one with the token, the
  /// statement fails, so that a COMMIT that was sent behind it does nothing. Arrays of from and until, their number, the token.
  std::string commit;
  std::string groups;  ///< Empty where the table has no column for them.
  std::string list;
  std::string overwrite;  ///< An array of offsets.
  std::string erase;
};

}  // namespace tidemark::detail
