#pragma once

#include <span>
#include <vector>

#include <tidemark/offset_store.hpp>
#include <tidemark/options.hpp>

#include "core/progress.hpp"
#include "engine/batch_reader.hpp"
#include "engine/interrupt.hpp"
#include "engine/notifier.hpp"

namespace tidemark::engine {

/// Moves a batch's claims into the store: tries again after errors, and resolves unknown outcomes by loading.
class Committer {
 public:
  Committer(OffsetStore& store, const GroupSession& session, const StoreRetry& retry, const Notifier& notifier)
      : store_{store}, session_{session}, retry_{retry}, notifier_{notifier} {}

  struct Outcome {
    std::vector<core::Claim> done;
    std::vector<Conflict> conflicts;
  };

  /// Leaves out claims that stop being valid meanwhile. Throws the store's error when it cannot be overcome.
  Outcome commit(std::span<const core::Claim> claims, BatchReader& reader, Interrupt& interrupt);

 private:
  OffsetStore& store_;
  GroupSession session_;
  StoreRetry retry_;
  const Notifier& notifier_;
};

}  // namespace tidemark::engine
