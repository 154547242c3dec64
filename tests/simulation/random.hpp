#pragma once

#include <cstddef>
#include <cstdint>

namespace simulation {

/// All chance of a run comes from here, so that a seed gives the same run everywhere (SplitMix64).
class Random {
 public:
  explicit Random(std::uint64_t seed) : state_{seed} {}

  std::uint64_t next() {
    auto z = (state_ += 0x9e3779b97f4a7c15u);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
  }

  /// 0 to limit − 1.
  std::size_t below(std::size_t limit) { return static_cast<std::size_t>(next() % limit); }

  template <class T>
  T between(T least, T most) {
    return static_cast<T>(least + static_cast<T>(next() % static_cast<std::uint64_t>(most - least + 1)));
  }

  bool one_in(std::size_t many) { return below(many) == 0; }

  /// An independent sequence, so that one matter's use of chance does not change another's.
  Random fork() { return Random{next()}; }

 private:
  std::uint64_t state_;
};

}  // namespace simulation
