#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <variant>
#include <vector>

#include <fmt/format.h>

#include "core/session.hpp"
#include "support/catch.hpp"

/// What the tests of Session share: two partitions, and its answers as text.
namespace tidemark::test::session {

using namespace tidemark::core;
using namespace std::chrono_literals;

using Partitions = std::vector<TopicPartition>;

inline const TopicPartition a{"orders", 0};
inline const TopicPartition b{"orders", 1};
inline const Session::TimePoint now{};
inline constexpr bool whole = false;       // assignments change as a whole
inline constexpr bool incremental = true;  // what is assigned comes on top
inline const Session::Limits limits{.drain_timeout = 60s, .stop_timeout = 30s};

inline std::string text(const Partitions& partitions) {
  std::string all;
  for (const auto& [topic, partition] : partitions) all += fmt::format(" {}", partition);
  return all;
}

inline std::string text(const std::vector<PartitionStart>& starts) {
  std::string all;
  for (const auto& start : starts) all += fmt::format(" {}@{}", start.partition.partition, start.next);
  return all;
}

/// As a call of an action would be noted down.
struct Text {
  std::string operator()(const action::Load& action) { return "load" + text(action.partitions); }
  std::string operator()(const action::Accept&) { return "accept"; }
  std::string operator()(const action::Assign& action) { return "assign" + text(action.starts); }
  std::string operator()(const action::Add& action) { return "add" + text(action.starts); }
  std::string operator()(const action::Drain& action) { return "drain" + text(action.partitions); }
  std::string operator()(const action::Abandon& action) { return "abandon" + text(action.partitions); }
  std::string operator()(const action::Unassign& action) {
    return (action.lost ? "unassign lost" : "unassign") + text(action.partitions);
  }
  std::string operator()(const action::Reload& action) { return fmt::format("reload {}", action.partition.partition); }
  std::string operator()(const action::Reposition& action) {
    return fmt::format("reposition {}@{}", action.start.partition.partition, action.start.next);
  }
  std::string operator()(const action::Leave&) { return "leave"; }
};

/// As "drain 0 1, abandon 0": easy to compare, easy to read when it differs.
inline std::string told(const Session::Actions& actions) {
  std::string all;
  for (const auto& action : actions) all += (all.empty() ? "" : ", ") + std::visit(Text{}, action);
  return all;
}

inline std::uint64_t ticket_of(const Session::Actions& actions) {
  REQUIRE_FALSE(actions.empty());
  if (const auto* reload = std::get_if<action::Reload>(&actions.back())) return reload->ticket;
  return std::get<action::Load>(actions.back()).ticket;
}

inline PartitionStart start_of(const TopicPartition& partition, std::int64_t next = 5) {
  return {partition, next, next};
}

/// A session that owns both partitions.
inline Session owning_both() {
  Session session{limits};
  const auto ticket = ticket_of(session.on_assigned(Partitions{a, b}, whole));
  session.on_loaded(ticket, {start_of(a), start_of(b)});
  return session;
}

}  // namespace tidemark::test::session
