/// Lists folders, and reads the pictures of files, data sets and videos.
#include "engine/open/picture_series.h"

#include <algorithm>

#include "engine/document/drawing.h"
#include "engine/document/embedded.h"
#include "engine/open/open.h"

namespace convlens {
namespace {

namespace fs = std::filesystem;

/// Returns the pictures in `folder` and in its subfolders, those of a folder by name before those of its subfolders.
/// Folders that can't be read and names that begin with a dot are left out.
std::vector<fs::path> pictures_in(const fs::path& folder, const Cancel& cancel) {
    std::vector<fs::path> found, folders{folder};
    for (std::size_t i = 0; i < folders.size() && found.size() < PictureSeries::max_pictures; ++i) {
        std::vector<fs::path> files, inner;
        std::error_code error, ignored;
        for (fs::directory_iterator entry(folders[i], error), end; !error && entry != end; entry.increment(error)) {
            if (cancel.requested()) return {};
            if (entry->path().filename().string().starts_with('.')) continue;
            // A link to a folder is not followed: it may lead back.
            if (entry->is_directory(ignored) && !entry->is_symlink(ignored))
                inner.push_back(entry->path());
            else if (is_picture_name(entry->path()) && entry->is_regular_file(ignored))
                files.push_back(entry->path());
        }
        std::ranges::sort(files);
        std::ranges::sort(inner);
        files.resize(std::min(files.size(), PictureSeries::max_pictures - found.size()));
        found.insert(found.end(), files.begin(), files.end());
        if (folders.size() < PictureSeries::max_pictures) folders.insert(folders.end(), inner.begin(), inner.end());
    }
    return found;
}

Picture example_picture(const DataSet& data, int index) {
    Picture picture;
    picture.color = example_tensor(data, index);
    picture.info = {"data set", picture.color.shape().w, picture.color.shape().h, 3, 8, 1};
    return picture;
}

std::string example_title(const DataSet& data, int index) {
    const auto i = static_cast<std::size_t>(index);
    const std::string label = i < data.labels.size() ? data.classes[static_cast<std::size_t>(data.labels[i])] : "";
    return fmt::format("{}, {}{}", data.title, index, label.empty() ? "" : fmt::format(" ({})", label));
}

}  // namespace

Expected<PictureInput> open_again(const SeriesPicture& from) {
    if (!from.data) {
        const PictureOrigin origin = PictureOrigin::file(from.path);
        auto picture = open_picture(origin, {});
        if (!picture) return tl::unexpected(picture.error());
        return PictureInput{{{origin, std::move(*picture)}}};
    }
    auto picture = std::make_shared<const Picture>(example_picture(*from.data, from.example));
    std::string name;
    for (const char c : from.title)
        if ((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')) name += c;
    return PictureInput{{{embedded_origin(name, encode_png(image_of(*picture))), picture}}};
}

Expected<PictureSeries> PictureSeries::open(const fs::path& path, const Cancel& cancel) {
    std::error_code ignored;
    if (path == debian_fashion_mnist && !fs::exists(path, ignored))
        return fail("{} does not exist: install Debian's package dataset-fashion-mnist", path.string());
    if (!fs::is_directory(path, ignored)) {
        auto frames = Frames::open(path, cancel);
        if (!frames) return tl::unexpected(frames.error());
        return PictureSeries(Video{path, std::move(*frames)});
    }
    const DataLayout layout = data_layout(path);
    if (layout != DataLayout::idx) {
        std::vector<fs::path> found = pictures_in(path, cancel);
        if (cancel.requested()) return canceled();
        if (!found.empty()) return PictureSeries(Files{path, std::move(found)});
        if (layout == DataLayout::pictures) return fail("{}: there are no pictures in the folder", path.string());
    }
    const auto data = load_data_folder(path, {}, {}, 1, cancel);
    if (!data) return tl::unexpected(data.error());
    return PictureSeries(data->training);
}

int PictureSeries::count() const {
    if (const auto* files = std::get_if<Files>(&from_)) return static_cast<int>(files->paths.size());
    if (const auto* data = std::get_if<SharedDataSet>(&from_)) return (*data)->size();
    return std::get<Video>(from_).frames.count();
}

SeriesPicture PictureSeries::at(int index) const {
    if (const auto* files = std::get_if<Files>(&from_)) {
        const fs::path& path = files->paths[static_cast<std::size_t>(index)];
        return {path.lexically_relative(files->folder).string(), path.string(), nullptr, 0};
    }
    if (const auto* data = std::get_if<SharedDataSet>(&from_)) return {example_title(**data, index), "", *data, index};
    const fs::path& video = std::get<Video>(from_).path;
    return {fmt::format("{}, frame {}", video.filename().string(), index), with_frame({video, index}), nullptr, 0};
}

Expected<PictureInput> PictureSeries::read(int index, const Cancel& cancel) {
    if (const auto* files = std::get_if<Files>(&from_)) {
        const fs::path& path = files->paths[static_cast<std::size_t>(index)];
        auto picture = load_picture(path);
        if (!picture) return tl::unexpected(picture.error());
        return PictureInput{
            {{PictureOrigin::file(path.string()), std::make_shared<const Picture>(std::move(*picture))}}};
    }
    if (const auto* data = std::get_if<SharedDataSet>(&from_))
        return PictureInput{
            {{Sample{example_title(**data, index)}, std::make_shared<const Picture>(example_picture(**data, index))}}};
    auto& [path, frames] = std::get<Video>(from_);
    auto picture = frames.read(index, cancel);
    if (!picture) return tl::unexpected(picture.error());
    return PictureInput{{{PictureOrigin::file(with_frame({path, index})), std::move(*picture)}}};
}

}  // namespace convlens
