#include <algorithm>
#include <cctype>
#include <string>

#include "stores/postgres/transaction_state.hpp"

namespace tidemark::detail {

namespace {

/// The text behind spaces and comments.
std::string_view skipped(std::string_view sql) {
  while (!sql.empty()) {
    if (std::isspace(static_cast<unsigned char>(sql.front())) || sql.front() == ';') {
      sql.remove_prefix(1);
    } else if (sql.starts_with("--")) {
      sql.remove_prefix(std::min(sql.find('\n'), sql.size()));
    } else if (sql.starts_with("/*")) {
      int depth = 0;  // PostgreSQL's comments nest
      do {
        if (sql.starts_with("/*")) ++depth;
        if (sql.starts_with("*/")) --depth;
        sql.remove_prefix(sql.starts_with("/*") || sql.starts_with("*/") ? 2 : 1);
      } while (depth > 0 && !sql.empty());
    } else {
      break;
    }
  }
  return sql;
}

std::string next_word(std::string_view& sql) {
  sql = skipped(sql);
  std::string word;
  while (!sql.empty() && (std::isalnum(static_cast<unsigned char>(sql.front())) || sql.front() == '_')) {
    word += static_cast<char>(std::tolower(static_cast<unsigned char>(sql.front())));
    sql.remove_prefix(1);
  }
  return word;
}

}  // namespace

std::string_view why_refused(std::string_view sql) {
  constexpr std::string_view ends =
      "results and offsets are committed together, by the consumer after the handler has returned: remove the "
      "statement. To "
      "undo a part, use transaction.savepoint(); to give the batch up, throw";
  const auto word = next_word(sql);
  if (word == "commit" || word == "end" || word == "abort" || word == "begin" || word == "start") return ends;
  if (word == "prepare" && next_word(sql) == "transaction") return ends;
  if (word == "rollback") {
    auto second = next_word(sql);
    if (second == "work" || second == "transaction") second = next_word(sql);
    if (second != "to") return ends;
  }
  if (word == "copy") return "use transaction.copy() for rows, or transaction.connection() for other kinds of COPY";
  return {};
}

}  // namespace tidemark::detail
