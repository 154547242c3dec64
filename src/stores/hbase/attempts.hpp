#pragma once

#include <random>
#include <string>

namespace tidemark::detail {

/// How often a change of one row is tried.
class HBaseAttempts {
 public:
  explicit HBaseAttempts(const std::string& key) : key_{key} {}

  /// Somebody else changed the row first, so somebody got on. Waits a little, at random, to come between them.
  ///
  /// Errors: StoreError, retryable, after a hundred times.
  void beaten();

  /// To be called in a handler. The outcome is unknown: may be read back once; then the exception goes on.
  void lost() {
    if (++lost_ > 1) throw;
  }

 private:
  const std::string& key_;
  int beaten_ = 0;
  int lost_ = 0;
  std::minstd_rand random_{std::random_device{}()};
};

}  // namespace tidemark::detail
