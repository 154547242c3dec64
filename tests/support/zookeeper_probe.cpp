#include "support/zookeeper_probe.hpp"

#define THREADED
#include <zookeeper/zookeeper.h>

#include <array>
#include <stdexcept>

#include "support/eventually.hpp"

namespace tidemark::test {

namespace {

void require(int code, const std::string& path) {
  if (code != ZOK) throw std::runtime_error{path + ": " + zerror(code)};
}

}  // namespace

void ZooKeeperProbe::Close::operator()(_zhandle* handle) const { zookeeper_close(handle); }

ZooKeeperProbe::ZooKeeperProbe(std::uint16_t port) {
  const auto servers = "127.0.0.1:" + std::to_string(port);
  handle_.reset(zookeeper_init2(
      servers.c_str(), [](zhandle_t*, int, int, const char*, void*) {}, 30'000, nullptr, nullptr, ZOO_NO_LOG_CLIENTENV,
      [](const char*) {}));
  if (!eventually([&] { return zoo_state(handle_.get()) == ZOO_CONNECTED_STATE; }))
    throw std::runtime_error{"the probe could not connect to " + servers};
}

void ZooKeeperProbe::login(const std::string& user, const std::string& password) {
  const auto who = user + ':' + password;
  require(zoo_add_auth(handle_.get(), "digest", who.data(), static_cast<int>(who.size()), nullptr, nullptr), user);
}

std::optional<std::string> ZooKeeperProbe::get(const std::string& path) {
  std::array<char, 4'096> buffer{};
  auto size = static_cast<int>(buffer.size());
  const auto code = zoo_get(handle_.get(), path.c_str(), 0, buffer.data(), &size, nullptr);
  if (code == ZNONODE) return std::nullopt;
  require(code, path);
  return std::string(buffer.data(), size < 0 ? 0U : static_cast<std::size_t>(size));
}

int ZooKeeperProbe::version(const std::string& path) {
  Stat stat{};
  require(zoo_exists(handle_.get(), path.c_str(), 0, &stat), path);
  return stat.version;
}

std::string ZooKeeperProbe::acl(const std::string& path) {
  ACL_vector entries{};
  Stat stat{};
  require(zoo_get_acl(handle_.get(), path.c_str(), &entries, &stat), path);
  std::string text;
  for (int i = 0; i < entries.count; ++i) {
    const auto& entry = entries.data[i];
    text += (i ? " " : "") + std::string{entry.id.scheme} + ':' + entry.id.id + ':' + std::to_string(entry.perms);
  }
  deallocate_ACL_vector(&entries);
  return text;
}

std::vector<std::string> ZooKeeperProbe::children(const std::string& path) {
  String_vector names{};
  const auto code = zoo_get_children(handle_.get(), path.c_str(), 0, &names);
  if (code == ZNONODE) return {};
  require(code, path);
  std::vector<std::string> all{names.data, names.data + names.count};
  deallocate_String_vector(&names);
  return all;
}

void ZooKeeperProbe::set(const std::string& path, const std::optional<std::string>& data) {
  const auto* text = data ? data->data() : nullptr;
  const auto size = data ? static_cast<int>(data->size()) : -1;
  auto code = zoo_set(handle_.get(), path.c_str(), text, size, -1);
  if (code == ZNONODE) {
    if (const auto slash = path.rfind('/'); slash > 0 && !get(path.substr(0, slash)))
      set(path.substr(0, slash), std::nullopt);
    code = zoo_create(handle_.get(), path.c_str(), text, size, &ZOO_OPEN_ACL_UNSAFE, 0, nullptr, 0);
  }
  require(code, path);
}

void ZooKeeperProbe::remove(const std::string& path) { require(zoo_delete(handle_.get(), path.c_str(), -1), path); }

void ZooKeeperProbe::remove_all(const std::string& path) {
  for (const auto& child : children(path)) remove_all(path + '/' + child);
  if (get(path)) remove(path);
}

}  // namespace tidemark::test
