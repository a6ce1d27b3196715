// Drives the page in Chromium as a user does: page_test.mjs CHROMIUM CONVLENS FOLDER REPOSITORY ISOLATED_ADDRESS PLAIN_ADDRESS
import { execFileSync } from "node:child_process";
import { createRequire } from "node:module";
import fs from "node:fs";
import http from "node:http";
import path from "node:path";

// NODE_PATH is for require() only.
const require = createRequire(path.join(process.env.NODE_PATH, "page_test.js"));
const puppeteer = require("puppeteer-core");
const { PNG } = require("pngjs");

const [chromium, program, folder, repository, isolated, plain] = process.argv.slice(2);
const downloads = path.join(folder, "downloads");
fs.rmSync(downloads, { recursive: true, force: true });
fs.mkdirSync(downloads, { recursive: true });

function check(condition, sentence) {
    if (!condition) throw new Error(sentence);
}

// A page with the program in it; reads the map of controls that the program publishes.
class Page {
    static async open(browser, address, viewport) {
        const page = new Page();
        page.tab = await browser.newPage();
        page.bytes = 0;
        page.messages = [];
        page.tab.on("pageerror", error => page.messages.push(String(error)));
        page.tab.on("console", message => page.messages.push(message.text()));
        const session = await page.tab.createCDPSession();
        await session.send("Network.enable");
        session.on("Network.loadingFinished", event => { page.bytes += event.encodedDataLength; });
        await session.send("Browser.setDownloadBehavior", { behavior: "allow", downloadPath: downloads });
        await page.tab.setBypassServiceWorker(true);  // what it fetches is not counted
        await page.tab.setViewport({ width: 1280, height: 720, ...viewport });
        await page.go(address);
        return page;
    }

    async go(address) {
        await this.tab.goto(address);
        try {
            await this.tab.waitForFunction(() => window.Module?.page?.isStarted, { timeout: 120000 });
        } catch (error) {
            const text = await this.tab.evaluate(() => document.getElementById("text").textContent);
            throw new Error(`${address} shows no grid but: ${text}\n${this.messages.join("\n")}`);
        }
    }

    async read() {
        const text = await this.tab.evaluate(() => Module.page.map);
        const states = {}, controls = {};
        for (const line of text.split("\n")) {
            const state = /^= (\S+) (.*)$/.exec(line), control = /^(\S.*) (-?\d+) (-?\d+) (-?\d+) (-?\d+)$/.exec(line);
            if (state) states[state[1]] = state[2];
            else if (control) controls[control[1]] = control.slice(2).map(Number);
        }
        return { states, controls };
    }

    async wait(what, condition, seconds = 60) {
        const end = Date.now() + 1000 * seconds;
        for (;;) {
            const now = await this.read();
            if (condition(now.states, now.controls)) return now;
            if (Date.now() > end) throw new Error(`waited in vain for ${what}; the states are ${JSON.stringify(now.states)}\n${this.messages.join("\n")}`);
            await new Promise(resolve => setTimeout(resolve, 50));
        }
    }

    ready(what, condition = () => true) {
        return this.wait(what, s => s.busy === "0" && "output" in s && condition(s));
    }

    async control(name) {
        return (await this.wait(`the control ${name}`, (s, c) => name in c)).controls[name];
    }

    async point(name, across = 0.5, down = 0.5) {
        const [x0, y0, x1, y1] = await this.control(name);
        const scale = await this.tab.evaluate(() => devicePixelRatio);
        return [(x0 + (x1 - x0) * across) / scale, (y0 + (y1 - y0) * down) / scale];
    }

    async click(name) {
        await this.tab.mouse.move(...await this.point(name));
        await this.frames();
        await this.tab.mouse.down();
        await this.frames();
        await this.tab.mouse.up();
        await this.frames();
    }

    async frames(count = 3) {
        await this.tab.evaluate(n => new Promise(done => {
            const next = () => (n-- > 0 ? requestAnimationFrame(next) : done());
            next();
        }), count);
    }

