# SPDX-License-Identifier: Apache-2.0
#
# Runs PROGRAM for its manual page and its shell completions and writes them below DIRECTORY.

file(MAKE_DIRECTORY "${DIRECTORY}")

# generate(<file> <arguments...>): the program's output, as <file>.
function(generate file)
  execute_process(COMMAND "${PROGRAM}" ${ARGN}
    OUTPUT_FILE "${DIRECTORY}/${file}.new" COMMAND_ERROR_IS_FATAL ANY)
  file(SIZE "${DIRECTORY}/${file}.new" size)
  if(size EQUAL 0)
    message(FATAL_ERROR "daybook ${ARGN}: no output")
  endif()
  file(RENAME "${DIRECTORY}/${file}.new" "${DIRECTORY}/${file}")
endfunction()

generate(daybook.bash completion bash)
generate(daybook.zsh completion zsh)
generate(daybook.fish completion fish)
generate(daybook.1 man)
