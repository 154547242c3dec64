#pragma once

#include <random>
#include <string>

#include "stores/hbase/failure.hpp"

namespace tidemark::detail {

/// How often a change of one row is tried.
class HBaseAttempts {
 public:
  explicit HBaseAttempts(const std::string& key) : key_{key} {}

  /// Whether `change()` went through. False: look at the row and try again. Where nobody knows, that is allowed once.
  ///
  /// Errors: what `change` throws; StoreError, retryable, after others were first for a hundred times.
  template <class Change>
  bool succeeded(Change&& change) {
    try {
      if (change()) return true;
    } catch (const HBaseLost&) {
      if (++lost_ > 1) throw;
      return false;
    } catch (const HBaseRefusal& refusal) {
      if (!refusal.is_retryable() || ++lost_ > 1) throw;
      return false;
    }
    beaten();
    return false;
  }

 private:
  /// Somebody else changed the row first, so somebody got on. Waits a little, at random, to come between them.
  void beaten();

  const std::string& key_;
  int beaten_ = 0;
  int lost_ = 0;
  std::minstd_rand random_{std::random_device{}()};
};

}  // namespace tidemark::detail
