#pragma once

#include <charconv>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace tidemark::detail {

/// Arguments of a command, each already in Redis's request format: a length, then the bytes, whatever they are.
class RedisArguments {
 public:
  RedisArguments() = default;

  void add(std::string_view argument) {
    ++count_;
    encoded_ += '$';
    append_decimal(encoded_, static_cast<std::int64_t>(argument.size()));
    encoded_.append("\r\n").append(argument).append("\r\n");
  }
  void add(std::int64_t number) {
    char digits[20];
    add(std::string_view{digits, std::to_chars(digits, digits + sizeof digits, number).ptr});
  }
  void add(const RedisArguments& others) {
    count_ += others.count_;
    encoded_ += others.encoded_;
  }

  std::size_t count() const { return count_; }
  const std::string& encoded() const { return encoded_; }

  /// The command itself: how many arguments, then these.
  void append_command_to(std::string& out) const {
    out += '*';
    append_decimal(out, static_cast<std::int64_t>(count_));
    out.append("\r\n").append(encoded_);
  }

 private:
  static void append_decimal(std::string& out, std::int64_t number) {
    char digits[20];
    out.append(digits, std::to_chars(digits, digits + sizeof digits, number).ptr);
  }

  std::size_t count_ = 0;
  std::string encoded_;
};

/// A short command as it goes over the wire.
template <class... Parts>
std::string redis_command(const Parts&... parts) {
  RedisArguments arguments;
  (arguments.add(parts), ...);
  std::string out;
  arguments.append_command_to(out);
  return out;
}

}  // namespace tidemark::detail
