#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "stores/file/offset_table.hpp"

namespace tidemark::file {

/// One line of a log: what changed, and its place in the order.
struct LogLine {
  std::uint64_t sequence = 0;
  Edits edits;
};

/// `body`, its checksum and the line's end.
std::string seal(std::string body);

/// The body of a sealed line (given without its '\n'); nullopt where the checksum does not match.
std::optional<std::string_view> unseal(std::string_view line);

std::string encode_header(std::string_view group);
std::string encode(const LogLine& line);

/// nullopt where `body` is not what encode() writes.
std::optional<LogLine> decode(std::string_view body);

/// The group that a header names; nullopt where `body` is no header of a format known here.
std::optional<std::string> decode_header(std::string_view body);

}  // namespace tidemark::file
