#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace tidemark::detail {

/// Where the offsets of a group and topic are: `<group>:<topic>`, each escaped, so that a key has exactly one ':' and belongs to one pair.
///
/// Errors: StoreError, not retryable, for names whose key HBase could not take.
std::string hbase_row_key(std::string_view group, std::string_view topic);

/// What the keys of all rows of a group, and of no other, begin with.
std::string hbase_row_prefix(std::string_view group);

/// The group of a key that hbase_row_key() makes; nullopt for others.
std::optional<std::string> hbase_group(std::string_view row_key);

/// The topic of one of that group's rows; nullopt where the key is none that hbase_row_key() makes.
std::optional<std::string> hbase_topic(std::string_view row_key, std::string_view prefix);

}  // namespace tidemark::detail
