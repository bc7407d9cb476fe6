import { type BrowserKind, type Driver, findProgram, REPORT, start } from "./driver.ts";

const find = (): string | undefined => findProgram("firefox-esr", "firefox");

/** Firefox as it is, driven over WebDriver BiDi: Playwright would need a build of its own. */
export const firefox: BrowserKind = {
  name: "Firefox",
  packages: "firefox-esr",
  isInstalled: () => find() !== undefined,
  launch,
};

async function launch(): Promise<Driver> {
  const browser = start(find() as string, (home) => [
    ...["--headless", "--no-remote", "--profile", home, "--remote-debugging-port", "0", "about:blank"],
  ]);
  const [, address] = await browser.waitFor(/WebDriver BiDi listening on (ws:\S+)/);
  const call = await connect(`${address}/session`);
  await call("session.new", { capabilities: {} });
  return {
    async open(url) {
      const { context } = await call("browsingContext.create", { type: "tab" });
      await call("browsingContext.navigate", { context, url, wait: "complete" });
      const options = { expression: REPORT, target: { context }, awaitPromise: true };
      const { result } = await call("script.evaluate", options);
      await call("browsingContext.close", { context });
      return (result as { value: string }).value;
    },
    async close() {
      await call("session.end", {});
      await browser.stop();
    },
  };
}

type Answer = Readonly<Record<string, unknown>>;
type Call = (method: string, params: object) => Promise<Answer>;

async function connect(address: string): Promise<Call> {
  const socket = new WebSocket(address);
  await new Promise((resolve, reject) => {
    socket.onopen = resolve;
    socket.onerror = reject;
  });
  const waiting = new Map<number, { resolve(answer: Answer): void; reject(error: Error): void }>();
  socket.onmessage = ({ data }) => {
    const { id, result, error, message } = JSON.parse(String(data));
    if (error === undefined) waiting.get(id)?.resolve(result);
    else waiting.get(id)?.reject(new Error(`${error}: ${message}`));
  };
  let last = 0;
  return (method, params) =>
    new Promise((resolve, reject) => {
      waiting.set(++last, { resolve, reject });
      socket.send(JSON.stringify({ id: last, method, params }));
    });
}
