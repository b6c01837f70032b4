// The loops over rows: norms, rotary embedding, activation, softmax of logits, the optimiser's step. Included inside the namespace of
// an instruction set, after trainer_simd.h. Sums run in as many lanes as the set has, blocks in order.
#pragma once

inline float Dot(const float* a, const float* b, size_t count) {
  Floats sum = {};
  size_t i = 0;
  for (; i + kLanes <= count; i += kLanes) sum = Fma(Load(a + i), Load(b + i), sum);
  float rest = 0;
  for (; i < count; i++) rest += a[i] * b[i];
  return Total(sum) + rest;
}

// sum of a b c
inline float Dot3(const float* a, const float* b, const float* c, size_t count) {
  Floats sum = {};
  size_t i = 0;
  for (; i + kLanes <= count; i += kLanes) sum = Fma(Load(a + i) * Load(b + i), Load(c + i), sum);
  float rest = 0;
  for (; i < count; i++) rest += a[i] * b[i] * c[i];
  return Total(sum) + rest;
}

inline float InverseRoot(const float* x, size_t width, float epsilon) {
  return 1.0f / __builtin_sqrtf(Dot(x, x, width) / static_cast<float>(width) + epsilon);
}

inline void NormRow(const float* x, const float* weight, float* y, size_t width, float epsilon) {
  const float inverse = InverseRoot(x, width, epsilon);
  size_t i = 0;
  for (; i + kLanes <= width; i += kLanes) Store(y + i, Load(x + i) * inverse * Load(weight + i));
  for (; i < width; i++) y[i] = x[i] * inverse * weight[i];
}

// With n = x inverse: dx = inverse (weight dy - n mean(weight dy n)), dweight += dy n. dx may be dy.
template <bool kAdd>
inline void NormRowBackward(const float* x, const float* weight, const float* dy, float* dx, float* dweight, size_t width,
                            float epsilon) {
  const float inverse = InverseRoot(x, width, epsilon);
  const float mean = Dot3(x, weight, dy, width) * inverse / static_cast<float>(width);
  size_t i = 0;
  for (; i + kLanes <= width; i += kLanes) {
    const Floats n = Load(x + i) * inverse, g = Load(dy + i);
    Store(dweight + i, Fma(g, n, Load(dweight + i)));
    const Floats d = (g * Load(weight + i) - n * mean) * inverse;
    Store(dx + i, kAdd ? Load(dx + i) + d : d);
  }
  for (; i < width; i++) {
    const float n = x[i] * inverse, g = dy[i];
    dweight[i] += g * n;
    const float d = (g * weight[i] - n * mean) * inverse;
    dx[i] = kAdd ? dx[i] + d : d;
  }
}

inline void Norm(const float* x, const float* weight, float* y, size_t tokens, size_t width, float epsilon) {
  for (size_t t = 0; t < tokens; t++) NormRow(x + t * width, weight, y + t * width, width, epsilon);
}

inline void NormBackward(const float* x, const float* weight, const float* dy, float* dx, float* dweight, size_t tokens,
                         size_t width, float epsilon) {
  for (size_t t = 0; t < tokens; t++) {
    const size_t at = t * width;
    NormRowBackward<true>(x + at, weight, dy + at, dx + at, dweight, width, epsilon);
  }
}

// Turns pairs (x[i], x[i + half]) by the angles of which turns holds cosines and sines; `sign` -1 turns back.
inline void Turn(float* x, const float* turns, size_t half, float sign) {
  size_t i = 0;
  for (; i + kLanes <= half; i += kLanes) {
    const Floats a = Load(x + i), b = Load(x + half + i), cosine = Load(turns + i), sine = Load(turns + half + i) * sign;
    Store(x + i, a * cosine - b * sine);
    Store(x + half + i, b * cosine + a * sine);
  }
  for (; i < half; i++) {
    const float a = x[i], b = x[half + i], sine = turns[half + i] * sign;
    x[i] = a * turns[i] - b * sine;
    x[half + i] = b * turns[i] + a * sine;
  }
}

inline void Rotate(const RotaryRow& row, const float* raw, const float* query_weight, const float* key_weight, const float* turns,
                   float* rotated) {
  for (size_t h = 0; h < row.heads + row.kv_heads; h++, raw += row.head_width, rotated += row.head_width) {
    NormRow(raw, h < row.heads ? query_weight : key_weight, rotated, row.head_width, row.epsilon);
    Turn(rotated, turns, row.head_width / 2, 1);
  }
}

