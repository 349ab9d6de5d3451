// SPDX-License-Identifier: Apache-2.0
//
// Descriptors and the three standard streams. The system gives out the lowest free
// number: with standard output closed the next file opened becomes standard output,
// and whatever is printed lands in it. So nothing of ours takes a number below
// kFirstFreeDescriptor, and a program claims the numbers that are free before it starts
// anything. SQLite keeps the same rule for its files.
#pragma once

namespace daybook {

inline constexpr int kFirstFreeDescriptor = 3;

// The same open file under a number that is no standard stream, closed on exec, in place of
// `descriptor`, which is closed when it was one. -1 stays -1; -1 with errno when no
// number is left.
[[nodiscard]] int above_standard(int descriptor);

// Opens something on each of the descriptors 0 to 2 that is closed. What is read from or
// written to it fails as on a closed one: an answer that reaches nobody is an error.
// For the start of a program, before its threads.
void hold_standard_streams();

}  // namespace daybook
