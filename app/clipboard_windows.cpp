/// Puts images on the clipboard of Windows, and reads images, texts and names of files from it.
#include <windows.h>
// after windows.h
#include <cstring>

#include "app/clipboard.h"
#include "engine/io/image_file.h"

namespace convlens {
namespace {

/// Puts `size` bytes on the open clipboard; fill(bytes) writes them. Returns false if there is no memory or Windows
/// refuses the format.
template <class Fill>
bool put(UINT format, std::size_t size, const Fill& fill) {
    const HGLOBAL memory = ::GlobalAlloc(GMEM_MOVEABLE, size);
    if (!memory) return false;
    if (void* bytes = ::GlobalLock(memory)) {
        fill(static_cast<std::byte*>(bytes));
        ::GlobalUnlock(memory);
        if (::SetClipboardData(format, memory)) return true;
    }
    ::GlobalFree(memory);
    return false;
}

std::byte byte_from(float value) { return static_cast<std::byte>(value * 255 + 0.5F); }

/// Puts the image on the open clipboard in the format CF_DIBV5, for programs that can't paste PNG: 32 bits per pixel
/// with alpha, the lowest row first. Returns false on failure.
bool put_bitmap(const Picture& picture) {
    const Shape shape = picture.color.shape();
    const auto width = static_cast<std::size_t>(shape.w), height = static_cast<std::size_t>(shape.h);
    BITMAPV5HEADER header{};
    header.bV5Size = sizeof header;
    header.bV5Width = static_cast<LONG>(width);
    header.bV5Height = static_cast<LONG>(height);
    header.bV5Planes = 1;
    header.bV5BitCount = 32;
    header.bV5Compression = BI_BITFIELDS;
    header.bV5SizeImage = static_cast<DWORD>(width * height * 4);
    header.bV5RedMask = 0x00FF0000;
    header.bV5GreenMask = 0x0000FF00;
    header.bV5BlueMask = 0x000000FF;
    header.bV5AlphaMask = 0xFF000000;
    header.bV5CSType = 0x73524742;  // LCS_sRGB, which windows.h defines as the multi-character literal 'sRGB'
    header.bV5Intent = LCS_GM_IMAGES;
    return put(CF_DIBV5, sizeof header + width * height * 4, [&](std::byte* to) {
        std::memcpy(to, &header, sizeof header);
        to += sizeof header;
        for (std::size_t y = height; y-- > 0;)
            for (std::size_t x = 0; x < width; ++x) {
                const std::size_t pixel = y * width + x;
                for (const std::size_t channel : {2U, 1U, 0U})
                    *to++ = byte_from(picture.color.data()[channel * width * height + pixel]);
                *to++ = picture.alpha.empty() ? std::byte{255} : byte_from(picture.alpha[pixel]);
            }
    });
}

}  // namespace

Expected<void> copy_picture(std::span<const std::byte> png) {
    const auto picture = decode_picture(png, "clipboard");
    // The owner of the clipboard must be a window of this thread.
    const HWND owner =
        ::CreateWindowExW(0, L"STATIC", L"Convlens", 0, 0, 0, 0, 0, HWND_MESSAGE, nullptr, nullptr, nullptr);
    bool open = false;
    for (int attempt = 0; owner && !open && attempt < 20; ++attempt) {
        if (attempt > 0) ::Sleep(25);
        open = ::OpenClipboard(owner) != 0;
    }
    bool copied = false;
    if (open && ::EmptyClipboard()) {
        copied = put(::RegisterClipboardFormatW(L"PNG"), png.size(),
                     [&](std::byte* to) { std::memcpy(to, png.data(), png.size()); });
        if (picture) copied = put_bitmap(*picture) || copied;
    }
    if (open) ::CloseClipboard();
    if (owner) ::DestroyWindow(owner);
    if (!open) return fail("the picture was not copied: another program keeps the clipboard open; try again");
    if (!copied) return fail("the picture was not copied: Windows refused the image");
    return {};
}

Expected<Clipped> read_clipboard() {
    if (!::OpenClipboard(nullptr)) return fail("nothing was pasted: another program keeps the clipboard open");
    struct Close {
        ~Close() { ::CloseClipboard(); }
    } close;
    const auto bytes_of = [](UINT format) {
        std::vector<std::byte> bytes;
        const HANDLE memory = ::GetClipboardData(format);
        if (const auto* data = memory ? static_cast<const std::byte*>(::GlobalLock(memory)) : nullptr) {
            bytes.assign(data, data + ::GlobalSize(memory));
            ::GlobalUnlock(memory);
        }
        return bytes;
    };
    const auto utf8 = [](const wchar_t* wide, std::size_t length) {
        const int count = static_cast<int>(length);
        std::string text(
            static_cast<std::size_t>(::WideCharToMultiByte(CP_UTF8, 0, wide, count, nullptr, 0, nullptr, nullptr)),
            ' ');
        ::WideCharToMultiByte(CP_UTF8, 0, wide, count, text.data(), static_cast<int>(text.size()), nullptr, nullptr);
        return text;
    };
    Clipped clipped{bytes_of(::RegisterClipboardFormatW(L"PNG")), {}};
    if (!clipped.picture.empty()) return clipped;
    // DROPFILES, then paths that end with a zero each.
    const auto dropped = bytes_of(CF_HDROP);
    constexpr std::size_t header = 20;
    if (dropped.size() > header) {
        const auto* wide = reinterpret_cast<const wchar_t*>(dropped.data() + header);
        const std::size_t count = (dropped.size() - header) / sizeof(wchar_t);
        for (std::size_t begin = 0, end = 0; begin < count && wide[begin] != 0; begin = end + 1) {
            for (end = begin; end < count && wide[end] != 0;) ++end;
            clipped.text += utf8(wide + begin, end - begin) + "\n";
        }
        return clipped;
    }
    const auto text = bytes_of(CF_UNICODETEXT);
    const auto* wide = reinterpret_cast<const wchar_t*>(text.data());
    std::size_t length = 0;
    while (length < text.size() / sizeof(wchar_t) && wide[length] != 0) ++length;
    if (length == 0) return fail("nothing was pasted: the clipboard holds neither a picture nor a text");
    clipped.text = utf8(wide, length);
    return clipped;
}

}  // namespace convlens
