/// Origins of the large parts of a document: built-in items and files.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <variant>

namespace convlens {

/// Origin of a part of a document: a built-in item, identified by a Word, or a file. parse() converts a text of the
/// command line or of a session to an origin, text() converts it back. All other code compares origins, not texts.
template <class Word>
class Origin {
  public:
    Origin() = default;
    Origin(Word word) : value_(std::move(word)) {}  // implicit, so that an origin can be compared with a word
    /// Returns the origin for a file.
    static Origin file(std::string path) {
        Origin origin;
        origin.value_.template emplace<File>(std::move(path));
        return origin;
    }

    /// Returns the built-in item whose name is `text`, otherwise the file `text`. An empty text means `own`; for
    /// images, which have no `own`, a file.
    static Origin parse(std::string_view text);

    /// Returns a text that parse() converts to this origin: the name of the built-in item (empty for `own`), or the
    /// path. A path that equals a name gets the prefix "./".
    std::string text() const;

    bool is_file() const { return std::holds_alternative<File>(value_); }
    /// Returns the built-in item; null for a file.
    const Word* word() const { return std::get_if<Word>(&value_); }
    /// Returns the path; empty for a built-in item.
    std::string path() const { return is_file() ? std::get<File>(value_).path : std::string(); }

    friend bool operator==(const Origin&, const Origin&) = default;

  private:
    struct File {
        std::string path;
        explicit File(std::string p) : path(std::move(p)) {}
        friend bool operator==(const File&, const File&) = default;
    };
    std::variant<Word, File> value_;
};

/// An image that comes with Convlens. Its text is "sample:NAME".
struct Sample {
    std::string name;
    friend bool operator==(const Sample&, const Sample&) = default;
};
using PictureOrigin = Origin<Sample>;

/// Built-in kernels: `own` means kernels that were made in the window or by a lesson and have no file, `alexnet` the
/// kernels of AlexNet's first layer. The text of a file is "FILE" or "FILE:KEY".
enum class KnownKernels { own, alexnet };
using KernelsOrigin = Origin<KnownKernels>;

/// Built-in networks: `own` means layers that were edited in the window or made by a lesson, `largenet` and `alexnet`
/// the networks of largenet() and alexnet().
enum class KnownNetwork { own, largenet, alexnet };
using NetworkOrigin = Origin<KnownNetwork>;

/// Built-in weights: `own` means weights that were made in the window or by a lesson and have no file, `convlens` the
/// AlexNet weights that come with Convlens, `torchvision` the AlexNet weights that torchvision publishes.
enum class KnownCheckpoint { own, convlens, torchvision };
using CheckpointOrigin = Origin<KnownCheckpoint>;

}  // namespace convlens
