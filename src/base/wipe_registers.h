#pragma once

namespace portalkey {

/// Clears the vector registers. memchr and memcpy leave in them what they have gone through, and it stays: the C library's
/// AVX-512 variants use registers that nothing else touches, and the dynamic linker saves all of them on the stack whenever a
/// library calls a function for the first time, at exit even. To be called when secrets have been read in bulk.
void wipe_registers();

}  // namespace portalkey
