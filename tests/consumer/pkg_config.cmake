# SPDX-License-Identifier: Apache-2.0
#
# Builds the consumer against the install in PREFIX with nothing but a compiler and pkg-config, and runs it.

file(REMOVE_RECURSE "${WORK}")
file(MAKE_DIRECTORY "${WORK}")
set(ENV{PKG_CONFIG_PATH} "${PREFIX}/${LIBDIR}/pkgconfig")
execute_process(COMMAND pkg-config --cflags --libs daybook
  OUTPUT_VARIABLE flags OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)
separate_arguments(flags UNIX_COMMAND "${flags}")
execute_process(COMMAND "${COMPILER}" -std=c++23 "${SOURCE}/main.cc" -o "${WORK}/consumer" ${flags}
  COMMAND_ERROR_IS_FATAL ANY)
execute_process(COMMAND "${WORK}/consumer" "${WORK}/ledger" COMMAND_ERROR_IS_FATAL ANY)
