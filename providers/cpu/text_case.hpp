// Upper and lower case of UTF-8 text.
#pragma once

#include <locale.h>

#include <memory>
#include <string>
#include <string_view>

#include "halyard/status.hpp"

namespace halyard::cpu {

/// Unicode's simple case mapping: a character becomes one character ("ß" stays). In the Turkic languages
/// i and I keep their dots. Bytes that are no UTF-8 stay. Constant after make(); any thread.
class TextCase {
 public:
  /// For a locale by name ("en_US", "tr-TR.UTF-8"); an empty one is English. Of its parts only the
  /// language matters, and only where it is Turkic. Fails where the C library knows no UTF-8.
  static Result<TextCase> make(std::string_view locale);

  std::string upper(std::string_view text) const;
  std::string lower(std::string_view text) const;

 private:
  struct FreeLocale {
    void operator()(locale_t l) const { freelocale(l); }
  };
  using Locale = std::unique_ptr<std::remove_pointer_t<locale_t>, FreeLocale>;
  TextCase(Locale locale, bool turkic) : locale_(std::move(locale)), turkic_(turkic) {}

  Locale locale_;
  bool turkic_;
};

}  // namespace halyard::cpu
