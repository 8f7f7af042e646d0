// The kernel of LSTM, GRU and RNN around what is each one's own.
#pragma once

#include <array>
#include <memory>
#include <utility>
#include <vector>

#include "providers/cpu/float_forms.hpp"
#include "providers/cpu/ops/recurrent_steps.hpp"

namespace halyard::cpu {

/// R of all directions, packed: `parts` matrices a direction, of so many gates each.
template <class T>
class PackedRecurrence {
 public:
  static size_t bytes(const RecurrentDims& d, std::span<const int64_t> parts) {
    size_t all = 0;
    for (int64_t gates : parts) all += PackedMatrix<T>::bytes(gates * d.hidden, d.hidden);
    return all * static_cast<size_t>(d.directions);
  }
  PackedRecurrence(const T* r, const RecurrentDims& d, std::span<const int64_t> parts, void* memory)
      : parts_(parts.size()) {
    auto* to = static_cast<unsigned char*>(memory);
    for (int64_t i = 0; i < d.directions; ++i)
      for (int64_t gates : parts) {
        matrices_.emplace_back(r, gates * d.hidden, d.hidden, to);
        to += PackedMatrix<T>::bytes(gates * d.hidden, d.hidden);
        r += gates * d.hidden * d.hidden;
      }
  }
  const PackedMatrix<T>* of(int64_t direction) const {
    return matrices_.data() + static_cast<size_t>(direction) * parts_;
  }

 private:
  size_t parts_;
  std::vector<PackedMatrix<T>> matrices_;
};

/// W and R of a node, where they are constants: widened and packed once. Constant after construction.
template <class T>
struct RecurrentConstants {
  struct alignas(64) Line {
    unsigned char bytes[64];
  };
  std::vector<float> w;  // of 16-bit floats; else empty
  std::vector<Line> memory;
  std::unique_ptr<PackedRecurrence<T>> r;
};

/// Op is an operator: form(), parts(), has_cell(), step(), and sums_bias(gate): whether the recurrent bias
/// of a gate simply adds to the other one.
template <class Op>
class RecurrentKernel final : public Kernel {
 public:
  static Result<std::unique_ptr<Kernel>> create(const Node& node, CompileContext& context) {
    auto kernel = std::make_unique<RecurrentKernel>(node);
    HY_ASSIGN_OR_RETURN(const auto w, context.known(node, 1));
    HY_ASSIGN_OR_RETURN(const auto r, context.known(node, 2));
    if (w && w->dtype != HY_DTYPE_F64) read_f32(*w, &kernel->f32_.w);
    if (r && r->rank() == 3 && r->dim(1) == Op::form().gates * r->dim(2)) kernel->pack(*r);
    return std::unique_ptr<Kernel>(std::move(kernel));
  }
  explicit RecurrentKernel(const Node& node) : op_(node), attributes_(node, Op::form()) {}

  Status run(Context& context) const override {
    HY_ASSIGN_OR_RETURN(const RecurrentDims d, recurrent_dims(context, attributes_, Op::form()));
    if (context.input(0)->dtype == HY_DTYPE_F64) return run_as<double>(context, d, f64_);
    return run_as<float>(context, d, f32_);
  }

 private:
  void pack(const Tensor& r) {
    const RecurrentDims d{0, 0, 0, r.dim(2), Op::form().gates, r.dim(0)};
    if (r.dtype == HY_DTYPE_F64) {
      pack_as(r.as<const double>(), d, &f64_);
    } else {
      std::vector<float> wide;
      pack_as(read_f32(r, &wide), d, &f32_);
    }
  }
  template <class T>
  void pack_as(const T* r, const RecurrentDims& d, RecurrentConstants<T>* to) {
    to->memory.resize(PackedRecurrence<T>::bytes(d, op_.parts()) / 64);
    to->r = std::make_unique<PackedRecurrence<T>>(r, d, op_.parts(), to->memory.data());
  }

