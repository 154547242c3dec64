#pragma once

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <string>
#include <string_view>
#include <system_error>

#include <tidemark/observer.hpp>

/// Tells demo.sh what was begun and what was committed: lines "begin RECORDS" and "commit RECORDS". They go to the file at once, so
/// that they are still there after SIGKILL.
class Journal final : public tidemark::Observer {
 public:
  explicit Journal(const std::string& path)
      : descriptor_{::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644)} {
    if (descriptor_ < 0) throw std::system_error{errno, std::generic_category(), "cannot open " + path};
  }
  ~Journal() override { ::close(descriptor_); }
  Journal(const Journal&) = delete;
  Journal& operator=(const Journal&) = delete;

  void begin(std::size_t records) { write("begin " + std::to_string(records) + "\n"); }

  void on_commit(const tidemark::CommitEvent& commit) noexcept override {
    std::int64_t records = 0;
    for (const auto& range : commit.ranges) records += range.until - range.from;  // this topic has no gaps
    try {
      write("commit " + std::to_string(records) + "\n");
    } catch (const std::exception& error) {
      on_error(error.what());
    }
  }
  void on_error(std::string_view what) noexcept override {
    std::fprintf(stderr, "totals: %.*s\n", static_cast<int>(what.size()), what.data());
  }

 private:
  void write(const std::string& line) {
    if (::write(descriptor_, line.data(), line.size()) != static_cast<ssize_t>(line.size()))
      throw std::system_error{errno, std::generic_category(), "cannot write the journal"};
  }

  const int descriptor_;
};
