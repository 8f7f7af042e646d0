# Two components: `sdk`, headers alone, for who writes a plugin, and `runtime`, the library, the
# command line and the plugins (each installed where it is defined), for who uses them.
#   find_package(Halyard COMPONENTS sdk)      -> Halyard::sdk
#   find_package(Halyard COMPONENTS runtime)  -> Halyard::runtime, and Halyard::sdk
#   pkg-config halyard-sdk, pkg-config halyard
include(CMakePackageConfigHelpers)

set(halyard_cmake_dir "${CMAKE_INSTALL_LIBDIR}/cmake/Halyard")
set(halyard_generated "${PROJECT_BINARY_DIR}/install")

foreach(folder IN ITEMS include/halyard opset/halyard)
  install(DIRECTORY "${PROJECT_SOURCE_DIR}/sdk/${folder}"
    DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}" COMPONENT sdk
    FILES_MATCHING PATTERN "*.h" PATTERN "*.hpp")
endforeach()
install(TARGETS halyard_sdk EXPORT HalyardSdkTargets COMPONENT sdk)
install(EXPORT HalyardSdkTargets NAMESPACE Halyard::
  DESTINATION "${halyard_cmake_dir}" COMPONENT sdk)

install(TARGETS halyard EXPORT HalyardRuntimeTargets
  LIBRARY DESTINATION "${CMAKE_INSTALL_LIBDIR}" COMPONENT runtime NAMELINK_COMPONENT runtime)
install(EXPORT HalyardRuntimeTargets NAMESPACE Halyard::
  DESTINATION "${halyard_cmake_dir}" COMPONENT runtime)

configure_package_config_file(
  "${PROJECT_SOURCE_DIR}/tools/cmake/HalyardConfig.cmake.in"
  "${halyard_generated}/HalyardConfig.cmake" INSTALL_DESTINATION "${halyard_cmake_dir}"
  NO_SET_AND_CHECK_MACRO)
# 0.x: a minor release may change the ABI.
write_basic_package_version_file(
  "${halyard_generated}/HalyardConfigVersion.cmake" COMPATIBILITY SameMinorVersion)
install(FILES
  "${halyard_generated}/HalyardConfig.cmake" "${halyard_generated}/HalyardConfigVersion.cmake"
  DESTINATION "${halyard_cmake_dir}" COMPONENT sdk)

# Relative to the .pc file, so that an installed tree can be moved, and --prefix at install time holds.
file(RELATIVE_PATH halyard_pc_prefix "/p/${CMAKE_INSTALL_LIBDIR}/pkgconfig" "/p")
string(REGEX REPLACE "/$" "" halyard_pc_prefix "${halyard_pc_prefix}")
foreach(name_component IN ITEMS halyard-sdk:sdk halyard:runtime)
  string(REPLACE ":" ";" pair "${name_component}")
  list(GET pair 0 name)
  list(GET pair 1 component)
  configure_file("${PROJECT_SOURCE_DIR}/tools/cmake/${name}.pc.in"
    "${halyard_generated}/${name}.pc" @ONLY)
  install(FILES "${halyard_generated}/${name}.pc"
    DESTINATION "${CMAKE_INSTALL_LIBDIR}/pkgconfig" COMPONENT ${component})
endforeach()
