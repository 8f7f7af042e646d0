#include <fmt/format.h>

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "core/api/error.hpp"
#include "core/api/objects.hpp"
#include "core/api/prediction.hpp"
#include "core/runtime/pool.hpp"
#include "halyard/halyard.h"

using namespace halyard;
using namespace halyard::core;

namespace {

using Clock = std::chrono::steady_clock;

/// Far enough, and not past the end of what the clock can count.
Clock::time_point after(uint64_t us) {
  constexpr uint64_t kYear = uint64_t{365} * 24 * 3600 * 1'000'000;
  return us >= kYear ? Clock::time_point::max() : Clock::now() + std::chrono::microseconds(us);
}

Clock::time_point deadline_of(const hy_run_options& options) {
  return options.timeout_us == 0 ? Clock::time_point::max() : after(options.timeout_us);
}

/// The state that a run goes on from, or null.
Result<std::shared_ptr<StateSet>> states_of(const hy_run_options& options) {
  if (options.state == nullptr) return std::shared_ptr<StateSet>();
  HY_RETURN_IF_ERROR(alive(options.state->mark));
  return options.state->states;
}

/// What a run and its task share. Lives until both are done with it.
struct RunState {
  std::shared_ptr<Session> session;  // constant once the run has begun, as prediction's arguments
  std::shared_ptr<StateSet> states;  // null: none
  Prediction prediction;
  hy_run_options options{};
  hy_job job;

  std::mutex mutex;  // guards what follows
  std::condition_variable changed;
  bool done = false;         // status and results are there
  bool called_back = false;  // nothing of the caller's is called any more
  std::thread::id thread;    // that calls back
  Status status;

  void execute(hy_run* handle);
};

}  // namespace

struct hy_run {
  const ForkMark mark{};
  std::shared_ptr<RunState> state;
};

void RunState::execute(hy_run* handle) {
  Status ended;
  try {
    const StateTurn turn(states);  // it has come, or this would not have been started
    ended = job.interrupted();
    if (ended.ok()) ended = prediction.run(*session, states.get(), job);
  } catch (const std::bad_alloc&) {
    ended = Status(HY_ERROR_OUT_OF_MEMORY, "out of memory");
  } catch (const std::exception& e) {
    ended = internal_error(e.what());
  }
  const hy_status code = ended.code();
  {
    const std::scoped_lock lock(mutex);
    status = std::move(ended);
    done = true;
    thread = std::this_thread::get_id();
    changed.notify_all();
  }
  if (options.done != nullptr) options.done(options.user, handle, code);
  const std::scoped_lock lock(mutex);
  called_back = true;
  changed.notify_all();
}

