#pragma once

#include <string>
#include <string_view>

#include <tidemark/error.hpp>

#include "stores/hdfs/http.hpp"

namespace tidemark::hdfs {

/// What a name node or data node says where it did not do what was asked.
struct RemoteException {
  std::string name{};  ///< "FileNotFoundException"; empty where the reply is none of WebHDFS.
  std::string message{};

  static RemoteException in(const HttpReply& reply);

  bool is_not_found() const { return name == "FileNotFoundException"; }
  bool already_exists() const { return name == "FileAlreadyExistsException"; }
  /// This name node is not the active one of its pair.
  bool is_standby() const { return name == "StandbyException"; }
};

/// The error for a reply that is none of those expected; `action` reads "cannot open /a/b on host:port".
StoreError refusal(std::string_view action, const HttpReply& reply);

}  // namespace tidemark::hdfs
