#pragma once

#include <sys/types.h>

#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace tidemark::test {

/// Starts a program with its stdout and stderr in `output`, bound to the life of this process. Process is the face of it.
pid_t spawn(const std::vector<std::string>& command, const std::map<std::string, std::string>& environment,
            const std::filesystem::path& working_folder, int output);

}  // namespace tidemark::test
