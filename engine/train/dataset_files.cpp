/// Data sets read from files: IDX, CIFAR-10's binary format, folders of pictures.
#include <zlib.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <random>
#include <system_error>

#include "engine/core/sentence.h"
#include "engine/io/byte_reader.h"
#include "engine/io/file.h"
#include "engine/io/image_file.h"
#include "engine/io/resize.h"
#include "engine/train/dataset.h"

namespace convlens {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t max_bytes = std::size_t{1} << 29;  ///< Maximum size of a file in bytes, also after decompression.
constexpr int idx_side = 32;
constexpr std::size_t cifar_pixels = 3 * 32 * 32;

/// Returns the content of a .gz file; `name` is the name of the file in messages.
Expected<Bytes> unpacked(std::span<const std::byte> packed, const std::string& name) {
    z_stream stream{};
    if (inflateInit2(&stream, 16 + MAX_WBITS) != Z_OK)
        return fail("{}: not enough memory to decompress the file", name);
    std::vector<std::byte> out;
    std::vector<std::byte> part(std::size_t{1} << 16U);
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<std::byte*>(packed.data()));
    stream.avail_in = static_cast<uInt>(packed.size());
    int status = Z_OK;
    while (status == Z_OK && out.size() <= max_bytes) {
        stream.next_out = reinterpret_cast<Bytef*>(part.data());
        stream.avail_out = static_cast<uInt>(part.size());
        status = inflate(&stream, Z_NO_FLUSH);
        out.insert(out.end(), part.begin(), part.end() - static_cast<std::ptrdiff_t>(stream.avail_out));
    }
    inflateEnd(&stream);
    if (out.size() > max_bytes) return fail("{}: the file decompresses to more than {} bytes", name, max_bytes);
    if (status != Z_STREAM_END) return fail("{}: the file is truncated or corrupt and can't be decompressed", name);
    return Bytes::copy_of(out);
}

/// The decompressed content of a file, and its path for messages.
struct NamedBytes {
    std::string name;
    Bytes bytes;
};

Expected<NamedBytes> read_idx(const fs::path& folder, const std::string& name) {
    std::error_code error;
    const fs::path plain = folder / name, packed = folder / (name + ".gz");
    const bool is_packed = !fs::exists(plain, error) && fs::exists(packed, error);
    const fs::path path = is_packed ? packed : plain;
    auto bytes = Bytes::read_file(path, max_bytes);
    if (bytes && is_packed) bytes = unpacked(bytes->span(), path.string());
    if (!bytes) return tl::unexpected(bytes.error());
    return NamedBytes{path.string(), std::move(*bytes)};
}

void append(DataSet& to, const DataSet& more) {
    auto& values = std::get<CountedVector<std::uint8_t>>(to.values);
    const auto& others = std::get<CountedVector<std::uint8_t>>(more.values);
    values.insert(values.end(), others.begin(), others.end());
    to.labels.insert(to.labels.end(), more.labels.begin(), more.labels.end());
}

Expected<std::vector<fs::path>> entries(const fs::path& folder) {
    std::error_code error;
    std::vector<fs::path> found;
    for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error))
        found.push_back(it->path());
    if (error) return fail("{}: the folder can't be read: {}", folder.string(), error.message());
    std::sort(found.begin(), found.end());
    return found;
}

constexpr std::size_t max_complaints = 20;

void add_error(DataSet& data, std::string message) {
    ++data.skipped;
    if (data.complaints.size() < max_complaints) data.complaints.push_back(std::move(message));
}

/// Appends the picture at `path`, resized, to the values. If it can't be read, records why in `data` and returns false.
bool append_picture(const fs::path& path, Size2 size, DataSet& data) {
    const auto picture = load_picture(path);
    if (!picture) return add_error(data, picture.error().message), false;
    const auto resized = resize(picture->color, size, path.string());
    if (!resized) return add_error(data, resized.error().message), false;
    auto& values = std::get<CountedVector<std::uint8_t>>(data.values);
    for (const float v : resized->values())
        values.push_back(static_cast<std::uint8_t>(std::lround(std::clamp(v, 0.0F, 1.0F) * 255.0F)));
    data.names.push_back(path.filename().string());
    return true;
}

}  // namespace

