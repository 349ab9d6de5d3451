// SPDX-License-Identifier: Apache-2.0
#include "run/signals.h"

#include <fcntl.h>
#include <pthread.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <ctime>

namespace daybook {
namespace {

constexpr std::array kStopSignals = {SIGHUP, SIGINT, SIGQUIT, SIGTERM};
constexpr std::array kForwarded = {SIGHUP,  SIGINT,  SIGQUIT, SIGTERM,
                                   SIGUSR1, SIGUSR2, SIGTSTP, SIGCONT};
constexpr std::size_t kChildSlot = kForwarded.size();  // where SIGCHLD's action is kept

// What the handler may touch. A relay owns it while `taken` is set.
std::atomic<bool> taken{false};
std::atomic<int> write_fd{-1};
std::array<struct sigaction, kForwarded.size() + 1> actions_before{};
std::array<bool, kForwarded.size() + 1> changed{};

static_assert(std::atomic<int>::is_always_lock_free, "a signal handler may use it");

void handle(int number, siginfo_t* info, void* /*context*/) {
  const int error_before = errno;
  const bool from_terminal = info != nullptr && info->si_code == SI_KERNEL;
  const std::array<unsigned char, 2> message = {static_cast<unsigned char>(number),
                                                static_cast<unsigned char>(from_terminal)};
  // A full pipe holds thousands of signals nobody has looked at: one more is no news.
  [[maybe_unused]] const ssize_t written =
      ::write(write_fd.load(std::memory_order_relaxed), message.data(), message.size());
  errno = error_before;
}

void change(std::size_t slot, int number, const struct sigaction& action) {
  changed[slot] = false;
  struct sigaction& before = actions_before[slot];
  if (::sigaction(number, nullptr, &before) != 0) return;
  const bool ignored = (before.sa_flags & SA_SIGINFO) == 0 && before.sa_handler == SIG_IGN;
  if (ignored != (slot == kChildSlot)) return;
  changed[slot] = ::sigaction(number, &action, nullptr) == 0;
}

void install_handlers(ProcessGroup group) {
  struct sigaction relay{};
  relay.sa_sigaction = handle;
  relay.sa_flags = SA_SIGINFO | SA_RESTART;
  ::sigfillset(&relay.sa_mask);
  for (std::size_t i = 0; i < kForwarded.size(); ++i) {
    const bool job_control = kForwarded[i] == SIGTSTP || kForwarded[i] == SIGCONT;
    changed[i] = false;
    if (!job_control || group == ProcessGroup::Own) change(i, kForwarded[i], relay);
  }
  // Where SIGCHLD is ignored, the system forgets how children ended.
  struct sigaction usual{};
  usual.sa_handler = SIG_DFL;
  change(kChildSlot, SIGCHLD, usual);
}

void restore_handlers() {
  for (std::size_t i = 0; i < kForwarded.size(); ++i) {
    if (changed[i]) ::sigaction(kForwarded[i], &actions_before[i], nullptr);
  }
  if (changed[kChildSlot]) ::sigaction(SIGCHLD, &actions_before[kChildSlot], nullptr);
}

bool pipe_signal_pending() {
  sigset_t pending;
  ::sigpending(&pending);
  return sigismember(&pending, SIGPIPE) == 1;
}

sigset_t only_pipe_signal() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGPIPE);
  return set;
}

}  // namespace

bool asks_to_stop(int signal) {
  return std::ranges::find(kStopSignals, signal) != kStopSignals.end();
}

Result<SignalRelay> SignalRelay::install(ProcessGroup group) {
  if (taken.exchange(true)) {
    return fail(Errc::Busy, "this process already supervises a command and forwards signals to it",
                "let the second call leave signals alone (Signals::Leave)");
  }
  auto pipe = make_pipe();
  if (!pipe || ::fcntl(pipe->write.get(), F_SETFL, O_NONBLOCK) != 0) {
    taken = false;
    return pipe ? fail(Errc::Io, "cannot prepare a pipe for signals") : fail(pipe.error());
  }
  write_fd = pipe->write.get();
  install_handlers(group);
  return SignalRelay(*std::move(pipe));
}

SignalRelay::SignalRelay(SignalRelay&& other) noexcept : pipe_(std::move(other.pipe_)) {}

SignalRelay::~SignalRelay() {
  if (!pipe_.read.open()) return;  // moved from
  restore_handlers();
  write_fd = -1;
  taken = false;
}

std::optional<ReceivedSignal> SignalRelay::next() const {
  std::array<unsigned char, 2> message{};
  const ssize_t count = ::read(pipe_.read.get(), message.data(), message.size());
  if (count != static_cast<ssize_t>(message.size())) return std::nullopt;
  return ReceivedSignal{.number = message[0], .from_terminal = message[1] != 0};
}

PipeSignalGuard::PipeSignalGuard() : was_pending_(pipe_signal_pending()) {
  const sigset_t pipe_signal = only_pipe_signal();
  ::pthread_sigmask(SIG_BLOCK, &pipe_signal, &mask_before_);
}

PipeSignalGuard::~PipeSignalGuard() {
  if (!was_pending_ && pipe_signal_pending()) {
    const sigset_t pipe_signal = only_pipe_signal();
    const timespec at_once{};
    ::sigtimedwait(&pipe_signal, nullptr, &at_once);
  }
  ::pthread_sigmask(SIG_SETMASK, &mask_before_, nullptr);
}

void stop_self() { ::raise(SIGSTOP); }

}  // namespace daybook
