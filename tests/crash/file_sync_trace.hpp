#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace tidemark::test {

/// Where a writer, traced by `strace -f -y`, told of an offset that a power failure could still have taken away: its record was not
/// synced, or the log's coming into its place, or a folder above it. From the store's folder `crash` up, as the writer makes it.
std::vector<std::string> told_before_durable(std::string_view trace);

/// The calls that told_before_durable() must see. A `?` lets a machine lack the older form of a call.
inline const std::string traced_calls = "write,fdatasync,fsync,?renameat,?mkdir,mkdirat";

}  // namespace tidemark::test
