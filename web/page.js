// Starts Convlens in this page and connects it with the browser: address, files, clipboard, keyboard, touch and storage.
"use strict";

const canvas = document.getElementById("canvas");
const keyboard = document.getElementById("keyboard");
const filesInput = document.getElementById("files");
const touched = { pointers: new Map(), pinch: 0, timer: 0, last: false };
const threaded = window.crossOriginIsolated && typeof SharedArrayBuffer !== "undefined";
const script = threaded ? "convlens.js" : "convlens-1.js";

// Options of the command line that an address may contain, as in ?kernels=edges&stride=2; kernels is another name of weights. The
// program checks their values.
const addressOptions = new Set(["image", "batch", "background", "crop", "resize", "shift", "gray", "normalize", "network", "layer", "weights",
    "kernels", "bias", "stride", "padding", "dilation", "groups", "padding-mode", "flip", "relu", "max-pool", "scale", "colormap", "channels",
    "sort", "columns", "gap", "hide-dead", "mark-beyond", "item", "threads", "light", "ui-scale", "ui-map"]);

function show(text, progress) {
    document.getElementById("message").hidden = false;
    document.getElementById("text").textContent = text;
    const bar = document.getElementById("progress");
    bar.hidden = progress === null;
    if (progress === undefined || progress === null) bar.removeAttribute("value");
    else bar.value = progress;
}

let failed = false;
function fail(text) {
    failed = true;
    show(text, null);
}

// ---- the address

function bytesOfBase64(text) {
    const binary = atob(text.replace(/-/g, "+").replace(/_/g, "/"));
    return Uint8Array.from(binary, c => c.charCodeAt(0));
}

// Returns the bytes of the session file in the fragment, null if there is none. The fragment is "#s=" and the file compressed in
// zlib's format, as base64url.
async function sessionOfAddress() {
    const match = /^#s=([A-Za-z0-9_-]+)$/.exec(location.hash);
    if (!match) return null;
    const unpacked = new Response(new Blob([bytesOfBase64(match[1])]).stream().pipeThrough(new DecompressionStream("deflate")));
    return new Uint8Array(await unpacked.arrayBuffer());
}

function argumentsOfAddress() {
    const list = [];
    for (const [key, value] of new URLSearchParams(location.search)) {
        if (!addressOptions.has(key)) continue;
        const option = key === "kernels" ? "weights" : key;
        list.push(value === "" ? `--${option}` : `--${option}=${value}`);
    }
    return list;
}

// ---- files

const filesFolder = "/home/files";
const keptBytes = 64 << 20;

function plainName(name) {
    return name.replace(/[\/\\\u0000-\u001f]/g, "_").replace(/^\.+/, "_").slice(-120) || "file";
}

async function addFiles(list) {
    let used = [];
    for (const file of list) {
        const path = `${filesFolder}/${plainName(file.name || "pasted.png")}`;
        const bytes = new Uint8Array(await file.arrayBuffer());
        try {
            Module.FS.writeFile(path, bytes);
            used.push(path);
        } catch (error) {
            console.error(`${file.name}: not enough memory`, error);
        }
    }
    for (const path of used) Module.ccall("convlens_add_file", null, ["string"], [path]);
}

// Deletes the oldest files of earlier visits if all files together have more than keptBytes bytes.
function forgetOldFiles() {
    const FS = Module.FS;
    const all = FS.readdir(filesFolder).filter(n => n !== "." && n !== "..").map(n => {
        const path = `${filesFolder}/${n}`, stat = FS.stat(path);
        return { path, size: stat.size, time: stat.mtime.getTime() };
    });
    all.sort((a, b) => b.time - a.time);
    let sum = 0;
    for (const file of all) {
        sum += file.size;
        if (sum > keptBytes) FS.unlink(file.path);
    }
}

