/// Pictures that are described by their Fourier spectrum.
#pragma once

#include <memory>
#include <span>

#include "engine/core/shape.h"

namespace convlens {

/// The linear map from a spectrum Z to a plane of H x W values, t = irfft2(S * Z) / 4, and its adjoint. Steps of equal
/// size in Z change coarse patterns more than fine ones, as in photographs. As Lucid defines it
/// (lucid/optvis/param/spatial.py, fft_image), with a low-pass filter in addition:
///
/// S(f) = sqrt(H W) / max(f, 1 / max(H, W)) * exp(-(f / low_pass)^4),
///
/// where f = sqrt(u^2 + v^2) is the frequency in cycles per pixel, u of numpy.fft.fftfreq(H) and v of
/// numpy.fft.rfftfreq(W). Z has H rows of W / 2 + 1 complex numbers, each stored as real and imaginary part. An object
/// has scratch memory: only one call at a time may run on it.
class Spectrum {
  public:
    /// Prepares planes of `size`, whose width must be even. Without a low-pass filter, `low_pass` is 0.
    Spectrum(Size2 size, float low_pass);
    ~Spectrum();
    Spectrum(Spectrum&&) noexcept;
    Spectrum& operator=(Spectrum&&) noexcept;

    /// Returns the number of floats in Z.
    std::size_t count() const;

    /// Computes the plane of a spectrum.
    void to_plane(std::span<const float> spectrum, std::span<float> plane);
    /// Computes the spectrum of a plane: to_plane() returns the plane again, without the frequencies of which the
    /// low-pass filter keeps less than a tenth.
    void from_plane(std::span<const float> plane, std::span<float> spectrum);
    /// Computes the gradient by the spectrum from that by the plane.
    void to_gradient(std::span<const float> plane, std::span<float> spectrum);

  private:
    struct Work;
    std::unique_ptr<Work> work_;
};

}  // namespace convlens
