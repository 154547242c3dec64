#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace tidemark::file {

/// Any bytes as one word of letters, digits and `._-%`. Different texts stay different.
std::string escape(std::string_view text);

/// nullopt where `word` is not what escape() writes.
std::optional<std::string> unescape(std::string_view word);

/// The name of a group's folder: safe in any file system, and its own for each group.
std::string folder_name(std::string_view group);

/// The group of a folder with that name; nullopt where no group has it, and where the group's name is too long to be in it.
std::optional<std::string> group_of_folder(std::string_view name);

}  // namespace tidemark::file
