#include "stores/postgres/target.hpp"

#include <fmt/format.h>
#include <libpq-fe.h>

#include <algorithm>
#include <memory>

#include <tidemark/error.hpp>

#include "stores/common/redacted.hpp"
#include "stores/common/text.hpp"

namespace tidemark::detail {

namespace {

using Options = std::unique_ptr<PQconninfoOption, decltype(&PQconninfoFree)>;

std::vector<std::string> split(const std::string& list) {
  std::vector<std::string> parts;
  for (std::size_t begin = 0;;) {
    const auto end = list.find(',', begin);
    parts.push_back(list.substr(begin, end - begin));
    if (end == std::string::npos) return parts;
    begin = end + 1;
  }
}

PostgresTarget::Parameters set_in(const PQconninfoOption* options) {
  PostgresTarget::Parameters parameters;
  for (const auto* option = options; option && option->keyword; ++option)
    if (option->val && *option->val) parameters[option->keyword] = option->val;
  return parameters;
}

PostgresTarget::Parameters parsed(const std::string& text) {
  if (text.find('\0') != std::string::npos)
    throw ConfigError{"PostgresOffsetStoreOptions::connection contains a NUL byte"};
  char* message = nullptr;
  const Options given{PQconninfoParse(text.c_str(), &message), &PQconninfoFree};
  // libpq's words may quote a piece of a password that holds a space or an '@', so they are not passed on.
  const std::unique_ptr<char, decltype(&PQfreemem)> owner{message, &PQfreemem};
  if (!given)
    throw ConfigError{
        "PostgresOffsetStoreOptions::connection can't be understood (the text is not shown, since it may hold a "
        "password). Write \"host=db1 dbname=shop user=billing\", with values that hold spaces in single quotes, or "
        "\"postgresql://billing@db1/shop\", with other characters than letters and digits percent-encoded. Only "
        "parameters that this libpq knows are allowed"};
  return set_in(given.get());
}

bool is_path(const std::string& host) { return host.empty() || host.front() == '/' || host.front() == '@'; }

}  // namespace

PostgresTarget::PostgresTarget(const PostgresOffsetStoreOptions& options) : parameters_{parsed(options.connection)} {
  // What libpq would take from its environment. It does so itself; here it is needed to know the hosts.
  const Options environment{PQconndefaults(), &PQconninfoFree};
  auto known = parameters_;
  known.merge(set_in(environment.get()));
  const auto given = [&](const char* name) {
    const auto found = known.find(name);
    return found == known.end() ? std::string{} : found->second;
  };
  // A service file is read by libpq itself, and may name the hosts.
  if (given("service").empty() || !given("host").empty()) {
    auto hosts = split(given("host"));
    auto addresses = split(given("hostaddr"));
    auto ports = split(given("port"));
    const auto count = std::max(hosts.size(), addresses.size());
    if (hosts.size() == 1 && hosts[0].empty()) hosts.resize(count);
    if (addresses.size() == 1 && addresses[0].empty()) addresses.resize(count);
    if (ports.size() == 1) ports.resize(count, ports[0]);
    if (hosts.size() != count || addresses.size() != count || ports.size() != count)
      throw ConfigError{fmt::format(
          "PostgresOffsetStoreOptions::connection names {} hosts, {} hostaddrs and {} ports: give one port for "
          "all hosts, or one for each",
          hosts.size(), addresses.size(), ports.size())};
    for (std::size_t i = 0; i < count; ++i)
      hosts_.push_back({hosts[i], ports[i].empty() ? "5432" : ports[i], addresses[i]});
  } else {
    hosts_.emplace_back();
  }
  for (const auto& host : hosts_) {
    const auto& shown = host.host.empty() ? host.address : host.host;
    name_ += fmt::format("{}{}:{}", name_.empty() ? "" : ", ", shown.empty() ? "local" : stores::bracketed(shown),
                         host.port.empty() ? "5432" : host.port);
  }
  if (const auto database = given("dbname"); !database.empty())
    name_ += fmt::format(", database {}", stores::quoted(database, 63));
  name_ = redacted(name_);
  prefers_standby_ = given("target_session_attrs") == "prefer-standby";
  const auto usual = [&](const char* name, std::string value) { parameters_.emplace(name, std::move(value)); };
  usual("application_name", "tidemark");
  // Its attempts block, and nobody needs them who doesn't ask for them.
  usual("gssencmode", "disable");
  usual("keepalives_idle", "30");
  usual("keepalives_interval", "10");
  usual("keepalives_count", "3");
  parameters_["client_encoding"] = "UTF8";
  parameters_.erase("connect_timeout");  // ours: libpq's counts for its blocking calls only
}

std::vector<PostgresTarget::Parameters> PostgresTarget::attempts(const Host& host, const stores::Deadline& deadline,
                                                                 bool as_standby) const {
  auto parameters = parameters_;
  if (hosts_.size() > 1 || !host.host.empty() || !host.address.empty()) {
    parameters["host"] = host.host;
    parameters["port"] = host.port;
    parameters["hostaddr"] = host.address;
  }
  if (prefers_standby_) parameters["target_session_attrs"] = as_standby ? "standby" : "any";
  if (is_path(host.host) || !host.address.empty() || stores::BoundedLookup::is_numeric(host.host)) return {parameters};
  std::vector<Parameters> attempts;
  for (const auto& address : lookup_.addresses(host.host, deadline)) {
    attempts.push_back(parameters);
    attempts.back()["hostaddr"] = address;
  }
  return attempts;
}

std::string PostgresTarget::redacted(std::string_view text) const {
  std::string clean{text};
  for (const auto* secret : {"password", "sslpassword"})
    if (const auto found = parameters_.find(secret); found != parameters_.end())
      clean = stores::redacted(clean, found->second);
  return clean;
}

}  // namespace tidemark::detail
