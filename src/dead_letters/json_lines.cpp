#include <tidemark/dead_letters/json_lines.hpp>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

#include <fmt/format.h>

#include <tidemark/error.hpp>

#include "dead_letters/json_line.hpp"
#include "stores/common/descriptor.hpp"
#include "stores/common/file_bytes.hpp"
#include "stores/common/io_error.hpp"

namespace tidemark {
namespace {

using Retry = StoreError::Retry;

StoreError failed(std::string_view what, const std::filesystem::path& file, int error) {
  const bool may_pass = stores::may_pass(error);
  return stores::io_error(fmt::format("cannot {} {} for dead letters", what, file.string()), error,
                          may_pass ? "Make room, or raise the limit." : "Is the path right, and writable?", may_pass);
}

/// Where the last whole line ends.
off_t end_of_lines(int fd, off_t size) {
  std::array<char, 4096> piece;
  while (size > 0) {
    const auto begin = std::max<off_t>(size - static_cast<off_t>(piece.size()), 0);
    const auto count = ::pread(fd, piece.data(), static_cast<std::size_t>(size - begin), begin);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return -1;
    const auto last = std::string_view{piece.data(), static_cast<std::size_t>(count)}.rfind('\n');
    if (last != std::string_view::npos) return begin + static_cast<off_t>(last) + 1;
    size = begin;
  }
  return 0;
}

}  // namespace

class JsonLinesDeadLetters::Impl {
 public:
  explicit Impl(const std::filesystem::path& path) : path_{path} {
    file_ = stores::Descriptor{::open(path.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC | O_NONBLOCK, 0666)};
    if (!file_) throw failed("open", path, errno);
    struct stat status {};
    if (::fstat(file_.get(), &status) != 0) throw failed("look at", path, errno);
    if (!S_ISREG(status.st_mode))
      throw StoreError{fmt::format("{} is not a regular file; name another one for dead letters", path.string()),
                       Retry::no};
    if (::flock(file_.get(), LOCK_EX | LOCK_NB) != 0)
      throw StoreError{fmt::format("{} is in use for dead letters already: share that JsonLinesDeadLetters, or name a "
                                   "file for each process",
                                   path.string()),
                       Retry::no};
    size_ = end_of_lines(file_.get(), status.st_size);
    if (size_ < 0) throw failed("read", path, errno);
    if (size_ < status.st_size && ::ftruncate(file_.get(), size_) != 0) throw failed("cut", path, errno);
    sync_entry();
  }

  void write(std::span<const DeadLetter> letters) {
    const std::lock_guard lock{mutex_};
    if (broken_) throw *broken_;
    text_.clear();
    for (const auto& letter : letters) json::append_line(text_, letter);
    if (const int error = stores::write_all(file_.get(), text_); error != 0) {
      if (::ftruncate(file_.get(), size_) != 0) give_up(failed("undo a failed write to", path_, errno));
      throw failed("write to", path_, error);
    }
    if (::fdatasync(file_.get()) != 0) give_up(failed("sync", path_, errno));
    size_ += static_cast<off_t>(text_.size());
  }

 private:
  /// A new file's name must be as durable as what is in it.
  void sync_entry() const {
    const auto folder = path_.has_parent_path() ? path_.parent_path() : std::filesystem::path{"."};
    const stores::Descriptor fd{::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
    if (!fd || ::fsync(fd.get()) != 0) throw failed("sync the folder of", path_, errno);
  }

  /// Nobody knows what the disk holds, and another sync would succeed without having written it.
  [[noreturn]] void give_up(const StoreError& cause) {
    broken_.emplace(fmt::format("{} The file is not used any more: restart the process.", cause.what()), Retry::no);
    throw *broken_;
  }

  const std::filesystem::path path_;
  stores::Descriptor file_;
  std::mutex mutex_;  // of what follows
  off_t size_ = 0;    // as far as it is whole
  std::string text_;
  std::optional<StoreError> broken_;
};

JsonLinesDeadLetters::JsonLinesDeadLetters(const std::filesystem::path& file) : impl_{std::make_unique<Impl>(file)} {}
JsonLinesDeadLetters::~JsonLinesDeadLetters() = default;

void JsonLinesDeadLetters::write(std::span<const DeadLetter> letters) { impl_->write(letters); }

}  // namespace tidemark
