#include "engine/committer.hpp"

#include "core/commit_resolution.hpp"
#include "engine/store_call.hpp"
#include "engine/stored_offsets.hpp"

namespace tidemark::engine {
namespace {

std::vector<TopicPartition> partitions_of(std::span<const core::Claim> claims) {
  std::vector<TopicPartition> partitions;
  for (const auto& claim : claims) partitions.push_back(claim.range.partition);
  return partitions;
}

void append(std::vector<core::Claim>& to, std::span<const core::Claim> claims) {
  to.insert(to.end(), claims.begin(), claims.end());
}

void leave_out(std::vector<core::Claim>& claims, const TopicPartition& partition) {
  const auto left_out =
      std::erase_if(claims, [&](const core::Claim& claim) { return claim.range.partition == partition; });
  if (left_out == 0) claims.clear();  // a conflict on what was not asked for: the worker refuses it
}

}  // namespace

Committer::Outcome Committer::commit(std::span<const core::Claim> claims, BatchReader& reader, Interrupt& interrupt) {
  Outcome outcome;
  StoreCall call{retry_, notifier_};
  const auto began = std::chrono::steady_clock::now();
  bool is_unknown = false;
  for (auto left = reader.valid(claims); !left.empty(); left = reader.valid(left)) {
    try {
      if (is_unknown) {
        const auto resolution = core::resolve_commit(left, load_checked(store_, session_, partitions_of(left)));
        append(outcome.done, resolution.done);
        outcome.conflicts.insert(outcome.conflicts.end(), resolution.conflicts.begin(), resolution.conflicts.end());
        left = resolution.again;
        is_unknown = false;
        continue;
      }
      if (const auto conflict = store_.commit(session_, core::ranges_of(left))) {
        outcome.conflicts.push_back(*conflict);
        leave_out(left, conflict->partition);
        continue;
      }
      append(outcome.done, left);
      left.clear();
    } catch (...) {
      is_unknown = true;
      call.wait_or_rethrow("the offsets could not be committed", interrupt);
    }
  }
  if (!outcome.done.empty())
    notifier_->on_commit(
        {core::ranges_of(outcome.done), call.failures() + 1, std::chrono::steady_clock::now() - began});
  return outcome;
}

}  // namespace tidemark::engine
