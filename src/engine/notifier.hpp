#pragma once

#include <memory>
#include <string_view>
#include <utility>

#include <tidemark/observer.hpp>

namespace tidemark::engine {

/// The user's observer, the one that it gave for this consumer, or one that does nothing.
class Notifier {
 public:
  Notifier(std::shared_ptr<Observer> observer, const ConsumerInfo& consumer) : given_{std::move(observer)} {
    if (given_) heard_ = given_->for_consumer(consumer);
    if (!heard_) heard_ = given_ ? given_ : std::make_shared<Observer>();
  }

  Observer* operator->() const { return heard_.get(); }

 private:
  std::shared_ptr<Observer> given_;  // lives as long, whatever the other one needs of it
  std::shared_ptr<Observer> heard_;
};

}  // namespace tidemark::engine
