#include "dead_letters/kafka_headers.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <string>
#include <string_view>

#include <fmt/format.h>

#include <tidemark/error.hpp>

namespace tidemark::kafka {
namespace {

constexpr std::string_view reason_name = "tidemark.reason";
constexpr std::string_view deaths_name = "tidemark.deaths";

constexpr std::array<std::string_view, 9> own_names{
    "tidemark.topic", "tidemark.partition", "tidemark.offset",   "tidemark.timestamp", "tidemark.group",
    reason_name,      "tidemark.why",       "tidemark.attempts", deaths_name,
};

void add(rd_kafka_headers_t& headers, std::string_view name, const Bytes& value) {
  const auto code = rd_kafka_header_add(&headers, name.data(), static_cast<ssize_t>(name.size()), value.data(),
                                        static_cast<ssize_t>(value.size()));
  if (code) throw StoreError{fmt::format("cannot add a header: {}", rd_kafka_err2str(code)), StoreError::Retry::no};
}

/// How often the record was a letter before. Each set of headers stands for a time, and the last one may count those before it.
std::uint64_t earlier_deaths(const Headers& headers) {
  const auto sets =
      std::ranges::count(headers.begin(), headers.end(), reason_name, [](const Header& header) { return header.name; });
  std::uint64_t counted = 0;
  if (const auto value = headers.find(deaths_name))
    std::from_chars(value->text().data(), value->text().data() + value->text().size(), counted);
  return std::max(static_cast<std::uint64_t>(sets), counted);
}

}  // namespace

HeadersHandle headers_of(const DeadLetter& letter) {
  const auto& record = letter.record;
  const auto original = record.headers();
  HeadersHandle headers{rd_kafka_headers_new(original.size() + own_names.size())};
  for (const auto& header : original)
    if (std::ranges::find(own_names, header.name) == own_names.end()) add(*headers, header.name, header.value);
  const auto add_text = [&](std::string_view name, std::string_view text) { add(*headers, name, Bytes{text}); };
  add_text("tidemark.topic", record.topic());
  add_text("tidemark.partition", std::to_string(record.partition()));
  add_text("tidemark.offset", std::to_string(record.offset()));
  if (const auto timestamp = record.timestamp())
    add_text("tidemark.timestamp",
             std::to_string(std::chrono::floor<std::chrono::milliseconds>(timestamp->time_since_epoch()).count()));
  add_text("tidemark.group", letter.group);
  add_text(reason_name, name_of(letter.reason));
  add_text("tidemark.why", letter.why);
  add_text("tidemark.attempts", std::to_string(letter.attempts));
  add_text(deaths_name, std::to_string(earlier_deaths(original) + 1));
  return headers;
}

}  // namespace tidemark::kafka
