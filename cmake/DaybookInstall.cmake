# SPDX-License-Identifier: Apache-2.0
#
# Installing and packaging. Two components: `runtime` is the program with its manual page and completions,
# `dev` is the library with headers, CMake package and pkg-config file.

include(CMakePackageConfigHelpers)

install(TARGETS daybook EXPORT daybookTargets COMPONENT dev
  ARCHIVE COMPONENT dev LIBRARY COMPONENT dev FILE_SET HEADERS COMPONENT dev)

set(daybook_cmake_dir "${CMAKE_INSTALL_LIBDIR}/cmake/daybook")
install(EXPORT daybookTargets NAMESPACE daybook:: DESTINATION "${daybook_cmake_dir}" COMPONENT dev)
configure_package_config_file(cmake/daybookConfig.cmake.in "${PROJECT_BINARY_DIR}/daybookConfig.cmake"
  INSTALL_DESTINATION "${daybook_cmake_dir}" NO_SET_AND_CHECK_MACRO)
write_basic_package_version_file("${PROJECT_BINARY_DIR}/daybookConfigVersion.cmake"
  COMPATIBILITY SameMinorVersion)
install(FILES "${PROJECT_BINARY_DIR}/daybookConfig.cmake" "${PROJECT_BINARY_DIR}/daybookConfigVersion.cmake"
  DESTINATION "${daybook_cmake_dir}" COMPONENT dev)

# A static archive drags its own dependencies along, so whoever links it needs them in plain `--libs` too.
set(daybook_pc_dependencies "simdjson sqlite3 >= 3.40 libcrypto >= 3.0 libzstd re2")
if(BUILD_SHARED_LIBS)
  set(daybook_pc_requires "Requires.private: ${daybook_pc_dependencies}")
else()
  set(daybook_pc_requires "Requires: ${daybook_pc_dependencies}")
endif()
file(RELATIVE_PATH daybook_pc_prefix "/${CMAKE_INSTALL_LIBDIR}/pkgconfig" "/")
configure_file(cmake/daybook.pc.in "${PROJECT_BINARY_DIR}/daybook.pc" @ONLY)
install(FILES "${PROJECT_BINARY_DIR}/daybook.pc"
  DESTINATION "${CMAKE_INSTALL_LIBDIR}/pkgconfig" COMPONENT dev)

if(TARGET daybook-cli)
  install(TARGETS daybook-cli RUNTIME COMPONENT runtime)
  install(FILES LICENSE DESTINATION "${CMAKE_INSTALL_DOCDIR}" COMPONENT runtime)

  # The program is the only source of its manual page and completions.
  set(generated "${PROJECT_BINARY_DIR}/generated")
  if(NOT CMAKE_CROSSCOMPILING)
    add_custom_command(OUTPUT "${generated}/daybook.1"
      COMMAND "${CMAKE_COMMAND}" "-DPROGRAM=$<TARGET_FILE:daybook-cli>" "-DDIRECTORY=${generated}"
        -P "${PROJECT_SOURCE_DIR}/cmake/GenerateDocs.cmake"
      DEPENDS daybook-cli "${PROJECT_SOURCE_DIR}/cmake/GenerateDocs.cmake"
      COMMENT "Generating the manual page and the shell completions" VERBATIM)
    add_custom_target(daybook_generated ALL DEPENDS "${generated}/daybook.1")
    install(FILES "${generated}/daybook.1" DESTINATION "${CMAKE_INSTALL_MANDIR}/man1" COMPONENT runtime)
    install(FILES "${generated}/daybook.bash" RENAME daybook
      DESTINATION "${CMAKE_INSTALL_DATADIR}/bash-completion/completions" COMPONENT runtime)
    install(FILES "${generated}/daybook.zsh" RENAME _daybook
      DESTINATION "${CMAKE_INSTALL_DATADIR}/zsh/vendor-completions" COMPONENT runtime)
    install(FILES "${generated}/daybook.fish"
      DESTINATION "${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d" COMPONENT runtime)
  endif()
endif()

set(CPACK_PACKAGE_NAME daybook)
set(CPACK_PACKAGE_VENDOR "Daybook")
set(CPACK_PACKAGE_CONTACT "The Daybook maintainers")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "Append-only, crash-safe, tamper-evident ledger for AI agents")
set(CPACK_RESOURCE_FILE_LICENSE "${PROJECT_SOURCE_DIR}/LICENSE")
set(CPACK_GENERATOR DEB TGZ)
string(TOLOWER "${CMAKE_SYSTEM_NAME}-${CMAKE_SYSTEM_PROCESSOR}" daybook_platform)
set(CPACK_PACKAGE_FILE_NAME "daybook-${PROJECT_VERSION}-${daybook_platform}")
set(CPACK_STRIP_FILES ON)
set(CPACK_COMPONENTS_ALL runtime dev)
set(CPACK_ARCHIVE_COMPONENT_INSTALL OFF)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_PROJECT_CONFIG_FILE "${PROJECT_SOURCE_DIR}/cmake/PackagePrefix.cmake")
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION utils)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_RUNTIME_PACKAGE_NAME daybook)
set(CPACK_DEBIAN_DEV_PACKAGE_NAME libdaybook-dev)
set(CPACK_DEBIAN_DEV_PACKAGE_SECTION libdevel)
set(CPACK_DEBIAN_DEV_PACKAGE_SHLIBDEPS OFF)
set(CPACK_DEBIAN_DEV_PACKAGE_DEPENDS
  "libsimdjson-dev, libsqlite3-dev, libssl-dev (>= 3.0), libzstd-dev, libre2-dev")
set(CPACK_COMPONENT_RUNTIME_DESCRIPTION "The daybook program")
set(CPACK_COMPONENT_DEV_DESCRIPTION "Headers and library for programs that use Daybook")
include(CPack)
