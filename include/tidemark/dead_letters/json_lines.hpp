#pragma once

#include <filesystem>
#include <memory>
#include <span>

#include <tidemark/dead_letter.hpp>
#include <tidemark/export.hpp>

namespace tidemark {

/// Dead letters in a file, each a line of JSON; synced to the disk by each write().
///
///     {"topic":"orders","partition":0,"offset":7,"timestamp":1356998400123,"group":"billing","reason":"rejected",
///      "why":"no amount","attempts":1,"key":"ada","value":{"base64":"/wA="},"headers":[{"name":"trace","value":"1"}]}
///
/// (in one line). `timestamp` is in milliseconds, null where the record has none. Keys, values and the values of headers are strings
/// where they are UTF-8, null where they are Kafka's null, and else objects with the bytes in base64. In `why` and in names, what is not
/// UTF-8 becomes U+FFFD.
///
/// The file is made where there is none, and only ever grows: rename it while no consumer runs. A process that crashes may leave an
/// incomplete line, whose batch is handled again; the next process cuts it off.
///
/// Thread safety: shared objects safe; writes wait for each other. One object a file, in all processes: another one is refused.
/// Blocking:      write() for one fdatasync.
/// Errors:        StoreError. After a failed sync every write fails: make the object anew, then what the disk holds is known.
class TIDEMARK_EXPORT JsonLinesDeadLetters final : public DeadLetterSink {
 public:
  explicit JsonLinesDeadLetters(const std::filesystem::path& file);
  ~JsonLinesDeadLetters() override;

  JsonLinesDeadLetters(const JsonLinesDeadLetters&) = delete;
  JsonLinesDeadLetters& operator=(const JsonLinesDeadLetters&) = delete;

  void write(std::span<const DeadLetter> letters) override;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace tidemark
