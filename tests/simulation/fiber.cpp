#include "fiber.hpp"

#include <sys/mman.h>
#include <ucontext.h>

#include <cxxabi.h>
#include <cstring>
#include <new>
#include <utility>

namespace simulation {
namespace {

constexpr std::size_t stack_size = 256 * 1024;
constexpr std::size_t guard_size = 4096;

void* make_stack() {
  auto* memory = mmap(nullptr, stack_size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (memory == MAP_FAILED) throw std::bad_alloc{};
  mprotect(memory, guard_size, PROT_NONE);
  return memory;
}

}  // namespace

Fiber::Fiber(std::function<void()> body) : body_{std::move(body)} {
  if (spare_stacks_.empty()) spare_stacks_.push_back(make_stack());
  stack_ = spare_stacks_.back();
  spare_stacks_.pop_back();
}

Fiber::~Fiber() { spare_stacks_.push_back(stack_); }

void Fiber::swap(Exceptions& with) {
  auto* globals = reinterpret_cast<Exceptions*>(abi::__cxa_get_globals());
  std::swap(*globals, with);
}

void Fiber::enter() {
  running_->body_();
  running_->done_ = true;
  suspend();
}

// A context is entered by ucontext once. From then on it is setjmp, since swapcontext makes a system call every time.
void Fiber::resume() {
  running_ = this;
  swap(exceptions_);
  if (_setjmp(outside_) == 0) {
    if (started_) _longjmp(inside_, 1);
    started_ = true;
    ucontext_t context;
    getcontext(&context);
    context.uc_stack.ss_sp = static_cast<char*>(stack_) + guard_size;
    context.uc_stack.ss_size = stack_size - guard_size;
    context.uc_link = nullptr;
    makecontext(&context, &Fiber::enter, 0);
    setcontext(&context);
  }
  swap(exceptions_);
  running_ = nullptr;
}

void Fiber::suspend() {
  auto* self = running_;
  if (_setjmp(self->inside_) == 0) _longjmp(self->outside_, 1);
}

}  // namespace simulation
