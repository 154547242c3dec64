#pragma once

#include <sys/types.h>

#include <chrono>
#include <csignal>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace tidemark::test {

/// How a process ended: by itself with a code, or by a signal.
struct ExitStatus {
  std::optional<int> code{};
  std::optional<int> signal{};

  bool operator==(const ExitStatus&) const = default;
};

/// A child process. It is killed when this object goes, and also when the test program itself dies, in whatever way.
///
/// Thread safety: distinct objects safe; shared objects unsafe. May be started from any thread.
/// Errors:        std::system_error where the program can't be started.
class Process {
 public:
  struct Options {
    std::vector<std::string> command{};                ///< Program, looked up in $PATH, and its arguments.
    std::map<std::string, std::string> environment{};  ///< Added to that of the test program.
    std::filesystem::path working_folder{};            ///< Empty: that of the test program.
    std::filesystem::path output_file{};  ///< Gets stdout and stderr, appended. Empty: only output() has them.
  };

  explicit Process(Options options);
  ~Process();
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  pid_t pid() const { return pid_; }
  /// What it has written to stdout and stderr so far.
  std::string output() const;

  bool running();
  void send(int signal);
  /// SIGSTOP. Returns once all of its threads stand still.
  void freeze();
  void thaw() { send(SIGCONT); }
  /// SIGKILL, and wait for its end.
  void kill();
  /// Its end, or nullopt when it still runs after `timeout`.
  std::optional<ExitStatus> wait(std::chrono::milliseconds timeout);

 private:
  int output_ = -1;
  pid_t pid_ = -1;
  std::optional<ExitStatus> ended_;
};

}  // namespace tidemark::test
