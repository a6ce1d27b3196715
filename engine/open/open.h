/// From the words of the command line and the file browser to the parts of a document.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "engine/document/document.h"

namespace convlens {

/// The folder with images/ and weights/ that comes with the program.
using Assets = std::filesystem::path;

/// The samples found in `assets`, by name. Empty when the folder is missing.
std::vector<std::string> sample_names(const Assets& assets);

/// The file of a picture. Fails for a sample that isn't there, with the names of those that are.
Expected<std::filesystem::path> picture_path(const PictureOrigin& origin, const Assets& assets);

/// The picture itself. Fails as picture_path() and load_picture().
Expected<std::shared_ptr<const Picture>> open_picture(const PictureOrigin& origin, const Assets& assets);

/// What --image takes: "sample:NAME", "pattern:NAME[:WxH]" or a path; several make a batch of pictures.
/// `batch` is the number of noise draws for a pattern. Fails in a sentence that names the spec.
Expected<decltype(Input::source)> open_input(const std::vector<std::string>& specs, int batch, const Assets& assets);

/// What --tensor takes: a .npy of (H, W), (C, H, W) or (N, C, H, W). All values must be finite.
Expected<TensorInput> open_tensor(const std::filesystem::path& path);

/// Kernels and how they meet a color image.
struct OpenedKernels {
    decltype(Kernels::bank) bank;
    GrayKernels gray = GrayKernels::luminance;
};

/// What --weights takes: "edges[:luminance|:sum]", "random:OUTxK[:SEED]" or "random:OUTxKHxKW[:SEED]", "alexnet", or
/// "FILE[:KEY]". Of a file without KEY the only array, the only one of four axes, or "weight" is taken; (KH, KW) and
/// (C_out, KH, KW) are kernels for gray images. A bias lies beside the key "X.weight" as "X.bias".
/// Fails in a sentence; also when a value is NaN or infinite.
Expected<OpenedKernels> open_kernels(std::string_view spec, const Assets& assets);

/// Kernels that have an origin, as open_kernels() opens them.
Expected<LoadedKernels> open_kernels(const KernelsOrigin& origin, const Assets& assets);

/// What --bias takes: "FILE[:KEY]" with one axis.
Expected<std::shared_ptr<const std::vector<float>>> open_bias(std::string_view spec);

/// "7" or "7x5" (height x width) of integers not below `lowest`; none for anything else.
std::optional<Size2> size_from(std::string_view text, int lowest);

}  // namespace convlens
