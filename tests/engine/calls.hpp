#pragma once

#include <cstdint>
#include <exception>
#include <map>
#include <mutex>
#include <stdexcept>

namespace tidemark::test {

inline std::exception_ptr failure(const char* text) { return std::make_exception_ptr(std::runtime_error{text}); }

/// The calls for records, by their offsets.
class Calls {
 public:
  void operator()(std::int64_t offset) {
    const std::lock_guard lock{mutex_};
    ++calls_[offset];
  }
  int of(std::int64_t offset) const {
    const std::lock_guard lock{mutex_};
    const auto found = calls_.find(offset);
    return found == calls_.end() ? 0 : found->second;
  }

 private:
  mutable std::mutex mutex_;
  std::map<std::int64_t, int> calls_;
};

}  // namespace tidemark::test
