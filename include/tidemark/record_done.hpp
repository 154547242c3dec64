#pragma once

#include <cstddef>
#include <exception>
#include <memory>

#include <tidemark/export.hpp>

namespace tidemark {

namespace detail {
class RecordRun;
}

/// Tells each_record() that the call for a record has ended: well, or with an error. The first time counts. Where all copies are
/// gone without a word, the record has failed.
///
/// Thread safety: from any thread.
class TIDEMARK_EXPORT RecordDone {
 public:
  RecordDone(detail::RecordRun& run, std::size_t record);

  void operator()(std::exception_ptr error = nullptr) const;

 private:
  class Call;
  std::shared_ptr<Call> call_;
};

}  // namespace tidemark
