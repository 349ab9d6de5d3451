# SPDX-License-Identifier: Apache-2.0
#
# Read by CPack for each kind of package: a .deb installs below /usr, an archive is unpacked anywhere.

if(CPACK_GENERATOR STREQUAL "DEB")
  set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
else()
  set(CPACK_PACKAGING_INSTALL_PREFIX /)
endif()
