"""The web page in Chromium: page_test.py REPOSITORY CONVLENS FOLDER. Skipped (77) where Chromium, Node or the page is missing."""
import os
import shutil
import subprocess
import sys
import threading
from pathlib import Path

SKIPPED = 77


def skip(reason):
    print(f"web.page is skipped: {reason}")
    sys.exit(SKIPPED)


def main():
    repository, program, folder = (Path(a).resolve() for a in sys.argv[1:4])
    web = repository / "build" / "web"
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if not chromium:
        skip("there is no Chromium")
    if not shutil.which("node") or not shutil.which("npm"):
        skip("there is no Node")
    if not (web / "convlens.wasm").exists():
        skip("scripts/web has not built the page")
    folder.mkdir(parents=True, exist_ok=True)
    modules = repository / "build" / "node"
    if not (modules / "node_modules" / "puppeteer-core").exists() or not (modules / "node_modules" / "pngjs").exists():
        modules.mkdir(parents=True, exist_ok=True)
        install = subprocess.run(["npm", "install", "--no-audit", "--no-fund", "--prefix", modules, "puppeteer-core@24", "pngjs@7"],
                                 capture_output=True, text=True)
        if install.returncode != 0:
            skip("npm cannot install puppeteer-core: " + install.stderr.strip().splitlines()[-1])
    sys.path.insert(0, str(repository / "web"))
    from serve import serve
    servers = [serve(web, 0), serve(web, 0, isolated=False)]
    for server in servers:
        threading.Thread(target=server.serve_forever, daemon=True).start()
    addresses = [f"http://127.0.0.1:{server.server_port}/" for server in servers]
    test = repository / "tests" / "web" / "page_test.mjs"
    environment = dict(os.environ, NODE_PATH=str(modules / "node_modules"))
    sys.exit(subprocess.run(["node", test, chromium, program, folder, repository, *addresses], env=environment).returncode)


main()
