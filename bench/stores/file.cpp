#include <tidemark/stores/file.hpp>

#include <fcntl.h>
#include <unistd.h>

#include <memory>
#include <system_error>

#include "stores/contestant.hpp"
#include "support/temporary_folder.hpp"

namespace tidemark::bench {

namespace {

class Descriptor {
 public:
  explicit Descriptor(const std::filesystem::path& path)
      : fd_{::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600)} {
    require(fd_ >= 0);
  }
  ~Descriptor() { ::close(fd_); }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;

  void append(const std::string& text) {
    require(::write(fd_, text.data(), text.size()) == static_cast<ssize_t>(text.size()));
    require(::fdatasync(fd_) == 0);
  }

 private:
  static void require(bool holds) {
    if (!holds) throw std::system_error{errno, std::generic_category(), "the bare file"};
  }

  int fd_;
};

}  // namespace

Contestant file_contestant(int partitions) {
  const auto folder = std::make_shared<test::TemporaryFolder>();
  const auto store = std::make_shared<FileOffsetStore>(*folder / "offsets");
  const auto bare = std::make_shared<Descriptor>(*folder / "bare");
  return {.bare = "write + fdatasync",
          .commit = [=](std::int64_t batch) { must_commit(*store, batch, partitions); },
          .commit_bare =
              [=](std::int64_t batch) {
                std::string line = std::to_string(batch);
                const auto until = std::to_string(first_of(batch + 1));
                for (int p = 0; p < partitions; ++p) line += " records:" + std::to_string(p) + '=' + until;
                bare->append(line + '\n');
                (void)folder;
              }};
}

}  // namespace tidemark::bench
