#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <tidemark/offset_range.hpp>

#include "stores/hbase/gateway.hpp"

namespace tidemark::detail {

/// The column that each change of a row replaces, so that comparing it compares the row.
inline constexpr const char* hbase_token_column = "commit";

/// Some partitions of a row, as they are as long as the row has this token.
struct HBaseKnownRow {
  std::string token{};  ///< Empty: the row has none.
  std::map<std::int32_t, std::optional<std::int64_t>> next{};
};

/// Errors: StoreError, not retryable, for a value that is no offset; it names table, row, column and value.
std::optional<std::int64_t> hbase_next(const HBaseOffsetStoreOptions& options, const HBaseRow& row,
                                       const std::string& key, std::int32_t partition);

/// What a row says of these partitions.
HBaseKnownRow hbase_known(const HBaseOffsetStoreOptions& options, const HBaseRow& row, const std::string& key,
                          std::span<const OffsetRange* const> ranges);

/// Adds the row's other partitions. A value that is no offset is left out: it is another consumer's to complain of.
void hbase_add_others(HBaseKnownRow& known, const HBaseRow& row);

/// What a commit is to do about a row.
struct HBaseVerdict {
  bool is_known = true;                     ///< False: a partition of it was not looked at.
  std::vector<const OffsetRange*> moves{};  ///< None, without a conflict: all is done.
  std::optional<Conflict> conflict{};       ///< The first one.
};

HBaseVerdict hbase_judge(const HBaseKnownRow& known, std::span<const OffsetRange* const> ranges);

}  // namespace tidemark::detail
