/// One visitor for std::visit out of several functions.
#pragma once

namespace convlens {

/// Overloaded{[](A) {...}, [](B) {...}} calls the function that fits best.
template <class... Functions>
struct Overloaded : Functions... {
    using Functions::operator()...;
};
template <class... Functions>
Overloaded(Functions...) -> Overloaded<Functions...>;

}  // namespace convlens
