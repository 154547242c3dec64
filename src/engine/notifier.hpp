#pragma once

#include <memory>
#include <string_view>
#include <utility>

#include <tidemark/observer.hpp>

namespace tidemark::engine {

/// The user's observer, or one that does nothing.
class Notifier {
 public:
  explicit Notifier(std::shared_ptr<Observer> observer)
      : observer_{observer ? std::move(observer) : std::make_shared<Observer>()} {}

  Observer* operator->() const { return observer_.get(); }

 private:
  std::shared_ptr<Observer> observer_;
};

}  // namespace tidemark::engine
