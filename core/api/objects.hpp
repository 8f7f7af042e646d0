// What the opaque pointers of the C API point to.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "core/base/fork.hpp"
#include "core/config/config.hpp"
#include "core/runtime/session.hpp"

namespace halyard::core {
/// CLOSED in a child of the process that the object was made in.
Status alive(const ForkMark& mark);
}  // namespace halyard::core

/// Reports are kept until the next one of their kind.
struct hy_config {
  halyard::core::config::Config config;
  std::map<uint32_t, std::string> reports;
};

/// Reports are kept until the next one of their kind.
struct hy_runtime {
  const halyard::core::ForkMark mark{};
  std::shared_ptr<halyard::core::Registry> registry;
  halyard::core::config::Config config;  // constant once created
  std::mutex mutex;                      // guards reports
  std::map<uint32_t, std::string> reports;
};

struct hy_model {
  const halyard::core::ForkMark mark{};
  std::shared_ptr<halyard::core::Model> model;
  halyard::core::config::Config config;  // its runtime's
  std::string report;                    // constant once loaded, as the others
};

/// What a model keeps from run to run.
struct hy_state {
  const halyard::core::ForkMark mark{};
  std::shared_ptr<halyard::core::StateSet> states;  // runs that are on keep it
};

struct hy_session {
  const halyard::core::ForkMark mark{};
  std::shared_ptr<halyard::core::Session> session;  // runs that are on keep it
  struct Texts {
    std::string plan, summary;
  };
  std::mutex mutex;  // guards texts and cache_text
  std::string cache_text;
  std::map<uint64_t, Texts> texts;  // by the number of a plan; kept, since callers hold views
  std::string trace;                // the latest; guarded likewise

  struct Port {
    std::vector<int64_t> dims;
    std::vector<std::string> text;
    std::vector<hy_str> text_views;
  };
  std::vector<Port> inputs, outputs;
};
