# SPDX-License-Identifier: Apache-2.0
#
# Developer options and the compile settings that every target of this project shares. A consumer who
# adds Daybook as a subdirectory gets none of the developer settings: they default to PROJECT_IS_TOP_LEVEL,
# and strict warnings and sanitizers are only ever switched on by a preset.

option(DAYBOOK_BUILD_CLI "Build the daybook program" ON)
option(DAYBOOK_BUILD_TESTS "Build the tests" ${PROJECT_IS_TOP_LEVEL})
option(DAYBOOK_BUILD_FUZZ "Build the fuzz targets" ${PROJECT_IS_TOP_LEVEL})
option(DAYBOOK_BUILD_BENCH "Build the benchmark" OFF)
option(DAYBOOK_INSTALL "Create the install rules" ${PROJECT_IS_TOP_LEVEL})
option(DAYBOOK_STRICT_WARNINGS "Many warnings, all of them errors" OFF)
option(DAYBOOK_STATIC_DEPS "Prefer static archives of the dependencies, for a quick program start" OFF)
option(DAYBOOK_COVERAGE "Instrument for coverage" OFF)
option(DAYBOOK_LIBFUZZER "Link fuzz targets with libFuzzer (needs clang)" OFF)
set(DAYBOOK_SANITIZE "" CACHE STRING "Sanitizers, as for -fsanitize=, or empty")

if(PROJECT_IS_TOP_LEVEL)
  # No path of the building machine in the binaries, and identical objects from any build directory.
  add_compile_options("-ffile-prefix-map=${PROJECT_SOURCE_DIR}/=")

  find_program(DAYBOOK_CCACHE ccache)
  mark_as_advanced(DAYBOOK_CCACHE)
  if(DAYBOOK_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
    # The sloppiness is what ccache needs to cache sources that use a precompiled header; without hashing
    # the working directory several build directories of one checkout share their objects.
    set(CMAKE_CXX_COMPILER_LAUNCHER "${CMAKE_COMMAND}" -E env
      CCACHE_SLOPPINESS=pch_defines,time_macros CCACHE_NOHASHDIR=1 "${DAYBOOK_CCACHE}")
  endif()

  # A quicker linker when there is one; the default linker does just as well.
  find_program(DAYBOOK_MOLD mold)
  find_program(DAYBOOK_LLD ld.lld)
  mark_as_advanced(DAYBOOK_MOLD DAYBOOK_LLD)
  if(DAYBOOK_MOLD)
    add_link_options(-fuse-ld=mold)
  elseif(DAYBOOK_LLD)
    add_link_options(-fuse-ld=lld)
  endif()
endif()

if(DAYBOOK_STRICT_WARNINGS)
  add_compile_options(-Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wnon-virtual-dtor
    -Wdeprecated-copy-dtor -Werror)
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    # GCC 12 reports copies inside std::string as overlapping (its bug 105651).
    add_compile_options(-Wno-restrict)
    if(DAYBOOK_SANITIZE)
      # Instrumented code confuses its bounds analysis; the other builds keep these as errors.
      add_compile_options(-Wno-array-bounds -Wno-stringop-overflow -Wno-maybe-uninitialized)
    endif()
  else()
    # Clang sees what std::stable_sort of libstdc++ 12 uses inside.
    add_compile_options(-Wno-deprecated-declarations)
  endif()
endif()

if(DAYBOOK_SANITIZE)
  add_compile_options("-fsanitize=${DAYBOOK_SANITIZE}" -fno-omit-frame-pointer)
  add_link_options("-fsanitize=${DAYBOOK_SANITIZE}")
  if(DAYBOOK_SANITIZE MATCHES "undefined")
    add_compile_options(-fno-sanitize-recover=undefined)
  endif()
endif()

if(DAYBOOK_COVERAGE)
  add_compile_options(--coverage -fprofile-update=atomic)
  add_link_options(--coverage)
endif()
