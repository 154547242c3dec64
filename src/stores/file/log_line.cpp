#include "stores/file/log_line.hpp"

#include <charconv>
#include <concepts>
#include <cstddef>

#include <fmt/format.h>
#include <boost/crc.hpp>

#include "stores/file/escaping.hpp"

namespace tidemark::file {

namespace {

constexpr std::string_view header_start = "tidemark-offsets 1 group=";
constexpr std::string_view checksum_mark = " #";
constexpr std::size_t checksum_digits = 8;

using Crc32c = boost::crc_optimal<32, 0x1EDC6F41, 0xFFFFFFFF, 0xFFFFFFFF, true, true>;

std::string checksum(std::string_view text) {
  Crc32c crc;
  crc.process_bytes(text.data(), text.size());
  return fmt::format("{:08x}", crc.checksum());
}

template <std::integral Number>
std::optional<Number> parse(std::string_view digits) {
  Number number{};
  const auto* const end = digits.data() + digits.size();
  const auto [stopped, error] = std::from_chars(digits.data(), end, number);
  if (error != std::errc{} || stopped != end || number < 0) return std::nullopt;
  return number;
}

std::string_view take_word(std::string_view& text) {
  const auto word = text.substr(0, text.find(' '));
  text.remove_prefix(word.size() == text.size() ? word.size() : word.size() + 1);
  return word;
}

}  // namespace

std::string seal(std::string body) {
  const auto sum = checksum(body);
  return body.append(checksum_mark).append(sum).append("\n");
}

std::optional<std::string_view> unseal(std::string_view line) {
  if (line.size() < checksum_mark.size() + checksum_digits) return std::nullopt;
  const auto body = line.substr(0, line.size() - checksum_mark.size() - checksum_digits);
  const auto tail = line.substr(body.size());
  if (!tail.starts_with(checksum_mark) || tail.substr(checksum_mark.size()) != checksum(body)) return std::nullopt;
  return body;
}

std::string encode_header(std::string_view group) { return seal(std::string{header_start} + escape(group)); }

std::string encode(const LogLine& line) {
  auto body = fmt::format("{}", line.sequence);
  for (const auto& [partition, next] : line.edits) {
    body += ' ';
    body += escape(partition.topic);
    if (next) {
      fmt::format_to(std::back_inserter(body), ":{}={}", partition.partition, *next);
    } else {
      fmt::format_to(std::back_inserter(body), ":{}=-", partition.partition);
    }
  }
  return seal(std::move(body));
}

std::optional<LogLine> decode(std::string_view body) {
  const auto sequence = parse<std::uint64_t>(take_word(body));
  if (!sequence) return std::nullopt;
  LogLine line{*sequence, {}};
  while (!body.empty()) {
    const auto word = take_word(body);
    const auto colon = word.find(':');
    const auto equals = word.find('=');
    if (colon == std::string_view::npos || equals == std::string_view::npos || equals < colon) return std::nullopt;
    auto topic = unescape(word.substr(0, colon));
    const auto partition = parse<std::int32_t>(word.substr(colon + 1, equals - colon - 1));
    const auto value = word.substr(equals + 1);
    const auto next = value == "-" ? std::optional<std::int64_t>{} : parse<std::int64_t>(value);
    if (!topic || !partition || (!next && value != "-")) return std::nullopt;
    const auto added = line.edits.emplace(TopicPartition{std::move(*topic), *partition}, next).second;
    if (!added) return std::nullopt;
  }
  return line;
}

std::optional<std::string> decode_header(std::string_view body) {
  if (!body.starts_with(header_start)) return std::nullopt;
  return unescape(body.substr(header_start.size()));
}

}  // namespace tidemark::file
