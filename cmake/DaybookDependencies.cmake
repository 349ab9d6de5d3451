# SPDX-License-Identifier: Apache-2.0
#
# The libraries Daybook stands on, all of them ordinary distribution packages.

set(THREADS_PREFER_PTHREAD_FLAG ON)
find_package(Threads REQUIRED)

if(DAYBOOK_STATIC_DEPS)
  # Every shared library costs the program part of a millisecond at start. The exported package names the
  # same targets, so a consumer still resolves them its own way.
  set(OPENSSL_USE_STATIC_LIBS ON)
  find_library(SQLite3_LIBRARY NAMES libsqlite3.a sqlite3)
endif()

find_package(OpenSSL 3.0 REQUIRED COMPONENTS Crypto)
find_package(SQLite3 3.40 REQUIRED)
find_package(simdjson REQUIRED CONFIG)
find_package(zstd REQUIRED CONFIG)
find_package(nlohmann_json 3.11 REQUIRED CONFIG)
find_package(fmt 9.1 REQUIRED CONFIG)
# RE2 exports no CMake package here, but a pkg-config file.
find_package(PkgConfig REQUIRED)
pkg_check_modules(daybook_re2 REQUIRED IMPORTED_TARGET re2)
if(DAYBOOK_STATIC_DEPS)
  find_library(DAYBOOK_RE2_ARCHIVE libre2.a)
  mark_as_advanced(DAYBOOK_RE2_ARCHIVE)
  if(DAYBOOK_RE2_ARCHIVE)
    set_target_properties(PkgConfig::daybook_re2 PROPERTIES
      INTERFACE_LINK_LIBRARIES "${DAYBOOK_RE2_ARCHIVE};Threads::Threads")
  endif()
endif()

if(DAYBOOK_STATIC_DEPS AND TARGET zstd::libzstd_static)
  set(daybook_zstd zstd::libzstd_static)
else()
  set(daybook_zstd zstd::libzstd_shared)
endif()

if(DAYBOOK_BUILD_CLI)
  find_package(CLI11 2.1 REQUIRED CONFIG)
endif()

# toml++ is used as the header-only library it is: its packaged target would add a shared library to the
# program's start for one small settings file.
find_path(DAYBOOK_TOMLPP_INCLUDE toml++/toml.h REQUIRED)
mark_as_advanced(DAYBOOK_TOMLPP_INCLUDE)
add_library(daybook_toml INTERFACE)
target_include_directories(daybook_toml SYSTEM INTERFACE "${DAYBOOK_TOMLPP_INCLUDE}")
