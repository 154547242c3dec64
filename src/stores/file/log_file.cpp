#include "stores/file/log_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include <fmt/format.h>

#include "stores/common/file_bytes.hpp"
#include "stores/file/io_error.hpp"

namespace tidemark::file {

namespace {

const std::string new_name = "offsets.log.new";

}  // namespace

const std::string LogFile::name = "offsets.log";

std::optional<std::string> LogFile::read(const Directory& folder, Sync sync) {
  const auto file = folder.file(name, O_RDONLY);
  if (!file) return std::nullopt;
  std::string text;
  if (const int error = stores::read_all(file->get(), text); error != 0)
    throw io_error(fmt::format("cannot read {}", folder.path_of(name)), error);
  // A commit under way can be read before it is durable.
  if (sync == Sync::on && ::fdatasync(file->get()) != 0) {
    throw io_error(fmt::format("cannot sync {}", folder.path_of(name)), errno);
  }
  return text;
}

LogFile::LogFile(const Directory& folder, Sync sync, std::string_view lines) : folder_{folder}, sync_{sync} {
  replace(lines);
}

void LogFile::append(std::string_view line) {
  if (broken_) throw *broken_;
  if (const int error = stores::write_all(file_.get(), line); error != 0) {
    undo_write();
    throw io_error(fmt::format("cannot write to {}; nothing was stored", folder_.path_of(name)), error);
  }
  if (sync_ == Sync::on && ::fdatasync(file_.get()) != 0) {
    give_up(io_error(fmt::format("cannot sync {}", folder_.path_of(name)), errno));
  }
  // Another process would find no lock at the path, and commit there.
  if (!folder_.holds(name, file_.get()) || !folder_.is_in_place()) {
    give_up(StoreError{
        fmt::format("{} was removed, moved or replaced by somebody else while in use.", folder_.path_of(name)),
        StoreError::Retry::no});
  }
  size_ += line.size();
}

void LogFile::replace(std::string_view lines) {
  if (broken_) throw *broken_;
  folder_.remove_if_there(new_name);  // whatever a crash, or somebody else, left there
  auto file = *folder_.file(new_name, O_RDWR | O_APPEND | O_CREAT | O_EXCL);
  // Synced even where commits are not: the first lines of a log are never torn, whatever happens.
  int error = stores::write_all(file.get(), lines);
  if (error == 0 && ::fsync(file.get()) != 0) error = errno;
  if (error != 0) throw io_error(fmt::format("cannot write {}", folder_.path_of(new_name)), error);
  folder_.rename(new_name, name);
  try {
    folder_.sync();
  } catch (const StoreError& cause) {
    give_up(cause);  // after a power failure either file may be there, so none may take a commit
  }
  file_ = std::move(file);
  size_ = lines.size();
}

void LogFile::undo_write() {
  if (::ftruncate(file_.get(), static_cast<off_t>(size_)) != 0 ||
      (sync_ == Sync::on && ::fdatasync(file_.get()) != 0)) {
    give_up(io_error(fmt::format("cannot undo a failed write to {}", folder_.path_of(name)), errno));
  }
}

void LogFile::give_up(const StoreError& cause) {
  broken_.emplace(
      fmt::format("{} Whether the last commit is stored is not known, so this store object does not use the file "
                  "any more. Make the store anew (restart the process): it reads what the disk holds.",
                  cause.what()),
      StoreError::Retry::no);
  throw *broken_;
}

}  // namespace tidemark::file
