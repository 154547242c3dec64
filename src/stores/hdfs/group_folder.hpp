#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace tidemark::hdfs {

/// The name of a group's folder: one that HDFS and local file systems take, and its own for each group.
std::string group_folder(std::string_view group);

/// The group of a folder with that name; nullopt where no group has it, and where the group's name is too long to be in it.
std::optional<std::string> group_of_folder(std::string_view name);

}  // namespace tidemark::hdfs
