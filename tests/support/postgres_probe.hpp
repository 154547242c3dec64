#pragma once

#include <memory>
#include <string>

struct pg_conn;

namespace tidemark::test {

/// A plain, blocking client beside the store under test.
///
/// Errors: std::runtime_error, with the server's words.
class PostgresProbe {
 public:
  explicit PostgresProbe(const std::string& connection);

  /// Runs SQL, and returns the rows of the last statement: fields separated by '|', rows by '\n', NULL as nothing.
  std::string operator()(const std::string& sql);

 private:
  struct Close {
    void operator()(pg_conn* connection) const;
  };
  std::unique_ptr<pg_conn, Close> connection_;
};

}  // namespace tidemark::test
