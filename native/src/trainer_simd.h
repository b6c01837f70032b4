// Vectors of the instruction set that the including file compiles for (APERTUS_LANES, APERTUS_FMA), in GCC's vector extension.
// Loads and stores need no alignment. Exponentials are our own, so that all sets agree to the last bits or nearly so.
#pragma once

typedef float Floats __attribute__((vector_size(4 * APERTUS_LANES)));
typedef int32_t Words __attribute__((vector_size(4 * APERTUS_LANES)));

constexpr size_t kLanes = APERTUS_LANES;

inline Floats Load(const float* from) {
  Floats value;
  __builtin_memcpy(&value, from, sizeof value);
  return value;
}
inline void Store(float* to, const Floats& value) { __builtin_memcpy(to, &value, sizeof value); }
// x - 0 is x for every x, x + 0 is not: only this compiles to a broadcast alone.
inline Floats Splat(float value) { return value - Floats{}; }
inline Words SplatWord(int32_t value) { return value - Words{}; }
// a b + c, rounded once where the processor can.
inline Floats Fma(Floats a, Floats b, Floats c) { return APERTUS_FMA(a, b, c); }
inline Floats Max(Floats a, Floats b) { return a > b ? a : b; }

inline float Total(const Floats& value) {
  float lanes[kLanes];
  Store(lanes, value);
  for (size_t half = kLanes / 2; half > 0; half /= 2) {
    for (size_t i = 0; i < half; i++) lanes[i] += lanes[i + half];
  }
  return lanes[0];
}
inline float Greatest(const Floats& value) {
  float lanes[kLanes];
  Store(lanes, value);
  for (size_t i = 1; i < kLanes; i++) lanes[0] = lanes[i] > lanes[0] ? lanes[i] : lanes[0];
  return lanes[0];
}

// e^x = power (1 + rest), rest = e^r - 1 for |r| <= ln 2 / 2, of degree 7: error below 1e-8 of e^r. Not a number stays so.
struct Exponential {
  Floats power, rest;
};
inline Exponential Split(Floats x) {
  const Floats low = Splat(-87.0f), high = Splat(88.0f);
  x = x < low ? low : x;
  x = x > high ? high : x;
  const Floats magic = Splat(12582912.0f);  // 1.5 2^23: adding it rounds to a whole number in the low bits
  const Floats shifted = Fma(x, Splat(1.44269504f), magic);
  const Floats whole = shifted - magic;
  Floats r = Fma(whole, Splat(-0.693359375f), x);
  r = Fma(whole, Splat(2.12194440e-4f), r);
  Floats p = Fma(r, Splat(1.0f / 5040), Splat(1.0f / 720));
  p = Fma(p, r, Splat(1.0f / 120));
  p = Fma(p, r, Splat(1.0f / 24));
  p = Fma(p, r, Splat(1.0f / 6));
  p = Fma(p, r, Splat(0.5f));
  const Words exponent = (Words)shifted - (Words)magic;
  return {(Floats)((exponent + 127) << 23), Fma(r * r, p, r)};
}

// e^x; exactly 0 below -87.
inline Floats Exp(Floats x) {
  const Exponential e = Split(x);
  return x < Splat(-87.0f) ? Floats{} : Fma(e.power, e.rest, e.power);
}

// e^x - 1 for x <= 0, exact near 0.
inline Floats Expm1(Floats x) {
  const Exponential e = Split(x);
  return Fma(e.power, e.rest, e.power - 1.0f);
}

// To the nearest bfloat16, ties to even, as a float.
inline Floats RoundToHalf(Floats x) {
  const Words bits = (Words)x;
  const Words rounded = (bits + 0x7fff + ((bits >> 16) & 1)) & SplatWord(static_cast<int32_t>(0xffff0000u));
  return x == x ? (Floats)rounded : x;
}
inline float RoundToHalf(float x) {
  uint32_t bits;
  __builtin_memcpy(&bits, &x, sizeof bits);
  bits = (bits + 0x7fff + (bits >> 16 & 1)) & 0xffff0000u;
  float rounded;
  __builtin_memcpy(&rounded, &bits, sizeof rounded);
  return x == x ? rounded : x;
}
