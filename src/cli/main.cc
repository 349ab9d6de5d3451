// SPDX-License-Identifier: Apache-2.0
#include "cli/dispatch.h"

int main(int argc, char** argv) { return daybook::cli::dispatch({argv + 1, argv + argc}); }
