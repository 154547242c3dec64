#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "stores/file/offset_table.hpp"

namespace tidemark::file {

/// What a log's bytes amount to.
struct Recovered {
  OffsetTable table;
  std::uint64_t sequence = 0;   ///< Of the last whole line.
  std::size_t whole_bytes = 0;  ///< What follows is a torn line: the write of a commit that nobody was told of.
};

/// Reads a log after whatever happened to it. The rules stand in <tidemark/stores/file.hpp>.
///
/// Errors: StoreError where acknowledged offsets may be damaged; it names `file`, the place and the way on.
Recovered recover(std::string_view bytes, std::string_view group, const std::string& file);

/// Whose log this is, by the name of its folder or, where the group's name is too long for that, by the log's header. nullopt: nobody's.
std::optional<std::string> group_in(std::string_view folder, std::string_view bytes);

}  // namespace tidemark::file
