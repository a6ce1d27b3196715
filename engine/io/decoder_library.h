/// Shared libraries that decode pictures or read the screen. They are opened when something needs one, because linking
/// them would make every start of the program some 10 ms longer.
#pragma once

namespace convlens {

/// A shared library and its functions. It stays open until the program ends.
class DecoderLibrary {
  public:
    /// Opens `file`, such as "libtiff.so.6", where the system keeps libraries.
    explicit DecoderLibrary(const char* file);

    /// Returns true if the library was opened and has every function that was looked up.
    bool complete() const { return complete_; }

    /// Returns the function `name`; null if there is none.
    template <class F>
    F function(const char* name) {
        return reinterpret_cast<F>(address_of(name));
    }

  private:
    void* address_of(const char* name);

    void* library_ = nullptr;
    bool complete_ = false;
};

}  // namespace convlens

/// Declares a member of a class derived from DecoderLibrary: the library's function `name`.
#define CONVLENS_FUNCTION(name) decltype(&::name) name = function<decltype(&::name)>(#name)
