option(PORTALKEY_TESTS "Build the tests" ON)
option(PORTALKEY_FUZZ "Build the fuzz targets (needs clang)" OFF)
option(PORTALKEY_WERROR "Treat warnings as errors" OFF)
set(PORTALKEY_SANITIZE "" CACHE STRING "Sanitizers for -fsanitize=, e.g. address,undefined or thread")

set(CMAKE_CXX_STANDARD 23)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)

find_program(CCACHE ccache)
if(CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CCACHE})
endif()

# Every target of the project links this one: warnings, hardening, include path, sanitizers.
add_library(pk_options INTERFACE)
target_include_directories(pk_options INTERFACE ${PROJECT_SOURCE_DIR}/src)
target_compile_definitions(pk_options INTERFACE PORTALKEY_VERSION="${PROJECT_VERSION}" _GNU_SOURCE)
target_compile_options(pk_options INTERFACE -Wall -Wextra -Wpedantic -Wconversion -Wshadow)
if(PORTALKEY_WERROR)
  target_compile_options(pk_options INTERFACE -Werror)
endif()
if(PORTALKEY_SANITIZE)
  target_compile_options(pk_options INTERFACE -fsanitize=${PORTALKEY_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  target_link_options(pk_options INTERFACE -fsanitize=${PORTALKEY_SANITIZE})
  if(PORTALKEY_SANITIZE MATCHES thread)
    target_compile_options(pk_options INTERFACE -Wno-tsan)  # Asio's fences
  endif()
elseif(CMAKE_BUILD_TYPE MATCHES Rel AND CMAKE_CXX_COMPILER_ID STREQUAL GNU)
  target_compile_options(pk_options INTERFACE -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3 -D_GLIBCXX_ASSERTIONS -fstack-protector-strong
    -fstack-clash-protection -fcf-protection=full -ftrivial-auto-var-init=zero)
  target_link_options(pk_options INTERFACE -pie -Wl,-z,relro,-z,now,-z,noexecstack)
endif()

set(PORTALKEY_BIN_DIR "${PROJECT_BINARY_DIR}" CACHE PATH "Where the program goes")
