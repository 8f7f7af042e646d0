# What every target of this project is built with: the language, the baseline, warnings, sanitizers,
# and where the outputs lie.

set(CMAKE_C_STANDARD 11)
set(CMAKE_C_STANDARD_REQUIRED ON)
set(CMAKE_C_EXTENSIONS OFF)
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_C_VISIBILITY_PRESET hidden)
set(CMAKE_CXX_VISIBILITY_PRESET hidden)
set(CMAKE_VISIBILITY_INLINES_HIDDEN ON)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)

if(NOT CMAKE_BUILD_TYPE AND NOT CMAKE_CONFIGURATION_TYPES)
  set(CMAKE_BUILD_TYPE Release CACHE STRING "" FORCE)
endif()

include(GNUInstallDirs)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/bin")
set(CMAKE_LIBRARY_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/lib")
set(CMAKE_ARCHIVE_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/lib")
set(HALYARD_PLUGIN_OUTPUT_DIR "${PROJECT_BINARY_DIR}/lib/halyard")

# $ORIGIN in both trees: either can be moved, and bin/ finds lib/ beside it.
set(CMAKE_BUILD_RPATH_USE_ORIGIN ON)
file(RELATIVE_PATH halyard_bin_to_lib "/p/${CMAKE_INSTALL_BINDIR}" "/p/${CMAKE_INSTALL_LIBDIR}")
set(CMAKE_INSTALL_RPATH "$ORIGIN/${halyard_bin_to_lib}")

find_program(HALYARD_CCACHE ccache)
mark_as_advanced(HALYARD_CCACHE)
if(HALYARD_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_C_COMPILER_LAUNCHER "${HALYARD_CCACHE}")
  set(CMAKE_CXX_COMPILER_LAUNCHER "${HALYARD_CCACHE}")
endif()

# The baseline of every file. Wider instruction sets belong to single files that are chosen at run time.
if(CMAKE_SYSTEM_PROCESSOR MATCHES "^(x86_64|AMD64)$")
  set(halyard_default_march x86-64-v2)
endif()
set(HALYARD_MARCH "${halyard_default_march}" CACHE STRING "Baseline for -march; empty: the compiler's")
if(HALYARD_MARCH)
  add_compile_options("-march=${HALYARD_MARCH}")
endif()

# For the whole tree at once: a sanitized host with plain plugins reports nonsense.
set(HALYARD_SANITIZE "" CACHE STRING "address,undefined or thread; empty: none")
if(HALYARD_SANITIZE)
  add_compile_options("-fsanitize=${HALYARD_SANITIZE}" -fno-sanitize-recover=all
                      -fno-omit-frame-pointer)
  add_link_options("-fsanitize=${HALYARD_SANITIZE}")
endif()

add_link_options(-Wl,--as-needed)

if(DEFINED ENV{CI})
  set(halyard_default_werror ON)
else()
  set(halyard_default_werror OFF)
endif()
option(HALYARD_WERROR "Warnings are errors" ${halyard_default_werror})

add_library(halyard_warnings INTERFACE)
target_compile_options(halyard_warnings INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wundef -Wvla -Wformat=2
  $<$<COMPILE_LANGUAGE:C>:-Wstrict-prototypes>
  $<$<COMPILE_LANGUAGE:CXX>:-Wnon-virtual-dtor>
  $<$<COMPILE_LANGUAGE:CXX>:-Woverloaded-virtual>
  $<$<COMPILE_LANGUAGE:CXX>:-Wextra-semi>)
if(HALYARD_WERROR)
  target_compile_options(halyard_warnings INTERFACE -Werror)
endif()
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
  # GCC 12 warns about its own std::string (PR 105329, 105651).
  target_compile_options(halyard_warnings INTERFACE $<$<COMPILE_LANGUAGE:CXX>:-Wno-restrict>)
endif()