inline void RotateBackward(const RotaryRow& row, const float* raw, const float* query_weight, const float* key_weight,
                           const float* turns, float* gradient, float* dquery_weight, float* dkey_weight) {
  for (size_t h = 0; h < row.heads + row.kv_heads; h++, raw += row.head_width, gradient += row.head_width) {
    const bool query = h < row.heads;
    Turn(gradient, turns, row.head_width / 2, -1);
    NormRowBackward<false>(raw, query ? query_weight : key_weight, gradient, gradient, query ? dquery_weight : dkey_weight,
                           row.head_width, row.epsilon);
  }
}

constexpr float kBeta = 0.5f, kEps = -1e-6f;

// Value and slope of xIELU, and what the slopes' gradients take of it.
struct Xielu {
  Floats value, slope, by_positive, by_negative;
};
inline Xielu XieluOf(Floats x, Floats positive, Floats negative) {
  const Floats eps = Splat(kEps), zero = Floats{}, beta = Splat(kBeta);
  const Floats bent = Expm1(x > eps ? eps : x);
  const Floats square = x * x, below = bent - x;
  const Words up = x > zero;
  return {Fma(beta, x, up ? positive * square : negative * below), beta + (up ? positive * (x + x) : negative * bent),
          up ? square : zero, up ? zero : below};
}

// `count` floats at from, or fewer at the end, the rest 0.
inline Floats LoadPart(const float* from, size_t count) {
  float lanes[kLanes] = {};
  for (size_t i = 0; i < count; i++) lanes[i] = from[i];
  return Load(lanes);
}
inline void StorePart(float* to, const Floats& value, size_t count) {
  float lanes[kLanes];
  Store(lanes, value);
  for (size_t i = 0; i < count; i++) to[i] = lanes[i];
}

inline void Activate(const float* x, float positive, float negative, float* y, size_t count) {
  const Floats p = Splat(positive), n = Splat(negative);
  size_t i = 0;
  for (; i + kLanes <= count; i += kLanes) Store(y + i, XieluOf(Load(x + i), p, n).value);
  if (i < count) StorePart(y + i, XieluOf(LoadPart(x + i, count - i), p, n).value, count - i);
}

inline void ActivateBackward(const float* x, float positive, float negative, float* dy, float* y, double* sums, size_t count) {
  const Floats p = Splat(positive), n = Splat(negative);
  Floats positives = {}, negatives = {};
  size_t i = 0;
  for (; i + kLanes <= count; i += kLanes) {
    const Xielu f = XieluOf(Load(x + i), p, n);
    const Floats g = Load(dy + i);
    positives = Fma(g, f.by_positive, positives);
    negatives = Fma(g, f.by_negative, negatives);
    Store(y + i, f.value);
    Store(dy + i, g * f.slope);
  }
  if (i < count) {
    const Xielu f = XieluOf(LoadPart(x + i, count - i), p, n);
    const Floats g = LoadPart(dy + i, count - i);
    positives = Fma(g, f.by_positive, positives);
    negatives = Fma(g, f.by_negative, negatives);
    StorePart(y + i, f.value, count - i);
    StorePart(dy + i, g * f.slope, count - i);
  }
  sums[0] += Total(positives);
  sums[1] += Total(negatives);
}

inline float LossRow(float* logits, size_t vocabulary, size_t label, bool gradient, float scale) {
  const float wanted = logits[label];
  float most = logits[0];
  Floats lanes = Splat(most);
  size_t i = 0;
  for (; i + kLanes <= vocabulary; i += kLanes) lanes = Max(Load(logits + i), lanes);
  most = Greatest(lanes);
  for (; i < vocabulary; i++) most = logits[i] > most ? logits[i] : most;
  double sum = 0;
  for (size_t block = 0; block < vocabulary; block += 512) {  // short sums in float32, their sum in float64
    const size_t end = vocabulary - block < 512 ? vocabulary : block + 512;
    Floats part = {};
    for (i = block; i + kLanes <= end; i += kLanes) {
      const Floats e = Exp(Load(logits + i) - most);
      part += e;
      if (gradient) Store(logits + i, e);
    }
    sum += Total(part);
    if (i < end) {
      const Floats e = Exp(LoadPart(logits + i, end - i) - most);
      if (gradient) StorePart(logits + i, e, end - i);
      for (size_t j = 0; j < end - i; j++) sum += e[j];
    }
  }
  if (gradient) {
    const float factor = static_cast<float>(scale / sum);
    for (i = 0; i + kLanes <= vocabulary; i += kLanes) Store(logits + i, Load(logits + i) * factor);
    for (; i < vocabulary; i++) logits[i] *= factor;
    logits[label] -= scale;
  }
  return static_cast<float>(__builtin_log(sum) + (static_cast<double>(most) - wanted));
}

