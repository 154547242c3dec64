#include <fmt/format.h>

#include "testing/conformance_subject.hpp"

namespace tidemark::testing {

namespace {

constexpr std::size_t longest_name = 60;
constexpr std::size_t most_ranges = 5;

}  // namespace

std::string printable(std::string_view text) {
  std::string out;
  for (const auto c : text.substr(0, longest_name)) {
    const auto byte = static_cast<unsigned char>(c);
    out += byte < 0x20 || byte >= 0x7f ? fmt::format("\\x{:02x}", byte) : std::string{c};
  }
  return text.size() > longest_name ? fmt::format("{}… ({} bytes)", out, text.size()) : out;
}

std::string text_of(const TopicPartition& partition) {
  return fmt::format("{}/{}", printable(partition.topic), partition.partition);
}

std::string text_of(const std::optional<std::int64_t>& offset) {
  return offset ? fmt::format("{}", *offset) : std::string{"nothing stored"};
}

std::string text_of(const std::vector<OffsetRange>& ranges) {
  std::string out;
  for (std::size_t i = 0; i < ranges.size() && i < most_ranges; ++i)
    out += fmt::format("{}{} [{}, {})", i ? ", " : "", text_of(ranges[i].partition), ranges[i].from, ranges[i].until);
  return ranges.size() > most_ranges ? fmt::format("{}, … ({} ranges)", out, ranges.size()) : out;
}

}  // namespace tidemark::testing