  template <class T>
  Status run_as(Context& context, const RecurrentDims& d,
                const RecurrentConstants<T>& constants) const {
    RecurrentRun<T> common;
    common.dims = d;
    if (attributes_.clip) common.clip = static_cast<T>(*attributes_.clip);
    if (attributes_.cell_clip) common.cell_clip = static_cast<T>(*attributes_.cell_clip);
    HY_ASSIGN_OR_RETURN(common.lengths, sequence_lengths(context, d));
    HY_ASSIGN_OR_RETURN(common.x, steps_first<T>(context, d));
    const T* w = nullptr;
    if constexpr (std::is_same_v<T, float>) w = constants.w.empty() ? nullptr : constants.w.data();
    if (w == nullptr) {
      HY_ASSIGN_OR_RETURN(w, read_floats<T>(context, 1));
    }
    std::unique_ptr<PackedRecurrence<T>> packed;
    if (constants.r == nullptr) {
      HY_ASSIGN_OR_RETURN(const T* r, read_floats<T>(context, 2));
      HY_ASSIGN_OR_RETURN(void* memory,
                          context.scratch(PackedRecurrence<T>::bytes(d, op_.parts())));
      packed = std::make_unique<PackedRecurrence<T>>(r, d, op_.parts(), memory);
    }
    const PackedRecurrence<T>& r = packed != nullptr ? *packed : *constants.r;

    Outputs<T> outputs;
    HY_RETURN_IF_ERROR(outputs.make(context, d, attributes_.batch_first));
    std::array<RecurrentRun<T>, 2> runs;
    for (int64_t i = 0; i < d.directions; ++i) {
      RecurrentRun<T>& run = runs[static_cast<size_t>(i)] = common;
      run.reversed = i == 1 || attributes_.first_reversed;
      run.w = w + i * d.gates * d.hidden * d.input;
      run.r = r.of(i);
      run.activations =
          attributes_.activations.data() + static_cast<size_t>(i) * Op::form().functions.size();
      HY_RETURN_IF_ERROR(prepare(context, i, &run));
      outputs.give_y(i, &run);
    }
    const auto used = static_cast<size_t>(d.directions);
    HY_RETURN_IF_ERROR(run_directions<T>(context, std::span(runs).first(used)));
    outputs.finish(context, d, runs);
    return {};
  }

  /// X as [steps, batch, input].
  template <class T>
  Result<const T*> steps_first(Context& context, const RecurrentDims& d) const {
    HY_ASSIGN_OR_RETURN(const T* x, read_floats<T>(context, 0));
    if (!attributes_.batch_first || d.batch == 1 || d.steps == 1) return x;
    HY_ASSIGN_OR_RETURN(T * turned, scratch_of<T>(context, d.steps * d.batch * d.input));
    for (int64_t t = 0; t < d.steps; ++t)
      for (int64_t b = 0; b < d.batch; ++b)
        std::memcpy(turned + (t * d.batch + b) * d.input, x + (b * d.steps + t) * d.input,
                    static_cast<size_t>(d.input) * sizeof(T));
    return static_cast<const T*>(turned);
  }

  /// A direction's biases, peepholes, states and scratch.
  template <class T>
  Status prepare(Context& context, int64_t direction, RecurrentRun<T>* run) const {
    const RecurrentDims& d = run->dims;
    const int64_t n = d.gates * d.hidden;
    HY_ASSIGN_OR_RETURN(run->gates,
                        scratch_of<T>(context, projected_steps(d, sizeof(T)) * d.batch * n));
    HY_ASSIGN_OR_RETURN(run->inner, scratch_of<T>(context, d.batch * n));
    HY_ASSIGN_OR_RETURN(run->h, initial_state<T>(context, 5, direction, d));
    if (Op::has_cell()) {
      HY_ASSIGN_OR_RETURN(run->c, initial_state<T>(context, 6, direction, d));
      HY_ASSIGN_OR_RETURN(run->peepholes, optional_floats<T>(context, 7));
      if (run->peepholes != nullptr) run->peepholes += direction * 3 * d.hidden;
    }
    HY_ASSIGN_OR_RETURN(const T* b, optional_floats<T>(context, 3));
    if (b == nullptr) return {};
    b += direction * 2 * n;
    run->recurrent_bias = b + n;
    HY_ASSIGN_OR_RETURN(T * bias, scratch_of<T>(context, n));
    for (int64_t i = 0; i < n; ++i)
      bias[i] = b[i] + (op_.sums_bias(i / d.hidden) ? b[n + i] : T{0});
    run->bias = bias;
    return {};
  }
  template <class T>
  static Result<const T*> optional_floats(Context& context, uint32_t i) {
    if (i >= context.input_count()) return static_cast<const T*>(nullptr);
    return read_floats<T>(context, i);
  }
  template <class T>
  Result<T*> initial_state(Context& context, uint32_t i, int64_t direction,
                           const RecurrentDims& d) const {
    HY_ASSIGN_OR_RETURN(T * state, scratch_of<T>(context, d.batch * d.hidden));
    HY_ASSIGN_OR_RETURN(const T* given, optional_floats<T>(context, i));
    for (int64_t b = 0; b < d.batch; ++b) {
      const int64_t row =
          attributes_.batch_first ? b * d.directions + direction : direction * d.batch + b;
      if (given != nullptr)
        std::copy_n(given + row * d.hidden, d.hidden, state + b * d.hidden);
      else
        std::fill_n(state + b * d.hidden, d.hidden, T{0});
    }
    return state;
  }

