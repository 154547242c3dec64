#pragma once

#include <string>
#include <string_view>

#include <tidemark/bytes.hpp>

namespace tidemark::json {

bool is_utf8(std::string_view text);

/// A JSON string, quotes included. Bytes that are not UTF-8 become U+FFFD.
void append_string(std::string& to, std::string_view text);

/// A string, null, or {"base64": …} where it is not UTF-8.
void append_bytes(std::string& to, const Bytes& bytes);

}  // namespace tidemark::json