inline void Add(const float* x, float* to, size_t count) {
  size_t i = 0;
  for (; i + kLanes <= count; i += kLanes) Store(to + i, Load(to + i) + Load(x + i));
  for (; i < count; i++) to[i] += x[i];
}

// Squares are taken in float64: they neither overflow nor vanish, and the sum has the bits of no instruction set.
inline double SumSquares(const float* x, size_t count) {
  double lanes[8] = {};
  size_t i = 0;
  for (; i + 8 <= count; i += 8) {
    for (size_t j = 0; j < 8; j++) lanes[j] += static_cast<double>(x[i + j]) * x[i + j];
  }
  for (size_t j = 0; i < count; i++, j++) lanes[j] += static_cast<double>(x[i]) * x[i];
  return ((lanes[0] + lanes[4]) + (lanes[2] + lanes[6])) + ((lanes[1] + lanes[5]) + (lanes[3] + lanes[7]));
}

inline Floats Root(Floats x) {
  Floats roots = {};
  for (size_t i = 0; i < kLanes; i++) roots[i] = __builtin_sqrtf(x[i]);
  return roots;
}

// The step's scalars as the loop needs them: 1 - beta is taken before it is rounded.
struct StepFactors {
  float beta1, beta2, beta3, rest1, rest2, rest3, alpha, bias1, bias2, epsilon, rate, decay, scale;
  explicit StepFactors(const StepScalars& s)
      : beta1(static_cast<float>(s.beta1)), beta2(static_cast<float>(s.beta2)), beta3(static_cast<float>(s.beta3)),
        rest1(static_cast<float>(1 - s.beta1)), rest2(static_cast<float>(1 - s.beta2)), rest3(static_cast<float>(1 - s.beta3)),
        alpha(static_cast<float>(s.alpha)), bias1(static_cast<float>(1 / s.correction1)),
        bias2(static_cast<float>(1 / __builtin_sqrt(s.correction2))), epsilon(static_cast<float>(s.epsilon)),
        rate(static_cast<float>(s.rate)), decay(static_cast<float>(1 - s.rate * s.decay)),
        scale(static_cast<float>(s.gradient_scale)) {}
};

struct StepLanes {
  Floats weight, m1, m2, v;
};
inline StepLanes StepOf(StepLanes s, Floats gradient, bool slow, const StepFactors& f) {
  const Floats g = gradient * f.scale;
  s.m1 = Fma(s.m1, Splat(f.beta1), g * f.rest1);
  s.v = Fma(s.v, Splat(f.beta2), g * g * f.rest2);
  Floats change = s.m1 * f.bias1;
  if (slow) {
    s.m2 = Fma(s.m2, Splat(f.beta3), g * f.rest3);
    change = Fma(Splat(f.alpha), s.m2, change);
  }
  s.weight = s.weight * f.decay - f.rate * (change / (Root(s.v) * f.bias2 + f.epsilon));
  return s;
}

inline void Step(float* weight, const float* gradient, float* m1, float* m2, float* v, size_t count, const StepScalars& scalars) {
  const StepFactors f(scalars);
  const bool slow = m2 != nullptr;
  size_t i = 0;
  for (; i + kLanes <= count; i += kLanes) {
    const StepLanes s =
        StepOf({Load(weight + i), Load(m1 + i), slow ? Load(m2 + i) : Floats{}, Load(v + i)}, Load(gradient + i), slow, f);
    Store(weight + i, s.weight);
    Store(m1 + i, s.m1);
    if (slow) Store(m2 + i, s.m2);
    Store(v + i, s.v);
  }
  if (i == count) return;
  const size_t n = count - i;
  const StepLanes s = StepOf({LoadPart(weight + i, n), LoadPart(m1 + i, n), slow ? LoadPart(m2 + i, n) : Floats{}, LoadPart(v + i, n)},
                             LoadPart(gradient + i, n), slow, f);
  StorePart(weight + i, s.weight, n);
  StorePart(m1 + i, s.m1, n);
  if (slow) StorePart(m2 + i, s.m2, n);
  StorePart(v + i, s.v, n);
}

inline void Lerp(float* average, const float* weight, float rate, size_t count) {
  for (size_t i = 0; i < count; i++) average[i] += rate * (weight[i] - average[i]);
}
