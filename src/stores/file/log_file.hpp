#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include <tidemark/error.hpp>

#include "stores/common/descriptor.hpp"
#include "stores/file/directory.hpp"

namespace tidemark::file {

/// The bytes of a log on disk: grows by whole records, or is replaced as a whole.
///
/// Thread safety: distinct objects safe; shared objects unsafe.
/// Lifetime:      the folder must outlive it.
class LogFile {
 public:
  enum class Sync { on, off };

  static const std::string name;

  /// nullopt where there is none. Synced: what the text says is durable when it is returned.
  static std::optional<std::string> read(const Directory& folder, Sync sync);

  /// Puts a log with these lines in place of whatever is there.
  LogFile(const Directory& folder, Sync sync, std::string_view lines);

  /// Durable on return, whole or not at all.
  ///
  /// Errors: StoreError. Either the file is as it was, or it is broken() and not touched any more.
  void append(std::string_view line);

  /// Durable on return. Until the new file is in place the old one stays valid and in use.
  ///
  /// Errors: as append().
  void replace(std::string_view lines);

  std::size_t size() const { return size_; }

  /// Why nothing more may be written or told of this file: after a failed sync nobody knows what the disk holds, and another sync
  /// would succeed without having written it.
  const std::optional<StoreError>& broken() const { return broken_; }

 private:
  void undo_write();
  [[noreturn]] void give_up(const StoreError& cause);

  const Directory& folder_;
  Sync sync_;
  stores::Descriptor file_;
  std::size_t size_ = 0;
  std::optional<StoreError> broken_;
};

}  // namespace tidemark::file
