import { globSync } from "node:fs";
import { createServer } from "node:net";
import { type BrowserKind, type Driver, findProgram, REPORT, start } from "./driver.ts";

/** The small browser that comes with WebKit's library. */
const findBrowser = (): string | undefined => globSync("/usr/lib/*/webkit2gtk-4*/MiniBrowser")[0];

/** WebKit's GTK port, over WebDriver; it needs a display, so it gets a virtual one. */
export const webkit: BrowserKind = {
  name: "WebKit",
  packages: "webkit2gtk-driver xvfb",
  isInstalled: () =>
    findProgram("WebKitWebDriver") !== undefined &&
    findProgram("Xvfb") !== undefined &&
    findBrowser() !== undefined,
  launch,
};

async function launch(): Promise<Driver> {
  const screen = ["-displayfd", "1", "-screen", "0", "800x600x24", "-nolisten", "tcp"];
  const display = start(findProgram("Xvfb") as string, () => screen);
  const [, number] = await display.waitFor(/(\d+)\n/);
  const port = await freePort();
  const driver = start(findProgram("WebKitWebDriver") as string, () => [`--port=${port}`], {
    DISPLAY: `:${number}`,
    WEBKIT_DISABLE_COMPOSITING_MODE: "1",
    JSC_useSharedArrayBuffer: "1",
  });
  const call = async (method: string, path: string, body?: object): Promise<unknown> => {
    const response = await fetch(`http://127.0.0.1:${port}${path}`, { method, body: JSON.stringify(body) });
    const { value } = (await response.json()) as { value: { error?: string; message?: string } | null };
    if (value?.error !== undefined) throw new Error(`${value.error}: ${value.message}`);
    return value;
  };
  await answers(() => call("GET", "/status"));
  return {
    async open(url) {
      const options = { binary: findBrowser(), args: ["--automation"] };
      const capabilities = { alwaysMatch: { "webkitgtk:browserOptions": options } };
      const { sessionId } = (await call("POST", "/session", { capabilities })) as { sessionId: string };
      try {
        await call("POST", `/session/${sessionId}/url`, { url });
        const script = `${REPORT}.then(arguments[arguments.length - 1]);`;
        return (await call("POST", `/session/${sessionId}/execute/async`, { script, args: [] })) as string;
      } finally {
        await call("DELETE", `/session/${sessionId}`);
      }
    },
    async close() {
      await driver.stop();
      await display.stop();
    },
  };
}

async function answers(ask: () => Promise<unknown>): Promise<void> {
  for (let tries = 100; ; tries--) {
    try {
      await ask();
      return;
    } catch (error) {
      if (tries === 0) throw error;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}

const freePort = (): Promise<number> =>
  new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
