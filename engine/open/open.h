/// Opens the parts of a document that the command line and the file browser specify.
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

/// Returns the path of an image. Fails for an unknown sample; the message lists the available ones.
Expected<std::filesystem::path> picture_path(const PictureOrigin& origin, const Assets& assets);

/// Loads the image. Fails like picture_path() and load_picture().
Expected<std::shared_ptr<const Picture>> open_picture(const PictureOrigin& origin, const Assets& assets);

/// Opens the argument of --image: "sample:NAME", "pattern:NAME[:WxH]" or a path; several images make a batch.
/// `batch` is the number of noise draws for a pattern. Fails with a sentence that contains the spec.
Expected<decltype(Input::source)> open_input(const std::vector<std::string>& specs, int batch, const Assets& assets);

/// Opens the argument of --tensor: a .npy of (H, W), (C, H, W) or (N, C, H, W). All values must be finite.
Expected<TensorInput> open_tensor(const std::filesystem::path& path);

/// Kernels and how they are applied to a color image.
struct OpenedKernels {
    decltype(Kernels::bank) bank;
    GrayKernels gray = GrayKernels::luminance;
};

/// Opens the argument of --weights: "edges[:luminance|:sum]", "random:OUTxK[:SEED]" or "random:OUTxKHxKW[:SEED]",
/// "alexnet", or "FILE[:KEY]". Without KEY, the only array of the file, the only one with four axes, or "weight" is
/// used; (KH, KW) and (C_out, KH, KW) are single-channel kernels. The bias for the key "X.weight" is "X.bias". Fails if
/// the kernels can't be opened, and if a value is NaN or infinite.
Expected<OpenedKernels> open_kernels(std::string_view spec, const Assets& assets);

/// Opens the kernels of `origin`, like the overload for a spec.
Expected<LoadedKernels> open_kernels(const KernelsOrigin& origin, const Assets& assets);

/// Opens the argument of --bias: "FILE[:KEY]" with one axis.
Expected<std::shared_ptr<const std::vector<float>>> open_bias(std::string_view spec);

/// Parses "7" or "7x5" (height x width) of integers of at least `lowest`; returns nullopt for any other text.
std::optional<Size2> size_from(std::string_view text, int lowest);

}  // namespace convlens
