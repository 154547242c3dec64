#pragma once

#include <cstddef>

#include "core/progress.hpp"
#include "engine/batch_in_hand.hpp"

namespace tidemark::engine {

/// Takes the first so many records out of a batch, with claims on what they cover. Both parts hold a claim on a partition that has
/// records in both; one without records stays behind.
BatchInHand divide(BatchInHand& batch, std::size_t records, core::Progress& progress);

}  // namespace tidemark::engine