window.addEventListener("dragover", event => event.preventDefault());
window.addEventListener("drop", event => {
    event.preventDefault();
    addFiles([...event.dataTransfer.files]);
});
filesInput.addEventListener("change", () => {
    addFiles([...filesInput.files]);
    filesInput.value = "";
    canvas.focus();
});
window.addEventListener("paste", event => {
    if (!Module.ccall || failed) return;
    const text = event.clipboardData.getData("text/plain");
    if (text) Module.ccall("convlens_paste", null, ["string"], [text]);
    else if (event.clipboardData.files.length > 0) addFiles([...event.clipboardData.files]);
});

// ---- keyboard

// Keys that the browser handles: tabs, windows, reload, full screen, developer tools, the address bar, and Tab, which leaves the canvas.
function belongsToBrowser(event) {
    if (["Tab", "F5", "F11", "F12"].includes(event.key)) return true;
    if (!event.ctrlKey && !event.metaKey) return false;
    return "twnrlTWNRL123456789".includes(event.key) || (event.shiftKey && "iIjJ".includes(event.key));
}

for (const type of ["keydown", "keypress", "keyup"]) {
    window.addEventListener(type, event => {
        const here = document.activeElement === canvas || document.activeElement === keyboard || document.activeElement === document.body;
        if (type !== "keyup" && (!here || belongsToBrowser(event))) {
            event.stopImmediatePropagation();
            return;
        }
        if (type !== "keydown") return;
        const pastes = (event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "v";
        if (((event.ctrlKey || event.metaKey) && !pastes) || /^F\d+$/.test(event.key) || event.altKey) event.preventDefault();
        if (document.activeElement === keyboard && event.key.length === 1 && !event.ctrlKey) event.stopImmediatePropagation();
    }, true);
}

// The keyboard of a touch screen types into an invisible field; the text is passed on to the program.
keyboard.addEventListener("beforeinput", event => {
    event.preventDefault();
    if (event.inputType === "deleteContentBackward") Module.ccall("convlens_type", null, ["string"], ["\b"]);
    else if (event.inputType === "insertLineBreak") Module.ccall("convlens_type", null, ["string"], ["\n"]);
    else if (event.data) Module.ccall("convlens_type", null, ["string"], [event.data]);
});

// ---- touch: one finger acts as the mouse, two fingers move and zoom, a long press acts as the right button

function send(type, touch, button) {
    canvas.dispatchEvent(new MouseEvent(type, { clientX: touch.x, clientY: touch.y, button, bubbles: true }));
}
function middle() {
    const [a, b] = [...touched.pointers.values()];
    return { x: (a.x + b.x) / 2, y: (a.y + b.y) / 2, distance: Math.hypot(a.x - b.x, a.y - b.y) };
}
function onTouch(event) {
    event.preventDefault();
    event.stopImmediatePropagation();
    touched.last = true;
    for (const t of event.changedTouches) {
        const at = { x: t.clientX, y: t.clientY };
        if (event.type === "touchstart") {
            touched.pointers.set(t.identifier, at);
            if (touched.pointers.size === 1) {
                canvas.focus({ preventScroll: true });
                send("mousemove", at, 0);
                // The window must see the pointer at its new position before the button goes down.
                touched.pressed = false;
                touched.start = at;
                touched.timer = setTimeout(() => longPress(at), 600);
                requestAnimationFrame(() => press(at));
            } else {
                release(at);
                touched.pinch = middle();
            }
        } else if (event.type === "touchmove" && touched.pointers.has(t.identifier)) {
            touched.pointers.set(t.identifier, at);
            if (Math.hypot(at.x - touched.start.x, at.y - touched.start.y) > 8) clearTimeout(touched.timer);
            if (touched.pointers.size === 1) send("mousemove", at, 0);
        } else if (event.type !== "touchmove") {
            touched.pointers.delete(t.identifier);
            clearTimeout(touched.timer);
            if (touched.pointers.size === 0) {
                // A short tap may end before the press was sent.
                press(at);
                requestAnimationFrame(() => requestAnimationFrame(() => release(at)));
            }
        }
    }
    if (event.type === "touchmove" && touched.pointers.size === 2) {
        const now = middle();
        send("mousemove", now, 0);
        const steps = Math.log2(now.distance / touched.pinch.distance) * 4;
        if (Math.abs(steps) > 0.1) {
            document.dispatchEvent(new WheelEvent("wheel", { deltaY: -100 * steps, clientX: now.x, clientY: now.y, bubbles: true }));
            touched.pinch = now;
        }
    }
}
function press(at) {
    if (touched.pressed || touched.pointers.size > 1) return;
    touched.pressed = true;
    send("mousedown", at, 0);
}
function release(at) {
    if (!touched.pressed) return;
    touched.pressed = false;
    send("mouseup", at, 0);
}
function longPress(at) {
    release(at);
    send("mousedown", at, 2);
    requestAnimationFrame(() => requestAnimationFrame(() => send("mouseup", at, 2)));
}
for (const type of ["touchstart", "touchmove", "touchend", "touchcancel"]) canvas.addEventListener(type, onTouch, { capture: true, passive: false });
canvas.addEventListener("pointerdown", event => { if (event.pointerType !== "touch") touched.last = false; });
canvas.addEventListener("mousedown", () => canvas.focus());
canvas.addEventListener("contextmenu", event => event.preventDefault());

// ---- tabs

// Returns the ids of the tabs that show Convlens, including this one. Each tab holds a lock named after its id, which the browser
// releases when the page ends. If this page gets a lock within 300 ms, the lock belonged to the page that this tab showed before.
async function openPages() {
    if (!navigator.locks) return [page.id];
    const name = id => `convlens-${id}`;
    navigator.locks.request(name(page.id), () => new Promise(() => {})).catch(() => {});
    const held = (await navigator.locks.query()).held.map(lock => /^convlens-(\d+)$/.exec(lock.name)?.[1]).filter(id => id && id !== String(page.id));
    const open = await Promise.all(held.map(id =>
        navigator.locks.request(name(id), { signal: AbortSignal.timeout(300) }, () => null).catch(() => id)));
    return [page.id, ...open.filter(id => id)];
}

// ---- functions that the program calls, see app/web/page.h

const page = {
    map: "",
    isStarted: false,
    // Takes the place of a process id: each tab names its autosave file by this number. A file whose number no open tab has is from
    // an earlier visit.
    id: 1 + Math.floor(Math.random() * 1e9),

    threads() { return Math.max(2, Math.min(navigator.hardwareConcurrency || 2, 16)) + 12; },
    canvasSize() {
        const scale = window.devicePixelRatio || 1;
        return [Math.max(1, Math.round(canvas.clientWidth * scale)), Math.max(1, Math.round(canvas.clientHeight * scale))];
    },
    chooseFiles() {
        // Browsers open a file dialog only shortly after a click, and do not count a shortcut such as Ctrl+O.
        if (navigator.userActivation?.isActive ?? true) return filesInput.click();
        show("Click to choose files", null);
        window.addEventListener("pointerdown", event => {
            event.stopImmediatePropagation();
            document.getElementById("message").hidden = true;
        }, { capture: true, once: true });
        window.addEventListener("click", () => filesInput.click(), { capture: true, once: true });
    },
    download(path) {
        const url = URL.createObjectURL(new Blob([Module.FS.readFile(path)]));
        const link = document.createElement("a");
        link.href = url;
        link.download = path.split("/").pop();
        link.click();
        setTimeout(() => URL.revokeObjectURL(url), 60000);
    },
    copyText(text) { navigator.clipboard?.writeText(text).catch(error => console.warn("the browser refused the clipboard:", error)); },
    copyPng(bytes) {
        navigator.clipboard?.write([new ClipboardItem({ "image/png": new Blob([bytes], { type: "image/png" }) })])
            .catch(error => console.warn("the browser refused the clipboard:", error));
    },
    showFragment(fragment) { history.replaceState(null, "", `${location.pathname}#${fragment}`); },
    setFullscreen(on) {
        if (on) document.documentElement.requestFullscreen?.().catch(() => {});
        else if (document.fullscreenElement) document.exitFullscreen();
    },
    showKeyboard(on) {
        if (on && touched.last) keyboard.focus({ preventScroll: true });
        else if (!on && document.activeElement === keyboard) canvas.focus({ preventScroll: true });
    },
    started() {
        page.isStarted = true;
        page.firstGrid = performance.now();
        if (!failed) document.getElementById("message").hidden = true;
        canvas.focus({ preventScroll: true });
    },
};

const errors = [];
var Module = {
    canvas,
    page,
    arguments: argumentsOfAddress(),
    print: text => console.log(text),
    printErr: text => {
        console.error(text);
        errors.push(text);
        if (!page.isStarted && /^convlens: /.test(text)) fail(text.replace(/^convlens: /, ""));
    },
    locateFile: name => name.replace("convlens-1.data", "convlens.data"),
    setStatus(text) {
        const match = /\((\d+)\/(\d+)\)/.exec(text);
        if (!failed && !page.isStarted) show("Loading Convlens", match ? match[1] / match[2] : undefined);
    },
    onAbort(reason) { fail(`Convlens stopped: ${reason}. Reload the page to continue; it offers your session again.`); },
    onExit(status) {
        if (status !== 0 && !page.isStarted) fail(errors.join("\n") || "Convlens could not start.");
    },
    preRun: [() => {
        const { FS, ENV } = Module;
        ENV.CONVLENS_ASSETS = "/assets";
        ENV.XDG_STATE_HOME = "/home/state";
        ENV.CONVLENS_PROCESS = String(page.id);
        FS.mkdir("/home/kept");
        FS.mount(FS.filesystems.IDBFS, { autoPersist: true }, "/home/kept");
        Module.addRunDependency("kept files");
        const ready = () => {
            for (const [folder, link] of [["/home/kept/state", "/home/state"], ["/home/kept/files", "/home/files"]]) {
                if (!FS.analyzePath(folder).exists) FS.mkdir(folder);
                FS.symlink(folder, link);
            }
            forgetOldFiles();
            FS.chdir(filesFolder);
            sessionOfAddress().then(session => {
                if (session) {
                    FS.writeFile("/home/link.json", session);
                    Module.arguments.push("/home/link.json");
                }
            }, () => fail("The address of this page is cut short or damaged: the session after # can't be read.")).then(async () => {
                ENV.CONVLENS_RUNNING = (await openPages().catch(() => [page.id])).join(",");
                Module.removeRunDependency("kept files");
            });
        };
        FS.syncfs(true, error => {
            if (error) console.warn("the browser keeps no files:", error);
            ready();
        });
    }],
};

function start() {
    if (typeof WebAssembly !== "object" || !document.createElement("canvas").getContext("webgl2"))
        return fail("Convlens needs WebAssembly and WebGL 2. Open it in a current Firefox, Chrome, Edge or Safari.");
    const program = document.createElement("script");
    program.src = script;
    program.onerror = () => fail(`The file ${script} can't be loaded. Check the network connection and reload the page.`);
    document.body.append(program);
}

window.addEventListener("unhandledrejection", event => {
    if (!page.isStarted) fail(`Convlens could not start: ${event.reason}`);
});

// If the host does not set the two headers that threads need, the service worker adds them after one reload.
(async () => {
    if (window.isSecureContext && navigator.serviceWorker && location.protocol !== "file:") {
        try {
            await navigator.serviceWorker.register("isolate.js");
            if (!threaded && !sessionStorage.getItem("isolating")) {
                sessionStorage.setItem("isolating", "1");
                await navigator.serviceWorker.ready;
                location.reload();
                return;
            }
            sessionStorage.removeItem("isolating");
        } catch (error) {
            console.warn("no service worker:", error);
        }
    }
    if (location.protocol === "file:") return fail("Browsers open Convlens only from a web server. Run scripts/web --serve and open the address that it prints.");
    start();
})();
