import { chromium as playwright } from "playwright-core";
import { type BrowserKind, type Driver, findProgram, REPORT } from "./driver.ts";

const find = (): string | undefined => findProgram("chromium", "chromium-browser", "google-chrome");

/** Chromium or Chrome, driven by Playwright. */
export const chromium: BrowserKind = {
  name: "Chromium",
  packages: "chromium",
  isInstalled: () => find() !== undefined,
  launch,
};

async function launch(): Promise<Driver> {
  const browser = await playwright.launch({
    executablePath: find(),
    // Without a sandbox it also runs as root, as in containers; the others keep it from calling home.
    args: [
      "--no-sandbox",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });
  return {
    async open(url) {
      const tab = await browser.newPage();
      try {
        await tab.goto(url);
        return (await tab.evaluate(REPORT)) as string;
      } finally {
        await tab.close();
      }
    },
    close: () => browser.close(),
  };
}
