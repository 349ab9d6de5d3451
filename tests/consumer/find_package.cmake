# SPDX-License-Identifier: Apache-2.0
#
# Builds the consumer against the install in PREFIX through find_package and runs it.

file(REMOVE_RECURSE "${WORK}")
execute_process(COMMAND "${CMAKE_COMMAND}" -S "${SOURCE}" -B "${WORK}" -G "${GENERATOR}"
  "-DCMAKE_PREFIX_PATH=${PREFIX}" "-DCMAKE_CXX_COMPILER=${COMPILER}" COMMAND_ERROR_IS_FATAL ANY)
execute_process(COMMAND "${CMAKE_COMMAND}" --build "${WORK}" COMMAND_ERROR_IS_FATAL ANY)
execute_process(COMMAND "${WORK}/consumer" "${WORK}/ledger" COMMAND_ERROR_IS_FATAL ANY)