Expected<DataSet> parse_idx(std::span<const std::byte> images, std::string_view images_name,
                            std::span<const std::byte> labels, std::string_view labels_name) {
    ByteReader pictures(images), classes(labels);
    const auto magic = pictures.big<std::uint32_t>(), count = pictures.big<std::uint32_t>(),
               rows = pictures.big<std::uint32_t>(), columns = pictures.big<std::uint32_t>();
    if (pictures.failed() || magic != 0x803) return fail("{}: not an IDX file of pictures", images_name);
    if (rows < 1 || rows > idx_side || columns < 1 || columns > idx_side)
        return fail("{}: the pictures are {}x{}, expected 1 to {} pixels per side", images_name, columns, rows,
                    idx_side);
    const std::uint64_t expected = std::uint64_t{count} * rows * columns;
    if (count < 1 || pictures.rest().size() != expected)
        return fail("{}: {} pictures of {}x{} need {} bytes after the header, found {}", images_name, count, columns,
                    rows, expected, pictures.rest().size());
    const auto label_magic = classes.big<std::uint32_t>(), label_count = classes.big<std::uint32_t>();
    if (classes.failed() || label_magic != 0x801) return fail("{}: not an IDX file of labels", labels_name);
    if (label_count != count || classes.rest().size() != count)
        return fail("{}: expected {} labels, one per picture; the header says {}, found {}", labels_name, count,
                    label_count, classes.rest().size());

    DataSet data;
    data.item = {1, 1, idx_side, idx_side};
    for (int i = 0; i < 10; ++i) data.classes.push_back(std::to_string(i));
    CountedVector<std::uint8_t> pixels(std::size_t{count} * idx_side * idx_side);
    const std::size_t top = (idx_side - rows) / 2, left = (idx_side - columns) / 2;
    for (std::size_t n = 0; n < count; ++n)
        for (std::size_t y = 0; y < rows; ++y) {
            const auto row = pictures.take(columns);
            std::transform(row.begin(), row.end(),
                           pixels.begin() + static_cast<std::ptrdiff_t>((n * idx_side + top + y) * idx_side + left),
                           [](std::byte b) { return std::to_integer<std::uint8_t>(b); });
        }
    for (std::size_t n = 0; n < count; ++n) {
        const int label = classes.byte();
        if (label > 9) return fail("{}: label {} of picture {} is not 0 to 9", labels_name, label, n);
        data.labels.push_back(label);
    }
    data.values = std::move(pixels);
    return data;
}

std::vector<std::string> fashion_mnist_classes() {
    return {"T-shirt", "trousers", "pullover", "dress", "coat", "sandal", "shirt", "sneaker", "bag", "ankle boot"};
}

Expected<DataSplit> load_idx_folder(const fs::path& folder, const Cancel& cancel) {
    const bool fashion = folder.string().find("fashion") != std::string::npos;
    const std::string title = fashion ? "Fashion-MNIST" : folder.filename().string();
    const auto load = [&](const std::string& prefix, const char* part) -> Expected<SharedDataSet> {
        const auto images = read_idx(folder, prefix + "-images-idx3-ubyte");
        if (!images) return tl::unexpected(images.error());
        const auto labels = read_idx(folder, prefix + "-labels-idx1-ubyte");
        if (!labels) return tl::unexpected(labels.error());
        auto data = parse_idx(images->bytes.span(), images->name, labels->bytes.span(), labels->name);
        if (!data) return tl::unexpected(data.error());
        data->title = title + ", " + part;
        if (fashion) data->classes = fashion_mnist_classes();
        return std::make_shared<const DataSet>(std::move(*data));
    };
    const auto training = load("train", "training");
    if (!training) return tl::unexpected(training.error());
    if (cancel.requested()) return canceled();
    const auto validation = load("t10k", "test");
    if (!validation) return tl::unexpected(validation.error());
    return DataSplit{*training, *validation};
}

std::vector<std::string> cifar10_classes() {
    return {"airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"};
}

Expected<DataSet> parse_cifar10(std::span<const std::byte> bytes, std::string_view name,
                                const std::vector<std::string>& classes) {
    constexpr std::size_t record = 1 + cifar_pixels;
    if (bytes.empty() || bytes.size() % record != 0)
        return fail("{}: it has {} bytes, but CIFAR-10's binary files have a multiple of {}", name, bytes.size(),
                    record);
    const auto all = cifar10_classes();
    DataSet data;
    data.item = {1, 3, 32, 32};
    data.classes = classes.empty() ? all : classes;
    CountedVector<std::uint8_t> pixels;
    ByteReader reader(bytes);
    for (std::size_t n = 0; n < bytes.size() / record; ++n) {
        const std::size_t label = reader.byte();
        const auto picture = reader.take(cifar_pixels);
        if (label >= all.size()) return fail("{}: label {} of picture {} is not 0 to 9", name, label, n);
        const auto wanted = std::find(data.classes.begin(), data.classes.end(), all[label]);
        if (wanted == data.classes.end()) continue;
        data.labels.push_back(static_cast<int>(wanted - data.classes.begin()));
        for (const std::byte b : picture) pixels.push_back(std::to_integer<std::uint8_t>(b));
    }
    if (data.labels.empty()) return fail("{}: contains none of the requested classes", name);
    data.values = std::move(pixels);
    return data;
}