  /// Two directions side by side where the steps of one leave nothing for many threads to do.
  template <class T>
  Status run_directions(Context& context, std::span<const RecurrentRun<T>> runs) const {
    const int threads = context.threads();
    constexpr int kFew = 4;
    if (runs.size() == 2 && threads > 1 && threads <= kFew) {
      std::array<Status, 2> ends;
      parallel_for(2, 2, 1, [&](int64_t begin, int64_t end) {
        for (int64_t i = begin; i < end; ++i)
          ends[static_cast<size_t>(i)] = run_steps(runs[static_cast<size_t>(i)], op_, 1);
      });
      HY_RETURN_IF_ERROR(ends[0]);
      return ends[1];
    }
    for (const RecurrentRun<T>& run : runs) HY_RETURN_IF_ERROR(run_steps(run, op_, threads));
    return {};
  }

  /// Y, Y_h and Y_c, as far as somebody wants them.
  template <class T>
  struct Outputs {
    Status make(Context& context, const RecurrentDims& d, bool batch_major) {
      batch_first = batch_major;
      const uint32_t dtype = context.input(0)->dtype;
      const Dims state = batch_first ? Dims{d.batch, d.directions, d.hidden}
                                     : Dims{d.directions, d.batch, d.hidden};
      const Dims all = batch_first ? Dims{d.batch, d.steps, d.directions, d.hidden}
                                   : Dims{d.steps, d.directions, d.batch, d.hidden};
      for (uint32_t i = 0; i < 3; ++i) {
        if (i >= context.output_count() || !context.wants_output(i)) continue;
        HY_ASSIGN_OR_RETURN(values[i],
                            (FloatOutput<T>::make(context, i, dtype, i == 0 ? all : state)));
      }
      return {};
    }
    void give_y(int64_t direction, RecurrentRun<T>* run) const {
      if (!values[0]) return;
      const RecurrentDims& d = run->dims;
      run->y_step = d.directions * (batch_first ? 1 : d.batch) * d.hidden;
      run->y_row = (batch_first ? d.steps * d.directions : 1) * d.hidden;
      run->y = values[0]->data() + direction * (batch_first ? 1 : d.batch) * d.hidden;
    }
    void finish(Context& context, const RecurrentDims& d,
                std::span<const RecurrentRun<T>> runs) const {
      for (size_t i : {size_t{1}, size_t{2}}) {
        if (!values[i]) continue;
        for (int64_t direction = 0; direction < d.directions; ++direction)
          for (int64_t b = 0; b < d.batch; ++b) {
            const RecurrentRun<T>& run = runs[static_cast<size_t>(direction)];
            const int64_t row =
                batch_first ? b * d.directions + direction : direction * d.batch + b;
            std::copy_n((i == 1 ? run.h : run.c) + b * d.hidden, d.hidden,
                        values[i]->data() + row * d.hidden);
          }
      }
      for (const auto& value : values)
        if (value) value->finish(context);
    }
    std::array<std::optional<FloatOutput<T>>, 3> values;
    bool batch_first = false;
  };

  const Op op_;
  const RecurrentAttributes attributes_;
  RecurrentConstants<float> f32_;
  RecurrentConstants<double> f64_;
};

template <class Op>
Verdict supports_op(const Node& node) {
  return supports_recurrent(node, Op::form());
}
template <class Op>
double operations_of(const Node& node) {
  return recurrent_operations(node, Op::form());
}

}  // namespace halyard::cpu
