#pragma once

#include <condition_variable>
#include <cstddef>
#include <exception>
#include <functional>
#include <mutex>
#include <span>
#include <vector>

#include <tidemark/detail/key_chains.hpp>
#include <tidemark/export.hpp>

namespace tidemark::detail {

/// Brings records through asynchronous calls, so many at once, those of one key one after the other. After an error no call is begun
/// any more.
///
/// Thread safety: finish() from any thread; the rest by one.
class TIDEMARK_EXPORT RecordRun {
 public:
  /// `begin` starts a record's call, on whatever thread it likes, and must not throw; finish() follows, once.
  RecordRun(std::span<const Bytes> keys, std::size_t max_in_flight, std::function<void(std::size_t)> begin);
  RecordRun(const RecordRun&) = delete;
  RecordRun& operator=(const RecordRun&) = delete;

  /// Until all calls have ended; throws the first error.
  void run();
  void finish(std::size_t record, std::exception_ptr error);

  /// After run().
  bool has_succeeded(std::size_t record) const { return succeeded_[record]; }

 private:
  void begin_more();

  std::size_t max_in_flight_;
  std::function<void(std::size_t)> begin_;
  std::mutex mutex_;
  std::condition_variable over_;
  KeyChains chains_;
  std::vector<bool> succeeded_;
  std::size_t in_flight_ = 0;
  std::size_t beginning_ = 0;  // threads that are in begin_more(): they keep run() from returning
  std::exception_ptr error_;
};

}  // namespace tidemark::detail
