#include "support/process.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <system_error>
#include <utility>

#include "support/eventually.hpp"
#include "support/spawner.hpp"

namespace tidemark::test {
namespace {

int open_output(const std::filesystem::path& file) {
  const int descriptor = file.empty() ? ::memfd_create("output", MFD_CLOEXEC)
                                      : ::open(file.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  if (descriptor < 0) throw std::system_error{errno, std::generic_category(), "open the output of a process"};
  // Threads that write at once to a memfd would write over each other: it has no lock on its position.
  ::fcntl(descriptor, F_SETFL, ::fcntl(descriptor, F_GETFL) | O_APPEND);
  return descriptor;
}

}  // namespace

Process::Process(Options options) : output_{open_output(options.output_file)} {
  try {
    pid_ = spawn(options.command, options.environment, options.working_folder, output_);
  } catch (...) {
    ::close(output_);
    throw;
  }
}

Process::~Process() {
  kill();
  ::close(output_);
}

std::string Process::output() const {
  std::string text;
  std::array<char, 16'384> chunk;
  while (true) {
    const auto got = ::pread(output_, chunk.data(), chunk.size(), static_cast<off_t>(text.size()));
    if (got <= 0) return text;
    text.append(chunk.data(), static_cast<std::size_t>(got));
  }
}

bool Process::running() { return !wait(std::chrono::milliseconds{0}); }

void Process::send(int signal) {
  // Once its end was noted the number may belong to somebody else.
  if (!ended_) ::kill(pid_, signal);
}

void Process::freeze() {
  send(SIGSTOP);
  siginfo_t stopped{};
  while (::waitid(P_PID, static_cast<id_t>(pid_), &stopped, WSTOPPED | WEXITED | WNOWAIT) < 0 && errno == EINTR)
    continue;
}

void Process::kill() {
  if (ended_) return;
  send(SIGKILL);
  int status = 0;
  while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) continue;
  ended_ = ExitStatus{.code = std::nullopt, .signal = SIGKILL};
}

std::optional<ExitStatus> Process::wait(std::chrono::milliseconds timeout) {
  const auto has_ended = [this] {
    if (ended_) return true;
    int status = 0;
    if (::waitpid(pid_, &status, WNOHANG) != pid_) return false;
    ended_.emplace();
    if (WIFEXITED(status)) ended_->code = WEXITSTATUS(status);
    if (WIFSIGNALED(status)) ended_->signal = WTERMSIG(status);
    return true;
  };
  if (!eventually(has_ended, timeout)) return std::nullopt;
  return ended_;
}

}  // namespace tidemark::test
