#include "support/spawner.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <boost/asio/post.hpp>
#include <boost/asio/thread_pool.hpp>
#include <cerrno>
#include <future>
#include <stdexcept>
#include <system_error>

namespace tidemark::test {
namespace {

std::vector<char*> pointers(std::vector<std::string>& strings) {
  std::vector<char*> result;
  for (auto& string : strings) result.push_back(string.data());
  result.push_back(nullptr);
  return result;
}

std::vector<std::string> merged_environment(const std::map<std::string, std::string>& added) {
  std::vector<std::string> result;
  for (char** variable = environ; *variable != nullptr; ++variable) {
    const std::string text = *variable;
    if (!added.contains(text.substr(0, text.find('=')))) result.push_back(text);
  }
  for (const auto& [name, value] : added) result.push_back(name + "=" + value);
  return result;
}

/// Runs in the child. Writes errno to `report`, which closes by itself when exec succeeds.
[[noreturn]] void become(char* const* arguments, char* const* variables, const char* folder, int output, int report,
                         pid_t parent) {
  // The kernel sends this when the *thread* that forked ends: hence the one thread that starts all processes.
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  const bool parent_is_alive = ::getppid() == parent;
  sigset_t none;
  ::sigemptyset(&none);
  ::pthread_sigmask(SIG_SETMASK, &none, nullptr);
  const int nothing = ::open("/dev/null", O_RDONLY);
  if (parent_is_alive && nothing >= 0 && ::dup2(nothing, STDIN_FILENO) >= 0 && ::dup2(output, STDOUT_FILENO) >= 0 &&
      ::dup2(output, STDERR_FILENO) >= 0 && (*folder == '\0' || ::chdir(folder) == 0)) {
    ::execvpe(arguments[0], arguments, variables);
  }
  const int error = errno;
  [[maybe_unused]] const auto written = ::write(report, &error, sizeof error);
  ::_exit(127);
}

pid_t fork_and_exec(char* const* arguments, char* const* variables, const char* folder, int output) {
  int report[2];
  if (::pipe2(report, O_CLOEXEC) != 0) throw std::system_error{errno, std::generic_category(), "pipe2"};
  const pid_t parent = ::getpid();
  const pid_t child = ::fork();
  if (child == 0) become(arguments, variables, folder, output, report[1], parent);
  const int fork_error = errno;
  ::close(report[1]);
  int error = 0;
  const bool failed = child > 0 && ::read(report[0], &error, sizeof error) == sizeof error;
  ::close(report[0]);
  if (child < 0) throw std::system_error{fork_error, std::generic_category(), "fork"};
  if (failed) {
    ::waitpid(child, nullptr, 0);
    throw std::system_error{error, std::generic_category(), std::string{"start "} + arguments[0]};
  }
  return child;
}

}  // namespace

pid_t spawn(const std::vector<std::string>& command, const std::map<std::string, std::string>& environment,
            const std::filesystem::path& working_folder, int output) {
  if (command.empty()) throw std::invalid_argument{"a process needs a command"};
  // All that exec needs is laid out before the fork: between the two nothing may allocate.
  auto arguments = command;
  auto variables = merged_environment(environment);
  const auto argument_pointers = pointers(arguments);
  const auto variable_pointers = pointers(variables);
  const std::string folder = working_folder;

  static boost::asio::thread_pool the_one_thread{1};
  std::promise<pid_t> promise;
  auto child = promise.get_future();
  boost::asio::post(the_one_thread, [&] {
    try {
      promise.set_value(fork_and_exec(argument_pointers.data(), variable_pointers.data(), folder.c_str(), output));
    } catch (...) {
      promise.set_exception(std::current_exception());
    }
  });
  return child.get();
}

}  // namespace tidemark::test
