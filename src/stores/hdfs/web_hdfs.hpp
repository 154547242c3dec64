#pragma once

#include <atomic>
#include <cstddef>

#include "stores/hdfs/files.hpp"
#include "stores/hdfs/http.hpp"

namespace tidemark::hdfs {

/// A checkpoint in HDFS, by its REST interface. Asks the active name node of a pair; data goes to the data nodes that it names.
class WebHdfs final : public Files {
 public:
  explicit WebHdfs(const HdfsOffsetStoreOptions& options);

  std::optional<std::vector<Listed>> list(const std::string& folder) override;
  std::optional<std::string> read(const std::string& path) override;
  bool exists(const std::string& path) override;
  void write(std::span<const NewFile> files) override;
  Moved move(const std::string& from, const std::string& to) override;
  std::vector<bool> remove(std::span<const std::string> paths) override;

 private:
  struct Call {
    const char* method;
    const char* operation;
    const std::string& path;
    std::string parameters{};
  };
  enum class Repeat { yes, no };

  /// One reply for each call, all from one name node.
  std::vector<HttpReply> ask(std::span<const Call> calls, Repeat repeat = Repeat::yes);
  HttpReply ask(const Call& call, Repeat repeat = Repeat::yes);
  std::string url(const HdfsAddress& node, const Call& call) const;
  void check_redirect(const HttpReply& reply, const std::string& path) const;
  std::string action(const char* operation, const std::string& path) const;

  const HdfsOffsetStoreOptions options_;
  Http http_;
  std::atomic<std::size_t> active_{0};
};

}  // namespace tidemark::hdfs
