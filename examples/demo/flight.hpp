#pragma once

#include <charconv>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>

#include <tidemark/decoder.hpp>

/// What the demo needs of a row of flights.csv. The carrier is the record's key.
struct Flight {
  std::optional<int> departure_delay;  ///< Minutes, negative when early; nullopt: cancelled.
};

template <>
struct tidemark::Decoder<Flight> {
  Flight operator()(const tidemark::Record<>& record) const {
    auto delay = record.value().text();
    for (int column = 1; column < departure_delay_column; ++column) delay.remove_prefix(next_field(delay));
    delay = delay.substr(0, delay.find(','));
    if (delay == "NA") return {};  // it never left
    int minutes = 0;
    const auto [end, error] = std::from_chars(delay.data(), delay.data() + delay.size(), minutes);
    if (error != std::errc{} || end != delay.data() + delay.size()) fail(record);
    return {minutes};
  }

 private:
  static constexpr int departure_delay_column = 6;

  /// The file quotes nothing, so that a comma always separates.
  static std::size_t next_field(std::string_view text) {
    const auto comma = text.find(',');
    return comma == text.npos ? text.size() : comma + 1;
  }

  [[noreturn]] static void fail(const tidemark::Record<>& record) {
    throw std::invalid_argument{"no flight at offset " + std::to_string(record.offset()) + " of partition " +
                                std::to_string(record.partition()) + ": " + std::string{record.value().text()}};
  }
};
