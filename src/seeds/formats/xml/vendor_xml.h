#pragma once
// Token vendors' own XML, without namespaces; names of elements in any case.
//
//   safenet_xml  Tokens/Token@serial with Model, Applications/Application/{Seed,MovingFactor}; seeds in hex. Nothing says the
//                algorithm: it is taken for event-based (HOTP, SHA-1, 6 digits), which the moving factor is for.
//   deepnet_xml  tokens/token with seed, serial and so on as attributes or elements; time-based. The interval must be there.

#include "seeds/input/byte_source.h"
#include "seeds/model/seed_file.h"

namespace portalkey {

/// Whether XML, which is nothing else that is known, begins as such a file does.
bool is_safenet_xml(std::string_view start);
bool is_deepnet_xml(std::string_view start);

Result<SeedFileSummary> read_vendor_xml(ByteSource& source, SeedFormat format, const SeedFileOptions& options, SeedSink& sink);

}  // namespace portalkey