    // Pixels of a rectangle of the page, as the browser shows them.
    async pixels([x0, y0, x1, y1]) {
        return PNG.sync.read(Buffer.from(await this.tab.screenshot({ clip: { x: x0, y: y0, width: x1 - x0, height: y1 - y0 } })));
    }

    shot(name) {
        return this.tab.screenshot({ path: path.join(folder, `${name}.png`) });
    }
}

function rendered(name, options) {
    const file = path.join(folder, `${name}.png`);
    execFileSync(program, ["render", ...options, "--out", file]);
    return PNG.sync.read(fs.readFileSync(file));
}

// Compares two pictures where the second is not transparent: between the cells the window shows through. Processors round the last
// bit of a value differently, which moves a few pixels by one of the colormap's 256 steps.
function compare(a, b, what) {
    check(a.width === b.width && a.height === b.height, `${what}: ${a.width}x${a.height} is not ${b.width}x${b.height}`);
    let most = 0, count = 0;
    for (let i = 0; i < a.data.length; i += 4) {
        if (b.data[i + 3] === 0) continue;
        const by = Math.max(...[0, 1, 2].map(c => Math.abs(a.data[i + c] - b.data[i + c])));
        most = Math.max(most, by);
        count += by > 0 ? 1 : 0;
    }
    check(most <= 4 && count <= 0.001 * a.width * a.height, `${what}: ${count} pixels differ, by up to ${most} of 255`);
    console.log(`${what}: ${a.width}x${a.height} pixels, of which ${count} differ, by up to ${most} of 255`);
}

async function downloaded(name) {
    const file = path.join(downloads, name);
    for (let i = 0; i < 1200 && !fs.existsSync(file); ++i) await new Promise(resolve => setTimeout(resolve, 50));
    check(fs.existsSync(file), `${name} was not downloaded; there are: ${fs.readdirSync(downloads)}`);
    return file;
}

// The grid on the page against the grid of `convlens render`.
async function gridIsThatOfRender(page, name, options) {
    await page.tab.mouse.move(3, 715);  // a value under the pointer would be marked
    const { states, controls } = await page.ready("the grid", s => s.hover === "-");
    await page.frames(5);
    const shown = await page.pixels(controls.picture);
    const expected = rendered(name, [...options, "--cell", states.cell, "--paper", "transparent"]);
    fs.writeFileSync(path.join(folder, `${name}-shown.png`), PNG.sync.write(shown));
    compare(shown, expected, name);
}

async function drop(page, file, name) {
    const bytes = fs.readFileSync(file).toString("base64");
    await page.tab.evaluate((data, title) => {
        const transfer = new DataTransfer();
        transfer.items.add(new File([Uint8Array.from(atob(data), c => c.charCodeAt(0))], title));
        document.getElementById("canvas").dispatchEvent(new DragEvent("drop", { dataTransfer: transfer, bubbles: true, cancelable: true }));
    }, bytes, name);
}

