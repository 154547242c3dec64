#include <tidemark/record_done.hpp>

#include <atomic>
#include <utility>

#include <tidemark/detail/record_run.hpp>
#include <tidemark/error.hpp>

namespace tidemark {

class RecordDone::Call {
 public:
  Call(detail::RecordRun& run, std::size_t record) : run_{run}, record_{record} {}
  ~Call() {
    if (!has_ended_)
      run_.finish(record_,
                  std::make_exception_ptr(
                      Error{"the call for a record was given up without a word: its RecordDone was dropped, or the "
                            "executor's context was destroyed before the consumer; call RecordDone in every case, and "
                            "let the context outlive the consumer's run"}));
  }
  Call(const Call&) = delete;
  Call& operator=(const Call&) = delete;

  void end(std::exception_ptr error) {
    if (!has_ended_.exchange(true)) run_.finish(record_, std::move(error));
  }

 private:
  detail::RecordRun& run_;
  std::size_t record_;
  std::atomic<bool> has_ended_ = false;
};

RecordDone::RecordDone(detail::RecordRun& run, std::size_t record) : call_{std::make_shared<Call>(run, record)} {}

void RecordDone::operator()(std::exception_ptr error) const { call_->end(std::move(error)); }

}  // namespace tidemark
