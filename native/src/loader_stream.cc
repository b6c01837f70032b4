// Reads mapped shards as one stream of tokens (loader_stream.h). Offsets come from the file, so each is checked where it is used.
#include "loader_stream.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

namespace apertus::loader {

namespace {
constexpr size_t kMostMappings = 16384;
}

TokenStream::TokenStream(std::vector<std::string> paths, std::vector<uint64_t> sizes, std::vector<TokenBatch> batches,
                         const std::vector<GoneRow>& gone, uint32_t ceiling)
    : paths_(std::move(paths)),
      sizes_(std::move(sizes)),
      batches_(std::move(batches)),
      ceiling_(ceiling),
      mappings_(paths_.size()) {
  size_t next = 0;
  for (uint32_t at = 0; at < batches_.size(); at++) {
    const auto& batch = batches_[at];
    const uint64_t size = sizes_[batch.shard];
    if (batch.offsets_at % 4 != 0 || batch.values_at % 4 != 0 || batch.values > INT32_MAX || batch.offsets_at > size ||
        (uint64_t{batch.rows} + 1) * 4 > size - batch.offsets_at || batch.values_at > size ||
        batch.values * 4 > size - batch.values_at) {
      throw Damage(batch.shard, "its token lists lie outside of the file");
    }
    if (next == gone.size() || gone[next].batch != at) {
      AddRun(at, 0, batch.rows, batch.values);
      continue;
    }
    const int32_t* offsets = OffsetsOf(batch);
    uint32_t from = 0;
    const auto add = [&](uint32_t to) {
      if (to > from) {
        const int64_t first = offsets[from];
        const int64_t last = offsets[to];
        if (first < 0 || last < first || static_cast<uint64_t>(last) > batch.values) throw Damage(batch.shard, "offsets fall");
        AddRun(at, from, to, static_cast<uint64_t>(last - first));
      }
    };
    for (; next < gone.size() && gone[next].batch == at; next++) {
      if (gone[next].row >= batch.rows || gone[next].row < from) throw Damage(batch.shard, "a deleted row is not there");
      add(gone[next].row);
      from = gone[next].row + 1;
    }
    add(batch.rows);
  }
  if (next != gone.size()) throw Damage(0, "deleted rows are out of order");
}

TokenStream::~TokenStream() {
  for (const auto shard : mapped_) Unmap(shard);
}

void TokenStream::AddRun(uint32_t batch, uint32_t from, uint32_t to, uint64_t tokens) {
  if (tokens == 0) return;
  runs_.push_back({tokens_, batch, from, to});
  tokens_ += tokens;
}

void TokenStream::Unmap(uint32_t shard) {
  auto& mapping = mappings_[shard];
  if (mapping.data != nullptr) ::munmap(const_cast<uint8_t*>(mapping.data), mapping.size);
  mapping = {};
}

const uint8_t* TokenStream::Map(uint32_t shard) {
  auto& mapping = mappings_[shard];
  if (mapping.data != nullptr) return mapping.data;
  if (mapped_.size() >= kMostMappings) {
    Unmap(mapped_.front());
    mapped_.pop_front();
  }
  const int fd = ::open(paths_[shard].c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) throw Damage(shard, std::strerror(errno));
  struct stat info {};
  if (::fstat(fd, &info) != 0 || !S_ISREG(info.st_mode) || static_cast<uint64_t>(info.st_size) != sizes_[shard]) {
    ::close(fd);
    throw Damage(shard, "it has another size than the manifest says");
  }
  const auto size = static_cast<size_t>(info.st_size);
  void* data = ::mmap(nullptr, size, PROT_READ, MAP_SHARED, fd, 0);
  const int fault = errno;
  ::close(fd);
  if (data == MAP_FAILED) throw Damage(shard, std::strerror(fault));
  mapping = {static_cast<const uint8_t*>(data), size};
  mapped_.push_back(shard);
  return mapping.data;
}

void TokenStream::Read(uint64_t position, uint64_t length, int32_t* out, std::vector<int32_t>& starts) {
  const auto found = std::upper_bound(runs_.begin(), runs_.end(), position,
                                      [](uint64_t place, const Run& run) { return place < run.start; });
  auto at = static_cast<size_t>(found - runs_.begin()) - 1;
  for (uint64_t filled = 0; filled < length; at++) {
    const Run& run = runs_[at];
    const TokenBatch& batch = batches_[run.batch];
    const uint64_t size = (at + 1 < runs_.size() ? runs_[at + 1].start : tokens_) - run.start;
    const int32_t* offsets = OffsetsOf(batch);
    const int64_t first = offsets[run.from];
    const int64_t last = offsets[run.to];
    if (first < 0 || last - first != static_cast<int64_t>(size) || static_cast<uint64_t>(last) > batch.values) {
      throw Damage(batch.shard, "its offsets do not fit its header");
    }
    const uint64_t inside = position + filled - run.start;
    const uint64_t take = std::min(length - filled, size - inside);
    const int64_t from = first + static_cast<int64_t>(inside);
    const int64_t to = from + static_cast<int64_t>(take);
    const uint8_t* ids = Map(batch.shard) + batch.values_at + static_cast<uint64_t>(from) * 4;
    std::memcpy(out + filled, ids, take * 4);
    // No id is greater than the bits of all together, which is the cheaper question, and mostly the last one.
    uint32_t bits = 0;
    for (uint64_t i = filled; i < filled + take; i++) bits |= static_cast<uint32_t>(out[i]);
    uint32_t greatest = 0;
    if (bits >= ceiling_) {
      for (uint64_t i = filled; i < filled + take; i++) greatest = std::max(greatest, static_cast<uint32_t>(out[i]));
    }
    if (greatest >= ceiling_) throw Damage(batch.shard, "token id " + std::to_string(greatest) + " is not in the vocabulary");
    const int32_t* row = std::lower_bound(offsets + run.from, offsets + run.to, from);
    for (int64_t least = from; row < offsets + run.to; row++) {
      const int64_t begin = *row;
      if (begin < least || begin > last) throw Damage(batch.shard, "offsets fall");
      if (begin >= to) break;
      const auto start = static_cast<int32_t>(static_cast<int64_t>(filled) + begin - from);
      // A document without a token begins where the next one does.
      if (starts.empty() || starts.back() != start) starts.push_back(start);
      least = begin;
    }
    filled += take;
  }
}

}  // namespace apertus::loader
