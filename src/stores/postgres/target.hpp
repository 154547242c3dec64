#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <tidemark/stores/postgres/options.hpp>

#include "stores/common/bounded_lookup.hpp"

namespace tidemark::detail {

/// The servers that a connection string names, and how to log in.
///
/// Thread safety: shared objects safe.
class PostgresTarget {
 public:
  struct Host {
    std::string host;  ///< As given, for certificates and messages. Empty: libpq's default.
    std::string port;
    std::string address;  ///< As given by hostaddr; empty: host is looked up.
  };
  /// libpq's parameters for one attempt.
  using Parameters = std::map<std::string, std::string>;

  /// Errors: ConfigError, without any part of a text that can't be understood: it may hold a password.
  explicit PostgresTarget(const PostgresOffsetStoreOptions& options);

  const std::vector<Host>& hosts() const { return hosts_; }
  /// "db1:5432, db2:5432, database "shop""
  const std::string& name() const { return name_; }
  /// Every server is tried as a standby first, then as any.
  bool prefers_standby() const { return prefers_standby_; }

  /// Where to connect to for one host: one entry an address.
  ///
  /// Errors: stores::LookupTimeout, std::runtime_error.
  std::vector<Parameters> attempts(const Host& host, const stores::Deadline& deadline, bool as_standby) const;

  /// A text of libpq or the server without the passwords that were given.
  std::string redacted(std::string_view text) const;

 private:
  Parameters parameters_;
  std::vector<Host> hosts_;
  std::string name_;
  bool prefers_standby_ = false;
  mutable stores::BoundedLookup lookup_;
};

}  // namespace tidemark::detail
