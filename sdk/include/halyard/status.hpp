// Status and Result<T>: how every C++ layer of Halyard reports failure. No exceptions.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include "halyard/abi/plugin.h"

namespace halyard {

/// Success, or a code of abi/plugin.h with a message. Success is one null pointer.
/// A message names the thing, the value, the limit and the next step; context is added going up.
class [[nodiscard]] Status {
 public:
  Status() = default;
  Status(hy_status code, std::string message)
      : rep_(code == HY_OK ? nullptr : std::make_unique<Rep>(Rep{code, std::move(message)})) {}
  Status(const Status& other) : rep_(other.rep_ ? std::make_unique<Rep>(*other.rep_) : nullptr) {}
  Status(Status&&) noexcept = default;
  Status& operator=(Status other) noexcept {
    rep_ = std::move(other.rep_);
    return *this;
  }

  [[nodiscard]] bool ok() const { return rep_ == nullptr; }
  [[nodiscard]] hy_status code() const { return rep_ ? rep_->code : HY_OK; }
  [[nodiscard]] const std::string& message() const {
    static const std::string empty;
    return rep_ ? rep_->message : empty;
  }
  /// The same failure with "what: " before its message; success stays success.
  [[nodiscard]] Status with_context(std::string_view what) const {
    if (ok()) return *this;
    return Status(rep_->code, std::string(what) + ": " + rep_->message);
  }

 private:
  struct Rep {
    hy_status code;
    std::string message;
  };
  std::unique_ptr<Rep> rep_;
};

inline Status invalid_argument(std::string m) { return {HY_ERROR_INVALID_ARGUMENT, std::move(m)}; }
inline Status invalid_model(std::string m) { return {HY_ERROR_INVALID_MODEL, std::move(m)}; }
inline Status unsupported(std::string m) { return {HY_ERROR_UNSUPPORTED, std::move(m)}; }
inline Status not_found(std::string m) { return {HY_ERROR_NOT_FOUND, std::move(m)}; }
inline Status io_error(std::string m) { return {HY_ERROR_IO, std::move(m)}; }
inline Status device_error(std::string m) { return {HY_ERROR_DEVICE, std::move(m)}; }
inline Status mismatch(std::string m) { return {HY_ERROR_MISMATCH, std::move(m)}; }
inline Status stale(std::string m) { return {HY_ERROR_STALE, std::move(m)}; }
inline Status internal_error(std::string m) { return {HY_ERROR_INTERNAL, std::move(m)}; }

/// A T or the Status that says why not. value() only after ok().
template <class T>
class [[nodiscard]] Result {
 public:
  // Both implicit by design: `return value;` and `return status;`.
  template <class U = T>
  requires(std::is_convertible_v<U&&, T> && !std::is_same_v<std::remove_cvref_t<U>, Status> &&
           !std::is_same_v<std::remove_cvref_t<U>, Result>) Result(U&& value)
      : value_(std::forward<U>(value)) {}
  Result(Status status) : status_(std::move(status)) {
    if (status_.ok())
      status_ = internal_error("a Result was made from an ok Status without a value");
  }

  [[nodiscard]] bool ok() const { return value_.has_value(); }
  [[nodiscard]] const Status& status() const { return status_; }
  [[nodiscard]] T& value() & { return *value_; }
  [[nodiscard]] const T& value() const& { return *value_; }
  [[nodiscard]] T&& value() && { return std::move(*value_); }
  T* operator->() { return &*value_; }
  const T* operator->() const { return &*value_; }
  T& operator*() & { return *value_; }
  const T& operator*() const& { return *value_; }
  T&& operator*() && { return std::move(*value_); }

 private:
  std::optional<T> value_;
  Status status_;
};

inline std::string_view view(hy_str s) { return {s.data ? s.data : "", s.data ? s.size : 0}; }
inline hy_str str(std::string_view s) { return {s.data(), s.size()}; }

}  // namespace halyard

#define HY_CONCAT_INNER(a, b) a##b
#define HY_CONCAT(a, b) HY_CONCAT_INNER(a, b)

/// Returns the Status of an expression from the enclosing function unless it is ok.
#define HY_RETURN_IF_ERROR(expression)                                                    \
  do {                                                                                    \
    if (::halyard::Status hy_status_ = (expression); !hy_status_.ok()) return hy_status_; \
  } while (false)

/// Declares or assigns `target` from a Result, or returns its Status.
#define HY_ASSIGN_OR_RETURN(target, expression) \
  HY_ASSIGN_OR_RETURN_(HY_CONCAT(hy_result_, __LINE__), target, expression)
#define HY_ASSIGN_OR_RETURN_(result, target, expression) \
  auto result = (expression);                            \
  if (!result.ok()) return result.status();              \
  target = std::move(result).value()
