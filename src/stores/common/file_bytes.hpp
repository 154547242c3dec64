#pragma once

#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <string>
#include <string_view>

namespace tidemark::stores {

/// Writes them all, in as many calls as that takes. 0, or the errno.
inline int write_all(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const auto written = ::write(fd, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return errno;
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return 0;
}

/// Appends what the file holds from here on. 0, or the errno.
inline int read_all(int fd, std::string& bytes) {
  std::array<char, 1 << 16> piece;
  for (;;) {
    const auto size = ::read(fd, piece.data(), piece.size());
    if (size < 0 && errno == EINTR) continue;
    if (size < 0) return errno;
    if (size == 0) return 0;
    bytes.append(piece.data(), static_cast<std::size_t>(size));
  }
}

}  // namespace tidemark::stores
