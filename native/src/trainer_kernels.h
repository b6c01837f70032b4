// The loops of the CPU backend, one table for each instruction set. Each is written once (trainer_products.h, trainer_rows.h,
// trainer_attention.h) over the width of the set's vectors and compiled in one file for each set. A loop works on one thread's
// share of the work; trainer_cpu*.cc cuts the work.
#pragma once
#include <cstddef>
#include <cstdint>

#include "trainer_backend.h"

namespace apertus::trainer {

// A matrix [rows, columns] anywhere in memory, read as float32.
struct Operand {
  const float* data;
  size_t row_stride, column_stride;
};

// One way to multiply: a block of the left matrix and a block of the right one are copied into the order in which the inner loop
// reads them, rounded to the kind of number that it multiplies. Sums are float32.
struct Products {
  size_t rows, columns;  // of the tile that the inner loop holds in registers
  size_t (*right_panel)(size_t depth);             // floats of one packed panel
  size_t (*left_block)(size_t count, size_t depth);  // floats of a packed left block, at most
  // b [depth, count]: panels of `columns`, the last one filled up with zeros.
  void (*pack_right)(Operand b, size_t depth, size_t count, float* packed);
  // a [count, depth]
  void (*pack_left)(Operand a, size_t count, size_t depth, float* packed);
  // c [count, columns of b] (+)= a b
  void (*multiply)(const float* a, bool left_is_panels, const float* b, size_t count, size_t columns, size_t depth, float* c,
                   size_t stride, bool add);
  // Of contiguous vectors, for products with few rows, which nothing need be packed for; null where numbers are rounded.
  float (*dot)(const float* a, const float* b, size_t count);
};

// A left matrix whose columns are contiguous is packed in panels of columns, any other by rows.
inline bool LeftIsPanels(const Operand& a) { return a.column_stride != 1; }

struct RotaryRow {
  size_t heads, kv_heads, head_width;
  float epsilon;
};

// What a tile of queries, or in backward a row and key head, needs besides the shape.
struct AttentionCall {
  AttentionShape shape;
  Heads queries, keys, values;
  const int32_t* first;
  float* out;        // forward: written; backward: read
  float* sums;       // the same
  const float* dout;
  float* gradient;
};

struct Kernels {
  const char* name;
  Products single, half;
  const char* half_name;
  // Multiplications and additions that Peak runs for each of its rounds, in chains that do not wait for one another.
  size_t peak_operations;
  float (*peak)(size_t rounds);

  void (*norm)(const float* x, const float* weight, float* y, size_t tokens, size_t width, float epsilon);
  void (*norm_backward)(const float* x, const float* weight, const float* dy, float* dx, float* dweight, size_t tokens,
                        size_t width, float epsilon);
  // One token's heads; turns: the position's cosines, then sines.
  void (*rotate)(const RotaryRow& row, const float* raw, const float* query_weight, const float* key_weight, const float* turns,
                 float* rotated);
  void (*rotate_backward)(const RotaryRow& row, const float* raw, const float* query_weight, const float* key_weight,
                          const float* turns, float* gradient, float* dquery_weight, float* dkey_weight);
  void (*activate)(const float* x, float positive, float negative, float* y, size_t count);
  // sums: gradients of the two slopes (not yet of the raw alphas), added to.
  void (*activate_backward)(const float* x, float positive, float negative, float* dy, float* y, double* sums, size_t count);
  // One row of logits: the loss of `label`; the row becomes scale (softmax - one at label).
  float (*loss_row)(float* logits, size_t vocabulary, size_t label, bool gradient, float scale);

  // Floats of working memory of one call of the next two.
  size_t (*attention_scratch)(const AttentionShape& shape);
  void (*attention)(const AttentionCall& call, size_t row, size_t kv_head, size_t first_query, size_t count, float* scratch);
  size_t (*attention_backward_scratch)(const AttentionShape& shape);
  void (*attention_backward)(const AttentionCall& call, size_t row, size_t kv_head, float* scratch);

  void (*add)(const float* x, float* to, size_t count);
  double (*sum_squares)(const float* x, size_t count);
  void (*step)(float* weight, const float* gradient, float* m1, float* m2, float* v, size_t count, const StepScalars& scalars);
  void (*lerp)(float* average, const float* weight, float rate, size_t count);
};

// Queries that one call of `attention` takes at most.
inline constexpr size_t kQueryTile = 64;

const Kernels& PlainKernels();
// Null where the addon was compiled for another architecture.
const Kernels* Avx2Kernels();
const Kernels* Avx512Kernels();
const Kernels* NeonKernels();
// Products of bfloat16 numbers in the processor's own instructions; null where it has none.
const Products* Avx512PairProducts();
const Products* AmxProducts();

}  // namespace apertus::trainer
