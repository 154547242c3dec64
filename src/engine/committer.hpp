#pragma once

#include <span>
#include <vector>

#include <tidemark/offset_store.hpp>

#include "core/claim.hpp"
#include "core/conflict_guard.hpp"
#include "engine/batch_reader.hpp"
#include "engine/call_watch.hpp"
#include "engine/interrupt.hpp"
#include "engine/worker_context.hpp"

namespace tidemark::engine {

/// Moves a worker's claims into the store, and draws the consequences: progress moves on, a conflict parks its partition.
///
/// Thread safety: one thread at a time; which one may change.
class Committer {
 public:
  Committer(const WorkerContext& context, BatchReader& reader, Interrupt& interrupt);

  /// Tries again after errors, and resolves unknown outcomes by loading. Claims that stop being valid meanwhile are left out.
  /// Throws the store's error when it cannot be overcome, and ConflictError after too many conflicts.
  void commit(std::span<const core::Claim> claims);

  const CallWatch& watch() const { return watch_; }

  /// The claims are in the store.
  void settle(std::span<const core::Claim> claims);
  /// The store refuses one of the claims, which is still to be dropped. The partition goes on from what is stored.
  void refuse(std::span<const core::Claim> claims, const Conflict& conflict);

 private:
  struct Outcome {
    std::vector<core::Claim> done;
    std::vector<Conflict> conflicts;
  };

  Outcome try_commit(std::span<const core::Claim> claims);
  void resolve(std::vector<core::Claim>& left, Outcome& outcome);

  GroupSession session() const;

  WorkerContext context_;
  BatchReader& reader_;
  Interrupt& interrupt_;
  core::ConflictGuard conflicts_;
  CallWatch watch_;
};

}  // namespace tidemark::engine
