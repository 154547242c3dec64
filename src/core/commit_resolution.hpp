#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include <tidemark/offset_range.hpp>

#include "core/claim.hpp"

namespace tidemark::core {

/// What became of a commit whose outcome was unknown, as the store tells now.
struct CommitResolution {
  std::vector<Claim> done;
  std::vector<Claim> again;  ///< `from` is still stored, or nothing is.
  std::vector<Conflict> conflicts;
};

/// `stored[i]` is what was loaded for `claims[i]`.
CommitResolution resolve_commit(std::span<const Claim> claims, std::span<const std::optional<std::int64_t>> stored);

}  // namespace tidemark::core
