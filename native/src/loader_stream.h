// The documents of a source, in the order of its shards and without those that its version takes away, as one stream of tokens that
// can be read at any place: shards are mapped and read where they lie. Memory grows with record batches and deletions, not documents.
#pragma once
#include <cstdint>
#include <deque>
#include <stdexcept>
#include <string>
#include <vector>

namespace apertus::loader {

// A shard that is not what its header said; `shard` is its place among the paths.
struct Damage : std::runtime_error {
  Damage(uint32_t shard, const std::string& what) : std::runtime_error(what), shard(shard) {}
  uint32_t shard;
};

// The token lists of one record batch: rows + 1 offsets (int32) and the ids (uint32), each at a multiple of 4 bytes in the file.
struct TokenBatch {
  uint32_t shard;
  uint32_t rows;
  uint64_t offsets_at;
  uint64_t values_at;
  // Ids in the batch, below 2^31.
  uint64_t values;
};

// A row of a batch that the version takes away.
struct GoneRow {
  uint32_t batch;
  uint32_t row;
};

class TokenStream {
 public:
  // `sizes`: bytes of each file, which it must have whenever it is opened. `gone` ascends. Ids have to be below `ceiling`. Throws Damage.
  TokenStream(std::vector<std::string> paths, std::vector<uint64_t> sizes, std::vector<TokenBatch> batches,
              const std::vector<GoneRow>& gone, uint32_t ceiling);
  ~TokenStream();
  TokenStream(const TokenStream&) = delete;
  TokenStream& operator=(const TokenStream&) = delete;

  // In the documents that are kept.
  uint64_t tokens() const { return tokens_; }
  const std::string& path(uint32_t shard) const { return paths_[shard]; }

  // Copies ids [position, position + length) to `out`, and appends to `starts` where documents begin among them, ascending, relative to
  // `position`. position + length <= tokens(). Throws Damage.
  void Read(uint64_t position, uint64_t length, int32_t* out, std::vector<int32_t>& starts);

 private:
  // Rows [from, to) of a batch, of which none is gone.
  struct Run {
    // Tokens of the stream before it.
    uint64_t start;
    uint32_t batch;
    uint32_t from;
    uint32_t to;
  };
  struct Mapping {
    const uint8_t* data = nullptr;
    size_t size = 0;
  };

  void AddRun(uint32_t batch, uint32_t from, uint32_t to, uint64_t tokens);
  const uint8_t* Map(uint32_t shard);
  void Unmap(uint32_t shard);
  const int32_t* OffsetsOf(const TokenBatch& batch) {
    return reinterpret_cast<const int32_t*>(Map(batch.shard) + batch.offsets_at);
  }

  std::vector<std::string> paths_;
  std::vector<uint64_t> sizes_;
  std::vector<TokenBatch> batches_;
  uint32_t ceiling_;
  std::vector<Run> runs_;
  uint64_t tokens_ = 0;
  std::vector<Mapping> mappings_;
  // Mapped shards, the oldest first: a process may have 65,530 mappings by Linux's default.
  std::deque<uint32_t> mapped_;
};

}  // namespace apertus::loader
