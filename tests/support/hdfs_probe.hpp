#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tidemark::test {

/// Another client of WebHDFS, on loopback, that shares no code with the store.
///
/// Errors: std::runtime_error with what the server said.
class HdfsProbe {
 public:
  explicit HdfsProbe(std::uint16_t port) : port_{port} {}

  /// nullopt where there is no such file.
  std::optional<std::string> get(const std::string& path) const;
  /// Replaces what is there.
  void put(const std::string& path, std::string_view bytes) const;
  /// The names in a folder, in order; none where there is no such folder.
  std::vector<std::string> list(const std::string& folder) const;
  void remove(const std::string& path) const;
  void rename(const std::string& from, const std::string& to) const;

  /// The body of a plain GET; nullopt where nobody answers.
  std::optional<std::string> ask(const std::string& target) const;

 private:
  struct Reply {
    int status = 0;
    std::string location;
    std::string body;
  };
  static Reply exchange(std::uint16_t port, std::string_view method, const std::string& target, std::string_view body);
  Reply call(std::string_view method, const std::string& path, const std::string& query,
             std::string_view body = {}) const;

  std::uint16_t port_;
};

}  // namespace tidemark::test
