#pragma once

#include <string>
#include <string_view>

namespace tidemark::hdfs {

/// The name of a group's folder: one that HDFS and local file systems take, and its own for each group.
std::string group_folder(std::string_view group);

}  // namespace tidemark::hdfs
