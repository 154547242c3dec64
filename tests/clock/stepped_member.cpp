#include "clock/stepped_member.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <csignal>
#include <fstream>
#include <memory>
#include <sstream>
#include <stdexcept>

namespace tidemark::test {
namespace {

std::atomic<std::int64_t>* map(const std::string& path) {
  const std::int64_t none = 0;
  std::ofstream{path, std::ios::binary}.write(reinterpret_cast<const char*>(&none), sizeof none);
  const int file = ::open(path.c_str(), O_RDWR | O_CLOEXEC);
  auto* mapped = ::mmap(nullptr, sizeof none, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  ::close(file);
  if (mapped == MAP_FAILED) throw std::runtime_error{"cannot map the file of the wall clock"};
  return static_cast<std::atomic<std::int64_t>*>(mapped);
}

}  // namespace

SteppedMember::SteppedMember(const std::string& topic, const std::string& database, const std::string& handler) {
  const std::string file = folder_ / "step";
  step_ = map(file);
  process_ = std::make_unique<Process>(Process::Options{
      .command = {TIDEMARK_CLOCK_MEMBER, KafkaServer::shared().brokers(), topic, topic, database, handler},
      .environment = {{"LD_PRELOAD", TIDEMARK_WALL_CLOCK_LIBRARY}, {"TIDEMARK_WALL_CLOCK", file}}});
}

SteppedMember::~SteppedMember() {
  process_.reset();
  ::munmap(step_, sizeof *step_);
}

std::size_t SteppedMember::count(const std::string& line) const {
  std::istringstream text{output()};
  std::size_t count = 0;
  for (std::string one; std::getline(text, one);) count += one.starts_with(line) ? 1u : 0u;
  return count;
}

void SteppedMember::add_to(Handled& handled) const {
  std::istringstream text{output()};
  for (std::string line; std::getline(text, line);) {
    std::istringstream words{line};
    std::string what;
    std::int32_t partition = 0;
    std::int64_t first = 0;
    std::int64_t last = 0;
    if (!(words >> what >> partition >> first >> last) || what != "handled") continue;
    for (auto offset = first; offset <= last; ++offset) ++handled[{partition, offset}];
  }
}

bool SteppedMember::ends_well() {
  process_->send(SIGTERM);
  return process_->wait(std::chrono::seconds{20}) == ExitStatus{.code = 0};
}

}  // namespace tidemark::test
