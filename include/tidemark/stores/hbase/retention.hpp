#pragma once

#include <chrono>
#include <optional>
#include <string>

#include <tidemark/export.hpp>

namespace tidemark {

/// How long HBase keeps what a table's family holds. A cell that expires is gone for good: a group that was idle for so long starts
/// anew, as if it had never stored anything.
struct TIDEMARK_EXPORT HBaseRetention {
  bool is_known = false;  ///< False where the gateway's user may not look at the table's descriptor.
  std::optional<std::chrono::seconds> time_to_live{};  ///< nullopt: for ever.

  bool keeps_offsets() const { return is_known && !time_to_live; }

  /// One line for a log: what is set, what it means, and how to change it.
  std::string text() const;
};

}  // namespace tidemark
