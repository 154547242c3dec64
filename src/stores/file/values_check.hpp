#pragma once

#include <span>

#include <tidemark/offset_catalog.hpp>
#include <tidemark/offset_range.hpp>

namespace tidemark::file {

/// Errors: StoreError where a value can't be an offset, or a partition occurs twice.
void check(std::span<const OffsetRange> ranges);
void check(std::span<const StoredOffset> offsets);

}  // namespace tidemark::file