async function desktop(browser) {
    const start = Date.now();
    const page = await Page.open(browser, isolated + "?ui-map=x");
    const cold = Date.now() - start, bytes = page.bytes;
    check(await page.tab.evaluate(() => crossOriginIsolated), "the page is not cross-origin isolated");
    let { states } = await page.ready("the first grid");
    check(/[2-9]\d* threads|1\d+ threads/.test(states.backend), `threads are not used: ${states.backend}`);
    console.log(`first visit: grid after ${cold} ms, ${(bytes / 1e6).toFixed(2)} MB transferred, ${states.backend}`);
    check(bytes <= 12e6, `${bytes} bytes are more than 12 MB`);
    await page.shot("desktop");
    await gridIsThatOfRender(page, "grid", []);

    await page.go(isolated + "?ui-map=x&kernels=edges&stride=2");
    console.log(`warm visit: grid after ${Math.round(await page.tab.evaluate(() => Module.page.firstGrid))} ms`);
    ({ states } = await page.ready("edges", s => s.output === "1x64x150x226"));
    await gridIsThatOfRender(page, "address", ["--weights", "edges", "--stride", "2"]);

    // Each pixel explains itself.
    await page.tab.mouse.move(...await page.point("picture", 0.3, 0.3));
    await page.wait("a value", s => s.hover !== "-" && s.why !== "-");

    await drop(page, path.join(repository, "assets", "images", "rocket.jpg"), "möwe 1.jpg");
    await page.ready("the dropped picture", s => s.input === "1x3x427x640" && s.error === "-");
    await page.shot("dropped");

    // Save by download: the file is the grid that render makes.
    await page.tab.keyboard.down("Control");
    await page.tab.keyboard.press("KeyE");
    await page.tab.keyboard.up("Control");
    const file = await downloaded("möwe 1-grid.png");
    await page.ready("the end of the export", s => s.note.includes("downloaded"));
    const saved = PNG.sync.read(fs.readFileSync(file));
    const cell = [saved.width, saved.height].map(side => (side - 2) / 8 - 2).join("x");  // 8 x 8 cells, gaps of 2 pixels
    compare(saved, rendered("saved", [path.join(repository, "assets", "images", "rocket.jpg"), "--weights", "edges", "--stride", "2",
        "--cell", cell]), "the downloaded grid");

    // The kernel editor.
    await page.tab.keyboard.press("k");
    const [x, y] = await page.point("editor.0");
    await page.tab.mouse.move(x, y);
    await page.frames();
    await page.tab.mouse.down();
    for (let i = 1; i <= 5; ++i) {
        await page.tab.mouse.move(x, y - 9 * i);
        await page.frames();
    }
    await page.tab.mouse.up();
    await page.ready("an edited kernel", s => s.kernels.endsWith("edited"));
    await page.shot("editor");

    // The session and the dropped picture are kept: the next visit offers them.
    await page.tab.waitForFunction(() => Module.FS.readdir("/home/state/convlens").some(n => n === `autosave-${Module.page.id}.json`),
        { timeout: 20000 });
    await new Promise(resolve => setTimeout(resolve, 3000));  // IndexedDB is written after the file
    await page.go(isolated + "?ui-map=x");
    await page.ready("the offer of the last session", s => s.crashed === "offered");
    await page.shot("offer");
    await page.click("crashed.open");
    await page.ready("the session of the last visit", s => s.input === "1x3x427x640" && s.kernels.endsWith("edited") && s.error === "-");

    // The browser's file dialog. The first frames give Chromium time to hand the dialog to the test.
    const waiting = page.tab.waitForFileChooser();
    await page.frames(10);
    await page.tab.keyboard.down("Control");
    await page.tab.keyboard.press("KeyO");
    await page.tab.keyboard.up("Control");
    await page.frames();
    if (!await page.tab.evaluate(() => document.getElementById("message").hidden)) await page.tab.mouse.click(640, 360);
    const chooser = await waiting;
    await chooser.accept([path.join(repository, "assets", "images", "grass.png")]);
    await page.ready("the chosen picture", s => s.input === "1x1x512x512" || s.input === "1x3x512x512");

    // The keyboard is not trapped.
    await page.tab.keyboard.press("Tab");
    check(await page.tab.evaluate(() => document.activeElement.id) === "after", "Tab does not leave the canvas");

    // The link holds what needs no file.
    await page.go(isolated + "?ui-map=x&kernels=edges&stride=3");
    await page.ready("stride 3", s => s.output === "1x64x100x151");
    await page.tab.mouse.move(...await page.point("grid"));
    await page.tab.keyboard.press("s");
    await page.ready("stride 4", s => s.output === "1x64x75x113");
    await page.tab.waitForFunction(() => location.hash.startsWith("#s="), { timeout: 20000 });
    const link = await page.tab.evaluate(() => location.origin + location.pathname + "?ui-map=x" + location.hash);
    const second = await Page.open(browser, link);
    await second.ready("the state of the link", s => s.output === "1x64x75x113");
    await gridIsThatOfRender(second, "link", ["--weights", "edges", "--stride", "4"]);
    console.log(`the link has ${link.length} characters`);
    await second.tab.close();

    // The lecture, scene by scene.
    await page.tab.keyboard.down("Alt");
    await page.tab.keyboard.press("KeyL");
    await page.tab.keyboard.up("Alt");
    for (let i = 1; i <= 13; ++i) {
        await page.ready(`scene ${i}`, s => s.lecture === "1" && s.scene === `${i} of 13` && s.scene_shown === "1" && s.error === "-");
        if (i === 1 || i === 9) await page.shot(`scene-${i}`);
        await page.tab.keyboard.press("PageDown");
    }
    await page.tab.close();
}

