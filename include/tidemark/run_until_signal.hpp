#pragma once

#include <array>

#include <tidemark/detail/signal_watch.hpp>

namespace tidemark {

/// Runs consumers until the process gets SIGINT or SIGTERM, and then stops them: what is in hand is handled and committed, and the groups
/// are left. Also returns when all were stopped by stop().
///
///     tidemark::run_until_signal(consumer);
///
/// One consumer runs on the calling thread; of several each has a thread, and an error of one stops the others.
///
/// Signals: handlers for SIGINT and SIGTERM are installed for the time of the call, and those from before are put back at its end. A
/// signal that is ignored when the call begins stays ignored, as nohup and shells want it. With the first signal the handlers from
/// before are put back at once: so a second one does what it would do without tidemark, which by default ends the process without
/// waiting, and the batch in hand is repeated by the next run. Nothing else of the process is touched, no thread's signal mask either;
/// where all threads block the signals, nobody gets them.
///
/// Thread safety: may be called in several threads at once; the first signal stops them all.
/// Blocking:      until the end.
/// Errors:        throws what run() throws, of several consumers the first. std::system_error where the process has no descriptors left.
template <class... Consumers>
  requires(sizeof...(Consumers) > 0)
void run_until_signal(Consumers&... consumers) {
  const detail::SignalWatch watch{[&] { (consumers.stop(), ...); }};
  if constexpr (sizeof...(Consumers) == 1) {
    (consumers.run(), ...);
  } else {
    const std::array<detail::Runner, sizeof...(Consumers)> runners{
        detail::Runner{[&consumers] { consumers.run(); }, [&consumers] { consumers.stop(); }}...};
    detail::run_together(runners);
  }
}

}  // namespace tidemark
