#include "stores/zookeeper/transition.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <random>
#include <thread>
#include <utility>

#include "stores/zookeeper/failure.hpp"
#include "stores/zookeeper/request_size.hpp"
#include "stores/zookeeper/stored.hpp"

namespace tidemark::detail {

namespace {

// As ZooKeeper counts: after 2^31 - 1 it goes on below zero. (At -1, once in 2^32 writes, a version guards nothing.)
std::int32_t next_version(std::int32_t version) {
  return static_cast<std::int32_t>(static_cast<std::uint32_t>(version) + 1U);
}

/// Others commit the same znodes: at random times, so that not all of them are beaten again by the same one.
void pause(int beaten) {
  constexpr int longest_us = 16'000;
  thread_local std::minstd_rand random{std::random_device{}()};
  const int most = std::min(longest_us, 500 << std::min(beaten, 5));
  std::this_thread::sleep_for(std::chrono::microseconds{std::uniform_int_distribution{0, most}(random)});
}

}  // namespace

ZooKeeperTransition::ZooKeeperTransition(ZooKeeperSession& session, ZooKeeperVersions& versions,
                                         const ZooKeeperPaths& paths, std::span<const ZooKeeperTarget> targets)
    : session_{session}, versions_{versions}, paths_{paths}, targets_{targets}, deadline_{session.deadline()} {}

std::optional<ZooKeeperObstacle> ZooKeeperTransition::run() {
  recall();
  for (int beaten = 0;;) {
    const auto obstacle = plan();
    const bool is_settled = obstacle || !moves_;
    if (is_settled && is_fresh_) return obstacle;
    if (is_settled || make_parents()) {
      read();
      continue;
    }
    check_size();
    const auto code = session_.multi(changes_, deadline_);
    switch (zookeeper_outcome(code)) {
      case ZooKeeperOutcome::done:
        remember();
        return std::nullopt;
      case ZooKeeperOutcome::mismatch:
        pause(++beaten);
        read();
        break;
      case ZooKeeperOutcome::unknown:
        if (before_.empty()) before_ = nodes_;
        read_back();
        break;
      case ZooKeeperOutcome::refused:
        throw zookeeper_failure(session_.options(), code, fmt::format("write below {}", paths_.group()));
    }
    if (stores::Deadline{deadline_}.is_over())
      throw zookeeper_timeout(
          session_.options(),
          fmt::format("others kept changing the znodes below {}: no commit came through", paths_.group()));
  }
}

void ZooKeeperTransition::recall() {
  if (auto known = versions_.recall(paths_.all()))
    nodes_ = std::move(*known);
  else
    read();
}

void ZooKeeperTransition::read() {
  nodes_ = session_.read(paths_.all(), deadline_);
  versions_.remember(paths_.all(), nodes_);
  is_fresh_ = true;
}

void ZooKeeperTransition::read_back() {
  try {
    read();
  } catch (const StoreError& error) {
    throw StoreError{
        fmt::format("{}; a write's reply was lost, so it may or may not have been carried out", error.what()),
        StoreError::Retry::yes};
  }
}

std::optional<ZooKeeperObstacle> ZooKeeperTransition::plan() {
  using Kind = ZooKeeperChange::Kind;
  const auto& paths = paths_.all();
  changes_.clear();
  moves_ = false;
  std::vector<Kind> topics(paths.size() - targets_.size(), Kind::check);
  for (std::size_t i = 0; i < targets_.size(); ++i) {
    const auto& target = targets_[i];
    const auto& node = nodes_[i];
    switch (next_step(target, node, before_.empty() ? nullptr : &before_[i])) {
      case ZooKeeperStep::conflict:
        if (!is_fresh_) return ZooKeeperObstacle{i, std::nullopt};  // is looked at again, with what is stored now
        return ZooKeeperObstacle{i, zookeeper_stored(session_.options(), paths[i], node)};
      case ZooKeeperStep::keep:
        if (node.exists) changes_.push_back({Kind::check, paths[i], node.version});
        break;
      case ZooKeeperStep::write:
        changes_.push_back(
            {node.exists ? Kind::set : Kind::create, paths[i], node.version, fmt::to_string(*target.until)});
        moves_ = true;
        break;
      case ZooKeeperStep::remove:
        changes_.push_back({Kind::remove, paths[i], node.version});
        topics[paths_.topic_of(i) - targets_.size()] = Kind::set;
        moves_ = true;
        break;
    }
  }
  for (auto i = targets_.size(); i < paths.size(); ++i)
    if (const auto& node = nodes_[i]; node.exists)
      changes_.push_back({topics[i - targets_.size()], paths[i], node.version, node.data});
  return std::nullopt;
}

bool ZooKeeperTransition::make_parents() {
  bool made = false;
  for (std::size_t i = 0; i < targets_.size(); ++i) {
    const auto topic = paths_.topic_of(i);
    if (!targets_[i].until || nodes_[topic].exists) continue;
    session_.make(paths_.all()[topic], paths_.root(), deadline_);
    nodes_[topic].exists = true;  // its version is read next
    made = true;
  }
  return made;
}

void ZooKeeperTransition::check_size() const {
  const auto size = zookeeper_request_size(changes_, session_.options());
  if (const auto most = session_.options().max_request_bytes; size > most)
    throw StoreError{
        zookeeper_message(
            session_.options(),
            fmt::format(
                "{} partitions below {} take a request of {} bytes, and the servers drop the connection at more than "
                "their jute.maxbuffer; raise that and ZooKeeperOffsetStoreOptions::max_request_bytes ({}), or let "
                "more consumers share the partitions",
                targets_.size(), paths_.group(), size, most)),
        StoreError::Retry::no};
}

void ZooKeeperTransition::remember() {
  // changes_ are in the order of the paths, without those that need none.
  auto path = std::size_t{0};
  for (auto& change : changes_) {
    while (paths_.all()[path] != change.path) ++path;
    auto& node = nodes_[path];
    switch (change.kind) {
      case ZooKeeperChange::Kind::check:
        break;
      case ZooKeeperChange::Kind::create:
        node = {true, 0, std::move(change.data)};
        break;
      case ZooKeeperChange::Kind::set:
        node = {true, next_version(node.version), std::move(change.data)};
        break;
      case ZooKeeperChange::Kind::remove:
        node = {};
        break;
    }
  }
  versions_.remember(paths_.all(), nodes_);
}

}  // namespace tidemark::detail
