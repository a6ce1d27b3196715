/// The methods that show what an output looked at, and what is to be said about each.
#pragma once

#include <optional>
#include <span>
#include <string_view>

namespace convlens {

/// The methods, in the order of methods().
enum class Method {
    gradient,
    gradient_input,
    integrated_gradients,
    guided_backprop,
    deconvolution,
    grad_cam,
    occlusion,
};

/// What is to be said about a method. Texts are whole sentences.
struct MethodText {
    std::string_view name;     ///< In options and files: "grad_cam".
    std::string_view title;    ///< On screen: "Grad-CAM".
    std::string_view meaning;  ///< What a value of the map is.
    std::string_view source;   ///< The paper.
    bool has_signs;            ///< Whether a map has negative values, which speak against the output.
};

/// Returns the texts of all methods, in the order of the enumerators.
std::span<const MethodText> methods();

inline const MethodText& text_of(Method method) { return methods()[static_cast<std::size_t>(method)]; }

/// Returns the method with that name; nullopt if there is none.
std::optional<Method> method_from(std::string_view name);

}  // namespace convlens