Expected<DataSplit> load_cifar10_folder(const fs::path& folder, const std::vector<std::string>& classes,
                                        const Cancel& cancel) {
    const auto all = cifar10_classes();
    for (const std::string& c : classes)
        if (std::find(all.begin(), all.end(), c) == all.end())
            return fail(
                "'{}' is not a class of CIFAR-10: expected airplane, automobile, bird, cat, deer, dog, frog, horse, "
                "ship or truck",
                c);
    if (classes.size() == 1) return fail("'{}' is the only class, expected at least two", classes.front());
    const auto files = entries(folder);
    if (!files) return tl::unexpected(files.error());
    std::optional<DataSet> training, validation;
    for (const fs::path& path : *files) {
        const std::string name = path.filename().string();
        if (!name.ends_with(".bin")) continue;
        const bool test = name.find("test") != std::string::npos;
        if (!test && !name.starts_with("data_batch_") && name.find("train") == std::string::npos) continue;
        if (cancel.requested()) return canceled();
        const auto bytes = Bytes::read_file(path, max_bytes);
        if (!bytes) return tl::unexpected(bytes.error());
        auto data = parse_cifar10(bytes->span(), path.string(), classes);
        if (!data) return tl::unexpected(data.error());
        auto& to = test ? validation : training;
        if (to)
            append(*to, *data);
        else
            to = std::move(*data);
    }
    if (!training || !validation)
        return fail("{}: expected the folder to contain CIFAR-10's data_batch_1.bin ... and test_batch.bin",
                    folder.string());
    training->title = "CIFAR-10, training", validation->title = "CIFAR-10, test";
    return DataSplit{std::make_shared<const DataSet>(std::move(*training)),
                     std::make_shared<const DataSet>(std::move(*validation))};
}

DataLayout data_layout(const fs::path& folder) {
    std::error_code ignored;
    for (const char* name : {"train-images-idx3-ubyte", "train-images-idx3-ubyte.gz"})
        if (fs::exists(folder / name, ignored)) return DataLayout::idx;
    const auto found = entries(folder);
    const auto binary = [](const fs::path& path) { return path.extension() == ".bin"; };
    return found && std::any_of(found->begin(), found->end(), binary) ? DataLayout::cifar10 : DataLayout::pictures;
}

Expected<DataSplit> load_data_folder(const fs::path& folder, const std::vector<std::string>& classes, Size2 size,
                                     std::uint32_t seed, const Cancel& cancel) {
    switch (data_layout(folder)) {
        case DataLayout::idx: return load_idx_folder(folder, cancel);
        case DataLayout::cifar10: return load_cifar10_folder(folder, classes, cancel);
        case DataLayout::pictures: break;
    }
    return load_picture_folder(folder, size, seed, cancel);
}

Expected<DataSplit> load_picture_folder(const fs::path& folder, Size2 size, std::uint32_t seed, const Cancel& cancel) {
    const auto folders = entries(folder);
    if (!folders) return tl::unexpected(folders.error());
    std::vector<std::pair<std::string, std::vector<fs::path>>> found;
    std::size_t total = 0, done = 0;
    for (const fs::path& sub : *folders) {
        std::error_code error;
        if (!fs::is_directory(sub, error) || sub.filename().string().starts_with('.')) continue;
        const auto files = entries(sub);
        if (!files) return tl::unexpected(files.error());
        found.push_back({sub.filename().string(), {}});
        for (const fs::path& file : *files)
            if (fs::is_regular_file(file, error) && !file.filename().string().starts_with('.'))
                found.back().second.push_back(file), ++total;
    }
    DataSet training, validation;
    for (DataSet* data : {&training, &validation})
        data->item = {1, 3, size.h, size.w}, data->values = CountedVector<std::uint8_t>();
    std::mt19937 random(seed);
    for (auto& [name, files] : found) {
        for (std::size_t i = files.size(); i > 1; --i)
            std::swap(files[i - 1], files[(static_cast<std::uint64_t>(random()) * i) >> 32U]);
        const int label = static_cast<int>(training.classes.size());
        std::size_t here = 0;  // the first of every five is for validation
        for (const fs::path& file : files) {
            if (cancel.requested()) return canceled();
            cancel.report(static_cast<float>(++done) / static_cast<float>(total));
            DataSet& to = here % 5 == 0 ? validation : training;
            if (append_picture(file, size, to)) to.labels.push_back(label), ++here;
        }
        if (here >= 2) {
            training.classes.push_back(name);
            continue;
        }
        // A class with one picture can't be used for both training and validation.
        for (DataSet* data : {&training, &validation})
            if (!data->labels.empty() && data->labels.back() == label) {
                data->labels.pop_back();
                add_error(*data, sentence("{}: has only one picture and is skipped", (folder / name).string()));
                data->names.pop_back();
                auto& values = std::get<CountedVector<std::uint8_t>>(data->values);
                values.resize(values.size() - data->item.count());
            }
    }
    training.skipped += validation.skipped;
    training.complaints.insert(training.complaints.end(), validation.complaints.begin(), validation.complaints.end());
    if (training.complaints.size() > max_complaints) training.complaints.resize(max_complaints);
    if (training.classes.size() < 2)
        return fail("{}: expected at least two sub-folders with two pictures each, one per class; such folders: {}{}",
                    folder.string(), training.classes.empty() ? sentence("none") : training.classes.front(),
                    training.complaints.empty() ? "" : "; " + training.complaints.front());
    validation.classes = training.classes;
    training.title = folder.filename().string() + ", training",
    validation.title = folder.filename().string() + ", held out";
    return DataSplit{std::make_shared<const DataSet>(std::move(training)),
                     std::make_shared<const DataSet>(std::move(validation))};
}

}  // namespace convlens
