/// A visitor for std::visit that combines several functions.
#pragma once

namespace convlens {

/// Overloaded{[](A) {...}, [](B) {...}} calls the function that matches the argument.
template <class... Functions>
struct Overloaded : Functions... {
    using Functions::operator()...;
};
template <class... Functions>
Overloaded(Functions...) -> Overloaded<Functions...>;

}  // namespace convlens
