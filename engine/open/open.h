/// Opens images, tensors and kernels that the user names on the command line or selects in the file browser.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "engine/document/document.h"

namespace convlens {

/// The folder with images/ and weights/ that is shipped with the program.
using Assets = std::filesystem::path;

/// Returns the names of the samples in `assets`; empty if the folder is missing.
std::vector<std::string> sample_names(const Assets& assets);

/// Returns the path of an image file. Fails for an unknown sample; the message lists the samples that exist.
Expected<std::filesystem::path> picture_path(const PictureOrigin& origin, const Assets& assets);

/// Loads the image. Fails like picture_path() and load_picture().
Expected<std::shared_ptr<const Picture>> open_picture(const PictureOrigin& origin, const Assets& assets);

/// Opens the arguments of --image. Each one is "sample:NAME" or a path; several images form a batch. A single argument
/// may be "pattern:NAME[:WxH]". `batch` is the argument of --batch: the number of items of a noise pattern; with images
/// it must be 1 or their number. Fails with a sentence that contains the argument.
Expected<decltype(Input::source)> open_input(const std::vector<std::string>& specs, int batch, const Assets& assets);

/// Opens the argument of --tensor: a file with one array (H, W), (C, H, W) or (N, C, H, W). All values must be finite.
Expected<TensorInput> open_tensor(const std::filesystem::path& path);

/// Kernels, and how those with one input channel are applied to a color image.
struct OpenedKernels {
    decltype(Kernels::bank) bank;
    GrayKernels gray = GrayKernels::luminance;
};

/// Opens the argument of --weights: "edges", "edges:luminance" or "edges:sum"; "random:OUTxK" or "random:OUTxKHxKW",
/// each with an optional ":SEED" (1 if omitted); "alexnet"; or a file, "FILE" or "FILE:KEY". Without KEY, uses the only
/// array of the file, the only one with four axes, or the one called "weight". Arrays (KH, KW) and (C_out, KH, KW) are
/// single-channel kernels. If KEY ends in "weight", the array whose name ends in "bias" instead is the bias. Fails if
/// the kernels can't be opened or a value is NaN or infinite.
Expected<OpenedKernels> open_kernels(std::string_view spec, const Assets& assets);

/// Opens the kernels of `origin`: AlexNet's, or "FILE" or "FILE:KEY" as above.
Expected<LoadedKernels> open_kernels(const KernelsOrigin& origin, const Assets& assets);

/// Opens the argument of --bias: "FILE", a file with one array, or "FILE:KEY". The array must have one axis and finite
/// values.
Expected<std::shared_ptr<const std::vector<float>>> open_bias(std::string_view spec);

/// Parses a size: "7" (both sides) or "7x5" (height x width), integers of at least `lowest`. Returns nullopt for any
/// other text.
std::optional<Size2> size_from(std::string_view text, int lowest);

}  // namespace convlens
