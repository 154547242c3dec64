#pragma once

#include <filesystem>
#include <string_view>
#include <vector>

#include <tidemark/export.hpp>
#include <tidemark/offset_catalog.hpp>

namespace tidemark {

/// Offsets from files that others wrote, to be put into a store once, by OffsetCatalog::overwrite, before its first consumer starts:
///
///     store.overwrite("billing", tidemark::read_librdkafka_offset_files("/var/lib/billing", "billing"));
///
/// Thread safety: safe.
/// Blocking:      as long as the disk takes.
/// Errors:        StoreError that names the file, and the line or value, that is none of the format. Nothing is guessed or skipped.

/// Kafka's checkpoint text (its class CheckpointFile): a line `0`, the number of entries, then one line `topic partition offset` each.
TIDEMARK_EXPORT std::vector<StoredOffset> read_kafka_checkpoint(const std::filesystem::path& file);

/// The files `<topic>-<partition>[-<group>].offset` that librdkafka writes with `offset.store.method=file`, each one decimal number.
/// `/`, `:` and `\` stand in their names as %2F, %3A and %5C.
///
/// `group`: whose files; those of others in the same directory are passed over. Empty: those of consumers without `group.id`. A name such as
/// `orders-0-7.offset` can be of topic `orders-0`, or of topic `orders` and group `7`: unless that group is asked for, it is refused.
TIDEMARK_EXPORT std::vector<StoredOffset> read_librdkafka_offset_files(const std::filesystem::path& directory,
                                                                       std::string_view group);

}  // namespace tidemark
