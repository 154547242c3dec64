#include "engine/committer.hpp"

#include <algorithm>
#include <string>

#include <fmt/format.h>

#include <tidemark/error.hpp>

#include "core/commit_resolution.hpp"
#include "core/invariant.hpp"
#include "engine/store_call.hpp"
#include "engine/stored_offsets.hpp"

namespace tidemark::engine {
namespace {

void append(std::vector<core::Claim>& to, std::span<const core::Claim> claims) {
  to.insert(to.end(), claims.begin(), claims.end());
}

/// `those` are among the claims: mostly all of them, which are not compared then, each to each.
std::vector<core::Claim> without(std::span<const core::Claim> claims, std::span<const core::Claim> those) {
  std::vector<core::Claim> rest;
  if (those.size() == claims.size()) return rest;
  for (const auto& claim : claims)
    if (core::claim_on(those, claim.range.partition) == those.end()) rest.push_back(claim);
  return rest;
}

}  // namespace

Committer::Committer(const WorkerContext& context, BatchReader& reader, Interrupt& interrupt)
    : context_{context}, reader_{reader}, interrupt_{interrupt}, conflicts_{context.options.max_conflicts} {}

void Committer::commit(std::span<const core::Claim> claims) {
  const auto outcome = try_commit(claims);
  settle(outcome.done);
  for (const auto& conflict : outcome.conflicts) refuse(claims, conflict);
  reader_.drop(without(claims, outcome.done));
}

Committer::Outcome Committer::try_commit(std::span<const core::Claim> claims) {
  TIDEMARK_EXPECTS(std::ranges::is_sorted(claims, {}, core::partition_of));  // one a partition
  Outcome outcome;
  StoreCall call{context_.options.store_retry, context_.notifier, &watch_};
  const auto began = std::chrono::steady_clock::now();
  const CallWatch::Call watched{watch_, began};
  bool is_unknown = false;
  for (auto left = reader_.valid(claims); !left.empty(); left = reader_.valid(left)) {
    try {
      if (is_unknown) {
        resolve(left, outcome);
        is_unknown = false;
      } else if (const auto conflict = context_.store.commit(session(), core::ranges_of(left))) {
        outcome.conflicts.push_back(*conflict);
        const auto refused = core::claim_on(left, conflict->partition);
        if (refused == std::span<const core::Claim>{left}.end()) break;  // not one of ours: refuse() says so
        left = without(left, {&*refused, 1});
      } else {
        append(outcome.done, left);
        left.clear();
      }
    } catch (...) {
      is_unknown = true;
      call.wait_or_rethrow("the offsets could not be committed", interrupt_);
    }
  }
  if (!outcome.done.empty())
    context_.notifier->on_commit(
        {core::ranges_of(outcome.done), call.failures() + 1, std::chrono::steady_clock::now() - began});
  return outcome;
}

void Committer::resolve(std::vector<core::Claim>& left, Outcome& outcome) {
  auto resolution = core::resolve_commit(left, load_checked(context_.store, session(), core::partitions_of(left)));
  append(outcome.done, resolution.done);
  outcome.conflicts.insert(outcome.conflicts.end(), resolution.conflicts.begin(), resolution.conflicts.end());
  left = std::move(resolution.again);
}

GroupSession Committer::session() const {
  return session_until(context_.options, context_.client, context_.store_stop);
}

void Committer::settle(std::span<const core::Claim> claims) {
  const auto ranges = core::ranges_of(claims);
  context_.published.advance(ranges);
  conflicts_.on_commit(ranges);
  reader_.settle(claims);
}

void Committer::refuse(std::span<const core::Claim> claims, const Conflict& conflict) {
  const auto& [topic, partition] = conflict.partition;
  const auto refused = core::claim_on(claims, conflict.partition);
  if (refused == claims.end())
    throw StoreError{
        fmt::format("the store reports a conflict on {} [{}], which was not to be committed", topic, partition),
        StoreError::Retry::no};
  context_.notifier->on_conflict({conflict, refused->range});
  if (conflicts_.on_conflict(conflict.partition, std::chrono::steady_clock::now()))
    throw ConflictError{
        conflict.partition,
        fmt::format(
            "the offsets of group \"{}\" in {} [{}] were moved by somebody else {} times in a row (last: expected {}, "
            "found {}); make sure that nothing else commits as this group, or raise ConsumerOptions::max_conflicts",
            context_.options.group, topic, partition, context_.options.max_conflicts, refused->range.from,
            conflict.stored ? std::to_string(*conflict.stored) : "none")};
  if (reader_.park(*refused))
    context_.mailbox.post(message::Parked{conflict.partition, refused->range.from, std::nullopt});
}

}  // namespace tidemark::engine
