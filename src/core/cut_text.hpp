#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include <fmt/format.h>

namespace tidemark::core {

/// The most of a text that others wrote, in bytes, which is put into headers, events and errors.
constexpr std::size_t most_outside_text = 4096;

/// The text, cut to at most `most` bytes where it is longer. What is cut off is told, and no UTF-8 character is cut apart.
inline std::string cut_text(std::string_view text, std::size_t most = most_outside_text) {
  if (text.size() <= most) return std::string{text};
  const auto mark = fmt::format("… (cut, of {} bytes)", text.size());
  auto end = most - mark.size();
  // A character has up to three bytes behind its first. Where there are more, the text is no UTF-8 anyway.
  for (int i = 0; i < 3 && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80; ++i) --end;
  return std::string{text.substr(0, end)} + mark;
}

}  // namespace tidemark::core
