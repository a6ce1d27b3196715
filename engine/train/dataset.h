/// Data sets: images with their labels or targets.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "engine/core/cancel.h"
#include "engine/core/image.h"
#include "engine/core/memory_limit.h"
#include "engine/core/result.h"
#include "engine/core/tensor.h"
#include "engine/nn/normalize.h"

namespace convlens {

/// Examples of the same shape in NCHW order, with a label or a target for each. Not changed after it has been made, so
/// threads may share it.
struct DataSet {
    std::string title;  ///< Display title: "Fashion-MNIST, training".
    /// Shape of one example; n is 1. If there is one channel, a network with several input channels gets it in each of
    /// them.
    Shape item{1, 1, 1, 1};
    /// Values of all examples: bytes 0..255, which are divided by 255 when they are used, or floats. Normalization
    /// comes later, in put_examples().
    std::variant<CountedVector<std::uint8_t>, CountedVector<float>> values;
    std::vector<int> labels;           ///< For each example, an index in `classes`; empty if the examples have targets.
    std::vector<std::string> classes;  ///< Names of the classes, at least two; empty if the examples have targets.
    Tensor targets;  ///< (N, C, H, W): the output that a network should give for each example, for Loss::mse; empty if
                     ///< the examples have labels.
    std::vector<std::string> names;  ///< File name of each example; empty if the examples are not from separate files.
    std::size_t skipped = 0;  ///< Number of image files that were left out, because they could not be read or were the
                              ///< only one of their class.
    /// Why the first skipped files were left out, at most 20. Each is one sentence that names the file or folder.
    std::vector<std::string> complaints;

    /// Returns the number of examples.
    int size() const { return labels.empty() ? targets.shape().n : static_cast<int>(labels.size()); }
};

using SharedDataSet = std::shared_ptr<const DataSet>;

/// Data to train on and data to validate on.
struct DataSplit {
    SharedDataSet training, validation;
};

/// Writes `count` examples, 1 to lane_images, into a block of interleaved images (engine/cpu/lane_loops.h) as input of
/// `channels` channels, normalized. Lane l gets the example indices[l]; the remaining lanes become zeros. data.item.c
/// must be 1 or `channels`.
void put_examples(const DataSet& data, const int* indices, int count, int channels, Normalize normalize, float* block);

/// Returns example `index` as an image; floats in 0..1 are shown as black to white.
Image picture_of(const DataSet& data, int index);

/// Returns example `index` as a tensor (1, 3, H, W) in [0,1].
Tensor example_tensor(const DataSet& data, int index);

/// Returns `count` gray 32x32 images: a bar at a random angle and a cross of two bars, alternately, on a noisy
/// background. The classes are "bar" and "cross". The same seed gives the same images on every machine.
DataSet make_bars_and_crosses(int count, std::uint32_t seed);

/// Loads Fashion-MNIST, MNIST or other IDX files with the same names from `folder`: train-images-idx3-ubyte and
/// train-labels-idx1-ubyte for training, t10k-images-idx3-ubyte and t10k-labels-idx1-ubyte for validation, each of them
/// plain or with .gz. Images may have up to 32x32 pixels; smaller ones, such as MNIST's 28x28, get a black border to
/// become 32x32. Fails with a sentence that names the file when one is missing, has the wrong size, or contains a label
/// that is not 0..9. Format: http://yann.lecun.com/exdb/mnist/
Expected<DataSplit> load_idx_folder(const std::filesystem::path& folder, const Cancel& cancel = {});

/// Folder in which Debian's package dataset-fashion-mnist installs its files.
inline constexpr const char* debian_fashion_mnist = "/usr/share/datasets/fashion-mnist";

/// Parses the images of one IDX file and the labels of another. The bytes are not compressed. `images_name` and
/// `labels_name` are the names of the files in messages.
Expected<DataSet> parse_idx(std::span<const std::byte> images, std::string_view images_name,
                            std::span<const std::byte> labels, std::string_view labels_name);

/// Returns the ten classes of CIFAR-10 in the order of their labels.
std::vector<std::string> cifar10_classes();

/// Returns the names of the classes of Fashion-MNIST, in the order of their labels.
std::vector<std::string> fashion_mnist_classes();

/// Parses one CIFAR-10 binary file (records of one byte, the label, and 3 x 32 x 32 bytes) and returns the images of
/// `classes`, which become labels 0, 1, ... in this order; empty means all ten classes. Fails with a message that names
/// the file when its size is not a multiple of 3073 bytes, a label is above 9, or it contains none of the classes.
/// Format: https://www.cs.toronto.edu/~kriz/cifar.html
Expected<DataSet> parse_cifar10(std::span<const std::byte> bytes, std::string_view name,
                                const std::vector<std::string>& classes);

/// Loads CIFAR-10's .bin files from `folder`: those with "test" in their name for validation, others named
/// data_batch_*.bin or with "train" in their name for training. `classes` are names from cifar10_classes(), at least
/// two; empty means all ten. Fails if there are no training or no validation files, and like parse_cifar10().
Expected<DataSplit> load_cifar10_folder(const std::filesystem::path& folder, const std::vector<std::string>& classes,
                                        const Cancel& cancel = {});

/// Loads a folder with one subfolder of images per class. All images are resized to `size` and have three channels. In
/// each class, every fifth image is for validation, after shuffling by `seed`. Files that can't be read are left out
/// and recorded in DataSet::skipped and DataSet::complaints. Fails when fewer than two classes have at least two
/// images.
Expected<DataSplit> load_picture_folder(const std::filesystem::path& folder, Size2 size, std::uint32_t seed,
                                        const Cancel& cancel = {});

/// How a folder stores its examples: subfolders of images, CIFAR-10's .bin files, or IDX files.
enum class DataLayout { pictures, cifar10, idx };
/// Returns the layout of `folder`, detected from the file names in it.
DataLayout data_layout(const std::filesystem::path& folder);

/// Loads `folder` according to its data_layout(). `classes` matters only for CIFAR-10; `size` and `seed` matter only
/// for subfolders of images.
Expected<DataSplit> load_data_folder(const std::filesystem::path& folder, const std::vector<std::string>& classes,
                                     Size2 size, std::uint32_t seed, const Cancel& cancel = {});

/// Returns the first `most` training examples and the first `most` / 3 validation examples (at least one), or all if
/// `most` is 0. They are resized to `size` and have three channels. The examples must have labels. Fails only if
/// canceled or if resize() fails.
Expected<DataSplit> resized(const DataSplit& data, Size2 size, int most, const Cancel& cancel = {});

}  // namespace convlens
