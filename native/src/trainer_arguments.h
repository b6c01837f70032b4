// Reads the arguments of the trainer's door: whatever JavaScript hands over, either a value within its bounds comes out or a TypeError
// or RangeError goes back.
#pragma once
#include <napi.h>

#include <string>
#include <vector>

#include "trainer_model.h"

namespace apertus::trainer {

// A whole number from `least` to `most`.
size_t Whole(const Napi::Value& value, const char* name, double least, double most);
// A finite number.
double Finite(const Napi::Value& value, const char* name);
// { vocabulary, width, layers, heads, kvHeads, headWidth, hidden, normEpsilon, inverseFrequencies }
Shape ReadShape(const Napi::Value& value);
// { tokens [rows, length + labels], rows, length, mask?, documents? }, ids checked against the vocabulary.
Batch ReadBatch(const Napi::Value& value, size_t vocabulary, bool labels);
// Ids below the vocabulary, at most `most` of them.
std::vector<int32_t> ReadIds(const Napi::Value& value, size_t vocabulary, size_t most);
StepScalars ReadScalars(const Napi::Value& value);
Kind ReadKind(const Napi::Value& value);

}  // namespace apertus::trainer
