// SPDX-License-Identifier: Apache-2.0
#include "run/pump.h"

#include <limits.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

#include <fmt/format.h>

namespace daybook {
namespace {

constexpr std::size_t kBufferBytes = 64 * 1024;

// A pipe, socket or terminal that poll() calls writable has room for a little;
// only a file takes any amount without making us wait.
std::size_t writable_bytes(int sink) {
  struct stat status{};
  const bool file = sink >= 0 && ::fstat(sink, &status) == 0 && S_ISREG(status.st_mode);
  return file ? kBufferBytes : PIPE_BUF;
}

bool ready(const pollfd& entry) { return entry.fd >= 0 && entry.revents != 0; }

bool try_again(int error) { return error == EAGAIN || error == EWOULDBLOCK || error == EINTR; }

}  // namespace

Pump::Pump(UniqueFd source, int sink, Capture& capture)
    : source_(std::move(source)),
      sink_(sink),
      write_bytes_(writable_bytes(sink)),
      capture_(&capture),
      buffer_(kBufferBytes) {}

pollfd Pump::wait_source() const {
  return {.fd = pending_.empty() ? source_.get() : -1, .events = POLLIN, .revents = 0};
}

pollfd Pump::wait_sink() const {
  return {.fd = pending_.empty() ? -1 : sink_, .events = POLLOUT, .revents = 0};
}

void Pump::move(const pollfd& source, const pollfd& sink) {
  if (ready(sink)) write_some();
  if (ready(source)) read_some();
}

void Pump::source_ended() {
  int waiting = 0;
  const bool known = source_.open() && ::ioctl(source_.get(), FIONREAD, &waiting) == 0;
  owed_ = known ? static_cast<std::uint64_t>(waiting) : 0;
}

void Pump::abandon_sink() {
  sink_ = -1;
  pending_ = {};
}

void Pump::read_some() {
  if (!source_.open() || !pending_.empty()) return;
  const ssize_t count = ::read(source_.get(), buffer_.data(), buffer_.size());
  if (count < 0 && try_again(errno)) return;
  if (count <= 0) {
    source_.reset();
    return;
  }
  const ByteView bytes = ByteView(buffer_).first(static_cast<std::size_t>(count));
  if (owed_ != ~0ULL) owed_ -= std::min<std::uint64_t>(owed_, bytes.size());
  capture_->add(bytes);
  if (sink_ >= 0) pending_ = bytes;
}

void Pump::write_some() {
  const std::size_t most = std::min(pending_.size(), write_bytes_);
  const ssize_t count = ::write(sink_, pending_.data(), most);
  if (count >= 0) {
    pending_ = pending_.subspan(static_cast<std::size_t>(count));
    return;
  }
  const int error = errno;
  if (try_again(error)) return;
  abandon_sink();
  if (error == EPIPE) {
    source_.reset();
  } else if (error != EBADF) {
    failure_ = std::error_code(error, std::generic_category()).message();
  }
}

}  // namespace daybook
