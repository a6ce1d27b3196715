"""Names of controls in the UI map."""
import re

# Lists whose entries are all made by the same line of code: one of them stands for all.
LISTS = ("lecture.open", "subtract", "maximize.source", "action.answer", "menu.answer", "speed", "file", "layer", "path", "palette", "colormap", "scale", "sort", "sample", "pattern", "network", "normalize", "padding_mode", "gray kernels", "slide.speed", "lab.kernel",
         "lab.image", "train.kernel", "train.size", "train.data", "train.class", "train.shown_layer", "edit.formula", "edit.mode", "compare.layer", "compare.b", "compare.a", "browser.last", "prepare", "report",
         "record.number", "camera.device", "camera.mode", "filters.view", "filters.source", "filters.order", "filters.split", "filters.second", "filters.brush",
         "filters.strides", "filters.pooling", "filters.taps", "filters.direction", "filters.steps", "filters.inside", "filters.compared",
         "graph.box", "graph.bars", "input.from", "filters.reduced", "filters.alias.taps", "filters.alias.view", "filters.rounded", "filters.plot", "filters.algorithm",
         "filters.part", "filters.design.shape")


def kind(name):
    """Returns the name without what differs between controls that are made alike: the entry of a list, the
    number, the axis."""
    for entry in LISTS:
        if name.startswith(entry + ".") or (entry == "browser.last" and name.startswith(entry)):
            return entry + ".*"
    return re.sub(r"\d+", "N", re.sub(r"\.[xy]$", "", name))
