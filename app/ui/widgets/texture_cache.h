/// OpenGL textures of the images on screen.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "engine/core/image.h"

namespace convlens {

/// Keeps a texture for each image that was requested in this frame or the previous one. Requires the window's OpenGL
/// context to be current.
class TextureCache {
  public:
    TextureCache() = default;
    TextureCache(const TextureCache&) = delete;
    TextureCache& operator=(const TextureCache&) = delete;
    ~TextureCache();

    /// Returns the OpenGL name of a texture with the pixels of the image; 0 if `image` is null. It is valid until the
    /// next call of begin_frame(): then a new version of the image may take it over.
    unsigned of(const std::shared_ptr<const Image>& image);

    /// Deletes the textures that were not requested since the last call. Call once per frame, before drawing.
    void begin_frame();

    /// Forgets all textures without deleting them, because their context is lost.
    void forget() {
        kept_.clear();
        ++contexts_;
    }

    /// Returns how many contexts were lost.
    int contexts() const { return contexts_; }

    /// Returns how often textures have changed: if it is the same in two frames, so are all textures.
    std::uint64_t uploads() const { return uploads_; }

  private:
    struct CachedLayer {
        std::shared_ptr<const Image> image;
        unsigned name = 0;
        bool used = true;
    };
    std::vector<CachedLayer> kept_;
    int contexts_ = 0;
    std::uint64_t uploads_ = 0;
};

}  // namespace convlens
