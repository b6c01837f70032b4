// Random numbers for a model's first weights: a counter through the finaliser of SplitMix64 (Steele et al. 2014,
// doi:10.1145/2660193.2660195), so that any place can be had without those before it, turned normal by Box and Muller (1958). Logarithm, sine and cosine are series in plain float64 arithmetic: every machine makes the same bits.
#include <bit>
#include <cmath>
#include <cstdint>

#include "trainer_model.h"

namespace apertus::trainer {
namespace {

constexpr double kLn2 = 0.693147180559945309417, kHalfPi = 1.57079632679489661923;

uint64_t Mixed(uint64_t z) {
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
  return z ^ (z >> 31);
}

// The place-th number of a stream.
uint64_t Drawn(uint64_t stream, uint64_t place) { return Mixed(stream + (place + 1) * 0x9e3779b97f4a7c15ULL); }

// (0, 1], 2^-53 apart.
double Uniform(uint64_t bits) { return static_cast<double>((bits >> 11) + 1) * 0x1p-53; }

// Natural logarithm for 0 < x <= 1, by 2 artanh((m - 1) / (m + 1)) with m in [1/sqrt(2), sqrt(2)).
double Log(double x) {
  const auto bits = std::bit_cast<uint64_t>(x);
  int exponent = static_cast<int>(bits >> 52) - 1023;
  double m = std::bit_cast<double>((bits & 0x000fffffffffffffULL) | 0x3ff0000000000000ULL);
  if (m > 1.41421356237309514547) {
    m *= 0.5;
    exponent++;
  }
  const double z = (m - 1) / (m + 1), square = z * z;
  double sum = 0;
  for (int n = 23; n >= 1; n -= 2) sum = sum * square + 1.0 / n;
  return 2 * z * sum + exponent * kLn2;
}

// Sine and cosine of a quarter turn's part, 0 <= part < 1, by their series.
void Turn(double part, double* sine, double* cosine) {
  const double x = part * kHalfPi, square = x * x;
  double s = 0, c = 0;
  for (int n = 21; n >= 1; n -= 2) s = 1 - square / ((n + 1) * (n + 2)) * s;
  for (int n = 20; n >= 0; n -= 2) c = 1 - square / ((n + 1) * (n + 2)) * c;
  *sine = x * s;
  *cosine = c;
}

}  // namespace

void FillNormal(uint64_t seed, uint64_t stream, double deviation, float* to, size_t count) {
  const uint64_t key = Drawn(Drawn(seed, 0), stream);
  for (size_t i = 0; i < count; i += 2) {
    const double u = Uniform(Drawn(key, i)), v = 4 * (1 - Uniform(Drawn(key, i + 1)));
    const auto quarter = static_cast<int>(v);
    double sine, cosine;
    Turn(v - quarter, &sine, &cosine);
    const double length = deviation * std::sqrt(-2 * Log(u));
    const double across[4] = {cosine, -sine, -cosine, sine}, up[4] = {sine, cosine, -sine, -cosine};
    to[i] = static_cast<float>(length * across[quarter]);
    if (i + 1 < count) to[i + 1] = static_cast<float>(length * up[quarter]);
  }
}

}  // namespace apertus::trainer
