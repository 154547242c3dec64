#include "engine/outside.hpp"

#include <algorithm>
#include <utility>

#include <librdkafka/rdkafka.h>

namespace tidemark::engine {
namespace {

// Behind a fetch of an idle consumer an answer takes half a second.
constexpr std::chrono::milliseconds longest_timeout{1000};
constexpr std::chrono::milliseconds between_searches{1000};

/// "orders" of "UNKNOWN_TOPIC_OR_PART: Subscribed topic not available: orders: Broker: …".
std::string_view missing_topic(std::string_view text) {
  constexpr std::string_view before = "Subscribed topic not available: ";
  const auto begin = text.find(before);
  if (begin == std::string_view::npos) return {};
  text.remove_prefix(begin + before.size());
  return text.substr(0, text.find(": "));
}

}  // namespace

void Outside::on_trouble(int code, std::string_view text, TimePoint now) {
  if (code == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN) {
    if (!brokers_) brokers_ = Missing{now, last_trouble_.empty() ? std::string{text} : last_trouble_};
    return;
  }
  last_trouble_ = text;
  if (has_group_ && text.find(": GroupCoordinator") != std::string_view::npos) {
    if (!coordinator_) coordinator_ = Missing{now, {}};
    coordinator_->why = text;
  }
  if (code == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART)
    if (const auto topic = missing_topic(text); !topic.empty())
      topics_.try_emplace(std::string{topic}, Missing{now, std::string{text}});
}

void Outside::on_sign_of_life() {
  brokers_.reset();
  coordinator_.reset();
}

std::optional<Outside::Search> Outside::search(TimePoint now) {
  if (is_complete()) timeout_ = first_timeout;
  if (is_complete() || is_searching_ || now < next_search_) return std::nullopt;
  is_searching_ = true;
  next_search_ = now + between_searches;
  Search search{coordinator_.has_value(), {}, std::exchange(timeout_, std::min(timeout_ * 2, longest_timeout))};
  for (const auto& [topic, missing] : topics_) search.topics.push_back(topic);
  return search;
}

void Outside::on_found(const Found& found) {
  is_searching_ = false;
  if (found.brokers) brokers_.reset();
  if (found.coordinator) coordinator_.reset();
  for (const auto& topic : found.topics) topics_.erase(topic);
}

}  // namespace tidemark::engine
