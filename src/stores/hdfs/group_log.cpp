#include "stores/hdfs/group_log.hpp"

#include <algorithm>
#include <random>
#include <utility>

#include <fmt/format.h>

#include "stores/common/waiting.hpp"
#include "stores/hdfs/failure.hpp"

namespace tidemark::hdfs {

namespace {

using Clock = std::chrono::steady_clock;

// How long others count as there after they were last met.
constexpr std::chrono::seconds crowd_lasts{10};

}  // namespace

OffsetTable GroupLog::load() {
  auto snapshot = checkpoint_.read();
  while (!checkpoint_.finish(snapshot)) snapshot = checkpoint_.read();
  return std::move(snapshot.table);
}

std::optional<StoreError> GroupLog::store(std::span<const Change* const> changes) noexcept {
  const stores::Deadline deadline{limits_.contention_timeout};
  try {
    give_way();
    while (!try_store(changes)) {
      stores::CallScope::check();
      if (deadline.is_over())
        throw passing(
            fmt::format("{}: others took every place in the log for {} ms. Commit larger batches, or raise "
                        "HdfsOffsetStoreOptions::contention_timeout.",
                        folder_, limits_.contention_timeout.count()));
    }
    return std::nullopt;
  } catch (const StoreError& error) {
    known_.reset();
    return error;
  } catch (const std::exception& error) {
    known_.reset();
    return passing(fmt::format("cannot commit to {}: {}", folder_, error.what()));
  }
}

/// Who has just stored a batch knows what the next one builds on, and would win every time over those that have to read it first.
void GroupLog::give_way() {
  const auto now = Clock::now();
  if (now > crowded_until_) return;
  thread_local std::minstd_rand random{std::random_device{}()};
  const auto turn = last_took_ * std::uniform_int_distribution{2, 4}(random);
  const auto until = last_stored_ + std::min<Clock::duration>(turn, std::chrono::seconds{1});
  if (until > now) stores::sleep_for(std::chrono::ceil<std::chrono::milliseconds>(until - now));
}

bool GroupLog::try_store(std::span<const Change* const> changes) {
  // Where nothing is written, nothing proves that what was known before still holds.
  for (const bool is_known : {true, false}) {
    if (is_known && !known_) continue;
    if (!is_known) known_ = checkpoint_.read();
    Proposal proposal{known_->table};
    bool is_refused = false;
    for (const auto* const change : changes) is_refused |= !(*change)(proposal);
    if (is_known && (is_refused || proposal.edits().empty())) continue;
    if (proposal.edits().empty()) return true;
    const auto began = Clock::now();
    const bool is_stored = checkpoint_.add(*known_, proposal.edits());
    last_stored_ = Clock::now();
    last_took_ = last_stored_ - began;
    if (!is_stored || known_->is_crowded) crowded_until_ = last_stored_ + crowd_lasts;
    if (is_stored) return true;
    last_stored_ = {};
    break;
  }
  known_.reset();
  return false;
}

}  // namespace tidemark::hdfs