extern "C" {

hy_status hy_session_run(hy_session* session, const hy_named_tensor* inputs, uint32_t input_count,
                         hy_named_tensor* outputs, uint32_t output_count) {
  return hy_session_run_with(session, inputs, input_count, outputs, output_count, nullptr);
}

hy_status hy_session_run_with(hy_session* session, const hy_named_tensor* inputs,
                              uint32_t input_count, hy_named_tensor* outputs, uint32_t output_count,
                              const hy_run_options* options) {
  return guarded([&]() -> Status {
    if (session == nullptr) return invalid_argument("session is null");
    HY_RETURN_IF_ERROR(alive(session->mark));
    const auto given = copy_record<hy_run_options>(options);
    if (given.done != nullptr)
      return invalid_argument("a run that is waited for calls nobody back: done must be null");
    HY_ASSIGN_OR_RETURN(Prediction prediction,
                        Prediction::make(inputs, input_count, outputs, output_count));
    hy_job job;
    job.deadline = deadline_of(given);
    HY_ASSIGN_OR_RETURN(auto states, states_of(given));
    HY_ASSIGN_OR_RETURN(const StateTurn turn, StateTurn::take(states, job));
    HY_RETURN_IF_ERROR(prediction.run(*session->session, states.get(), job));
    for (uint32_t i = 0; i < output_count; ++i)
      if (outputs[i].tensor == nullptr) outputs[i].tensor = prediction.take(i).release();
    return {};
  });
}

hy_status hy_session_run_async(hy_session* session, const hy_named_tensor* inputs,
                               uint32_t input_count, const hy_named_tensor* outputs,
                               uint32_t output_count, const hy_run_options* options, hy_run** run) {
  return guarded([&]() -> Status {
    if (run != nullptr) *run = nullptr;
    if (session == nullptr) return invalid_argument("session is null");
    HY_RETURN_IF_ERROR(alive(session->mark));
    const auto given = copy_record<hy_run_options>(options);
    if (run == nullptr && given.done == nullptr)
      return invalid_argument("run and done are both null: nobody would learn of the result");
    auto state = std::make_shared<RunState>();
    HY_ASSIGN_OR_RETURN(state->prediction,
                        Prediction::make(inputs, input_count, outputs, output_count));
    HY_ASSIGN_OR_RETURN(state->states, states_of(given));
    state->session = session->session;
    state->options = given;
    state->job.deadline = deadline_of(given);
    auto* handle = new hy_run{{}, state};
    const bool own = run == nullptr;
    if (!own) *run = handle;
    const auto start = [state, handle, own] {
      run_detached([state, handle, own] {
        state->execute(handle);
        if (own) delete handle;
      });
    };
    if (state->states != nullptr)
      state->states->enter_later(start);
    else
      start();
    return {};
  });
}

hy_status hy_run_wait(hy_run* run, uint64_t timeout_us) {
  return guarded([&]() -> Status {
    if (run == nullptr) return invalid_argument("run is null");
    HY_RETURN_IF_ERROR(alive(run->mark));
    RunState& s = *run->state;
    const Clock::time_point until = after(timeout_us);
    std::unique_lock lock(s.mutex);
    const auto done = [&] { return s.done; };
    if (until == Clock::time_point::max()) {
      s.changed.wait(lock, done);
    } else if (!s.changed.wait_until(lock, until, done)) {
      return Status(HY_ERROR_BUSY, fmt::format("the run is not done after {} us", timeout_us));
    }
    return s.status;
  });
}

void hy_run_cancel(hy_run* run) {
  if (run != nullptr) run->state->job.cancelled.store(true);
}

hy_status hy_run_output(hy_run* run, uint32_t index, hy_tensor** tensor) {
  return guarded([&]() -> Status {
    if (run == nullptr || tensor == nullptr) return invalid_argument("run or tensor is null");
    *tensor = nullptr;
    HY_RETURN_IF_ERROR(alive(run->mark));
    RunState& s = *run->state;
    const std::scoped_lock lock(s.mutex);
    if (!s.done) return Status(HY_ERROR_BUSY, "the run is not done");
    HY_RETURN_IF_ERROR(s.status);
    auto made = s.prediction.take(index);
    if (made == nullptr)
      return not_found(
          fmt::format("there is no output {} to be had: {} were asked for, and each "
                      "that was not written into a given tensor is given once",
                      index, s.prediction.output_count()));
    *tensor = made.release();
    return {};
  });
}

void hy_run_destroy(hy_run* run) {
  if (run == nullptr || run->mark.crossed()) return;
  const std::shared_ptr<RunState> s = run->state;
  s->job.cancelled.store(true);
  {
    std::unique_lock lock(s->mutex);
    // From within its own callback the run need not be waited for: it has ended.
    s->changed.wait(lock, [&] {
      return s->called_back || (s->done && s->thread == std::this_thread::get_id());
    });
  }
  delete run;
}

hy_status hy_session_run_batch(hy_session* session, hy_batch_item* items, uint32_t count,
                               const hy_run_options* options) {
  return guarded([&]() -> Status {
    if (session == nullptr || (items == nullptr && count != 0))
      return invalid_argument("session or items is null");
    HY_RETURN_IF_ERROR(alive(session->mark));
    const auto given = copy_record<hy_run_options>(options);
    if (given.done != nullptr)
      return invalid_argument("a batch is waited for and calls nobody back: done must be null");
    if (given.state != nullptr)
      return invalid_argument("the predictions of a batch have no order: state must be null");
    hy_job whole;
    whole.deadline = deadline_of(given);
    std::vector<Status> ended(count);
    const auto run_item = [&](uint32_t i) -> Status {
      hy_batch_item& item = items[i];
      HY_ASSIGN_OR_RETURN(Prediction prediction, Prediction::make(item.inputs, item.input_count,
                                                                  item.outputs, item.output_count));
      hy_job job;
      job.parent = &whole;
      HY_RETURN_IF_ERROR(prediction.run(*session->session, nullptr, job));
      for (uint32_t o = 0; o < item.output_count; ++o)
        if (item.outputs[o].tensor == nullptr)
          item.outputs[o].tensor = prediction.take(o).release();
      return {};
    };
    TaskGroup tasks;
    for (uint32_t i = 0; i < count; ++i)
      tasks.run([&, i] {
        try {
          ended[i] = run_item(i);
        } catch (const std::exception& e) {
          ended[i] = internal_error(e.what());
        }
        items[i].status = ended[i].code();
      });
    tasks.wait();
    for (uint32_t i = 0; i < count; ++i)
      if (!ended[i].ok()) return ended[i].with_context(fmt::format("prediction {}", i));
    return {};
  });
}

}  // extern "C"
