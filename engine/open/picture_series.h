/// Many pictures that are opened one after the other: those of a folder or of a data set, or the frames of a video.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "engine/core/cancel.h"
#include "engine/document/document.h"
#include "engine/io/frames.h"
#include "engine/train/dataset.h"

namespace convlens {

/// A picture of a series: what opens it again.
struct SeriesPicture {
    std::string title;   ///< "dogs/rex.png", "clip.gif, frame 12", "Fashion-MNIST, training, 12 (sneaker)".
    std::string path;    ///< As for PictureOrigin::file(); empty for an example of a data set.
    SharedDataSet data;  ///< Null for a file.
    int example = 0;     ///< Index in `data`.
};

/// Opens a picture of a series as an input of a document: a file, or an example as an embedded picture. Fails like
/// open_picture().
Expected<PictureInput> open_again(const SeriesPicture& picture);

/// Reads the pictures of a series, of which only one is in memory at a time, unless it is a data set. May be used by
/// one thread at a time.
class PictureSeries {
  public:
    static constexpr std::size_t max_pictures = 100'000;  ///< Of a folder; the others are left out.

    /// Opens `path`: a folder with the files of a data set (see data_layout()), whose training examples are read; any
    /// other folder, whose pictures and then those of its subfolders are read, by name; or a file that Frames opens.
    /// Fails if there is no picture, if the data set or the file can't be read, or if canceled.
    static Expected<PictureSeries> open(const std::filesystem::path& path, const Cancel& cancel);

    /// Returns the number of pictures; of a video, like Frames::count().
    int count() const;

    /// Returns picture `index`, which is not read for that.
    SeriesPicture at(int index) const;

    /// Reads picture `index`. Its origin is that of a file, or names the example. Fails like load_picture().
    Expected<PictureInput> read(int index, const Cancel& cancel);

  private:
    struct Files {
        std::filesystem::path folder;
        std::vector<std::filesystem::path> paths;
    };
    struct Video {
        std::filesystem::path path;
        Frames frames;
    };
    explicit PictureSeries(std::variant<Files, SharedDataSet, Video> from) : from_(std::move(from)) {}

    std::variant<Files, SharedDataSet, Video> from_;
};

}  // namespace convlens
