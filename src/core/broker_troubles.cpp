#include "core/broker_troubles.hpp"

#include <algorithm>

#include "core/cut_text.hpp"

namespace tidemark::core {
namespace {

// A text for people shows no more of them. A large cluster behind a wrong address has as many troubles as brokers.
constexpr std::size_t most_brokers = 5;
constexpr std::size_t longest_text = 300;
constexpr std::size_t longest_alone = 1000;

/// "host:port/1" of "_RESOLVE: host:port/1: Failed …"; empty where the text is not about a broker that was advertised.
std::string_view advertised_broker(std::string_view text) {
  constexpr std::string_view separator = ": ";
  const auto begin = text.find(separator);
  if (begin == std::string_view::npos) return {};
  text.remove_prefix(begin + separator.size());
  const auto name = text.substr(0, text.find(separator));
  if (name.starts_with("GroupCoordinator")) return name;
  const auto id = name.substr(std::min(name.rfind('/'), name.size() - 1) + 1);
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  return name.size() < text.size() && name.find(':') != std::string_view::npos && !id.empty() &&
                 id.size() < name.size() && std::ranges::all_of(id, is_digit)
             ? name
             : std::string_view{};
}

}  // namespace

void BrokerTroubles::on_trouble(std::string_view text) {
  last_ = cut_text(text, longest_alone);
  const auto broker = advertised_broker(text);
  if (broker.empty()) return;
  const auto found = advertised_.find(broker);
  if (found != advertised_.end())
    found->second = cut_text(text, longest_text);
  else if (advertised_.size() < most_brokers)
    advertised_.emplace(broker, cut_text(text, longest_text));
}

std::string BrokerTroubles::with_advertised() const {
  std::string all;
  for (const auto& [broker, text] : advertised_) all += (all.empty() ? "" : "; ") + text;
  return all;
}

}  // namespace tidemark::core
