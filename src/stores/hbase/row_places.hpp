#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "stores/hbase/row_key.hpp"

namespace tidemark::detail {

/// Numbers the rows of a group's topics, in the order in which the topics come up.
///
/// Lifetime: the topics' names, and the group's, must outlive it.
class HBaseRowPlaces {
 public:
  explicit HBaseRowPlaces(std::string_view group) : group_{group} {}

  /// Errors: as hbase_row_key()'s.
  std::size_t of(const std::string& topic) {
    const auto [place, is_new] = places_.try_emplace(topic, keys_.size());
    if (is_new) keys_.push_back(hbase_row_key(group_, topic));
    return place->second;
  }

  const std::string& key(std::size_t place) const { return keys_[place]; }

 private:
  std::string_view group_;
  std::map<std::string_view, std::size_t> places_;
  std::vector<std::string> keys_;
};

}  // namespace tidemark::detail
