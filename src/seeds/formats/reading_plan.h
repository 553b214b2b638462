#pragma once
// How a seed file is read once it is open.

#include "seeds/formats/csv/csv_rows.h"
#include "seeds/input/byte_source.h"
#include "seeds/model/seed_file.h"

namespace portalkey {

/// How much is done at once; other values than these are for tests.
struct ReadingPlan {
  std::size_t buffer_bytes = CsvRows::kBufferBytes;    ///< a row must fit
  unsigned threads = 0;                                ///< 0: as many as there are processors
  std::size_t portion_bytes = std::size_t{120} << 10;  ///< of what a thread does at a time
  std::size_t alone_up_to = std::size_t{1} << 20;      ///< bytes that are read by one thread

  unsigned most_threads() const;
};

/// What read_seed_file does once the file is open.
Result<SeedFileSummary> read_seeds(ByteSource& source, const SeedFileOptions& options, SeedSink& sink,
                                   const ReadingPlan& plan = {});

}  // namespace portalkey
