#pragma once

#include <cstddef>
#include <cstdint>
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

}  // namespace tidemark::file
