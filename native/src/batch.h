// A column of byte strings as Arrow lays it out, read from JavaScript without a copy: `values` holds all rows one after
// the other, row i is values[offsets[i] .. offsets[i + 1]). Every kernel that reads a batch takes its text this way.
#pragma once
#include <napi.h>

#include <cstdint>
#include <string_view>

namespace apertus {

class BytesColumn {
 public:
  // Throws a JavaScript TypeError or RangeError unless the offsets start at or above 0, never fall, and end inside the values:
  // the caller may hand over anything, and a kernel must never read outside the buffer.
  BytesColumn(const Napi::Value& values, const Napi::Value& offsets) {
    if (!values.IsTypedArray() || !offsets.IsTypedArray()) {
      throw Napi::TypeError::New(values.Env(), "values must be a Uint8Array and offsets an Int32Array");
    }
    const auto bytes = values.As<Napi::TypedArray>();
    const auto ends = offsets.As<Napi::TypedArray>();
    if (bytes.TypedArrayType() != napi_uint8_array || ends.TypedArrayType() != napi_int32_array || ends.ElementLength() < 1) {
      throw Napi::TypeError::New(values.Env(), "values must be a Uint8Array and offsets a non-empty Int32Array");
    }
    data_ = values.As<Napi::Uint8Array>().Data();
    offsets_ = offsets.As<Napi::Int32Array>().Data();
    rows_ = ends.ElementLength() - 1;
    const auto size = static_cast<int64_t>(bytes.ByteLength());
    if (offsets_[0] < 0) throw Napi::RangeError::New(values.Env(), "offsets start below 0");
    for (size_t i = 0; i < rows_; i++) {
      if (offsets_[i + 1] < offsets_[i]) throw Napi::RangeError::New(values.Env(), "offsets fall");
    }
    if (offsets_[rows_] > size) throw Napi::RangeError::New(values.Env(), "offsets end behind the values");
  }

  size_t rows() const { return rows_; }
  std::string_view row(size_t i) const {
    return {reinterpret_cast<const char*>(data_) + offsets_[i], static_cast<size_t>(offsets_[i + 1] - offsets_[i])};
  }

 private:
  const uint8_t* data_ = nullptr;
  const int32_t* offsets_ = nullptr;
  size_t rows_ = 0;
};

}  // namespace apertus
