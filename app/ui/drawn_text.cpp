/// Recognizes letters by their texture coordinates.
#include "app/ui/drawn_text.h"

#include <imgui.h>
#include <imgui_internal.h>

#include <cmath>
#include <map>
#include <utility>

namespace convlens {
namespace {

/// A letter and the size of its font in the atlas.
struct SizedGlyph {
    const ImFontGlyph* glyph;
    float size;
};
using Glyphs = std::map<std::pair<float, float>, SizedGlyph>;

/// Returns the glyphs of all fonts by their left and upper texture coordinates.
Glyphs glyphs_of(const ImFontAtlas& atlas) {
    Glyphs glyphs;
    for (const ImFont* font : atlas.Fonts)
        for (const ImFontGlyph& glyph : font->Glyphs)
            if (glyph.Visible) glyphs[{glyph.U0, glyph.V0}] = {&glyph, font->FontSize};
    return glyphs;
}

bool is_figure(unsigned code) { return (code >= '0' && code <= '9') || code == '+' || code == '-'; }

/// Appends a letter to the texts: to the last one if it continues its line.
void append(std::vector<DrawnText>& texts, const SizedGlyph& sized, const ImDrawVert* corners, float right,
            bool first) {
    const ImFontGlyph& glyph = *sized.glyph;
    const ImVec2 a = corners[0].pos, b = corners[2].pos;
    const float scale = (b.y - a.y) / (glyph.Y1 - glyph.Y0), em = scale * sized.size, y = a.y - glyph.Y0 * scale;
    char utf8[5] = {};
    ImTextCharToUtf8(utf8, glyph.Codepoint);
    const bool cut = corners[2].uv.x < glyph.U1 - 1e-6F || b.x > right + 0.5F;
    const float room = cut ? -1 : right - b.x;
    if (!first && !texts.empty()) {
        DrawnText& last = texts.back();
        const float gap = a.x - last.x1;
        if (std::abs(y - last.y) < 1 && gap > -em / 2 && gap < em) {
            // Figures have space around them, because all are equally wide.
            const bool after = is_figure(static_cast<unsigned char>(last.text.back())),
                       before = is_figure(glyph.Codepoint);
            if (gap > em * (after && before ? 0.45F : after || before ? 0.27F : 0.17F)) last.text += ' ';
            last.text += utf8;
            last.x1 = b.x;
            last.room = room;
            return;
        }
    }
    texts.push_back({utf8, a.x, y, b.x, room, first});
}

}  // namespace

std::vector<DrawnText> drawn_texts(const ImDrawData& data) {
    const Glyphs glyphs = glyphs_of(*ImGui::GetIO().Fonts);
    std::vector<DrawnText> texts;
    for (int i = 0; i < data.CmdListsCount; ++i) {
        const ImDrawList& list = *data.CmdLists[i];
        bool first = true;
        for (const ImDrawCmd& command : list.CmdBuffer) {
            if (command.TextureId != ImGui::GetIO().Fonts->TexID || command.UserCallback) continue;
            const ImDrawIdx* index = list.IdxBuffer.Data + command.IdxOffset;
            for (unsigned k = 0; k + 6 <= command.ElemCount; k += 3) {
                if (index[k + 3] != index[k] || index[k + 5] != index[k] + 3) continue;  // no rectangle
                const ImDrawVert* corners = list.VtxBuffer.Data + command.VtxOffset + index[k];
                const auto glyph = glyphs.find({corners[0].uv.x, corners[0].uv.y});
                if (glyph == glyphs.end()) continue;
                append(texts, glyph->second, corners, command.ClipRect.z, std::exchange(first, false));
                k += 3;
            }
        }
    }
    return texts;
}

}  // namespace convlens