async function phone(browser) {
    const page = await Page.open(browser, isolated + "?ui-map=x", { width: 390, height: 844, deviceScaleFactor: 3, hasTouch: true, isMobile: true });
    const { controls } = await page.ready("the first grid");
    check(controls.picture[2] - controls.picture[0] > 0.8 * 390 * 3, `the grid is narrow on a phone: ${controls.picture}`);
    await page.shot("phone");
    await page.tab.touchscreen.tap(...await page.point("picture", 0.3, 0.3));
    await page.wait("the value under the finger", s => s.hover !== "-" || s.pin !== "-" || s.selected !== "-");
    await page.shot("phone-tap");
    await page.tab.close();
}

// A host that sets no headers, in a browser without service workers: one thread, the same grid.
async function oneThread(browser) {
    const context = await browser.createBrowserContext();
    const tab = await context.newPage();
    await tab.evaluateOnNewDocument(() => { delete Navigator.prototype.serviceWorker; });
    const page = Object.assign(new Page(), { tab, bytes: 0, messages: [] });
    tab.on("console", message => page.messages.push(message.text()));
    await tab.setViewport({ width: 1280, height: 720 });
    await page.go(plain + "?ui-map=x&kernels=edges&stride=2");
    check(!await tab.evaluate(() => crossOriginIsolated), "the page is isolated");
    const { states } = await page.ready("the grid");
    check(/1 thread/.test(states.backend), `more than one thread: ${states.backend}`);
    await gridIsThatOfRender(page, "one-thread", ["--weights", "edges", "--stride", "2"]);
    await context.close();
}

// The same host with the service worker: threads after one reload, and no host at all afterwards.
async function serviceWorker(browser) {
    const host = http.createServer(async (request, response) => {
        const file = await fetch(plain + request.url.slice(1));
        response.writeHead(file.status, { "Content-Type": file.headers.get("Content-Type") });
        response.end(Buffer.from(await file.arrayBuffer()));
    });
    await new Promise(resolve => host.listen(0, "127.0.0.1", resolve));
    const address = `http://127.0.0.1:${host.address().port}/`;
    const context = await browser.createBrowserContext();
    const tab = await context.newPage();
    const shown = () => tab.waitForFunction(() => window.crossOriginIsolated && window.Module?.page?.isStarted, { timeout: 120000 });
    await tab.goto(address);
    await shown();
    host.close();
    host.closeAllConnections();
    await tab.goto("about:blank");
    await tab.goto(address + "?kernels=edges");
    await shown();
    console.log("a host without headers: threads by the service worker, and a visit without a network");
    await context.close();
}

const all = { desktop, phone, oneThread, serviceWorker };
const parts = process.env.PARTS ? process.env.PARTS.split(",").map(name => all[name]) : Object.values(all);
const browser = await puppeteer.launch({
    executablePath: chromium, headless: true,
    args: ["--no-sandbox", "--disable-dev-shm-usage", "--use-gl=angle", "--use-angle=swiftshader", "--enable-unsafe-swiftshader",
           "--force-color-profile=srgb"],
});
try {
    for (const part of parts) await part(browser);
} finally {
    await browser.close();
}
