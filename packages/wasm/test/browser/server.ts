import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

export interface PageServer {
  /** The address of a page that runs a script: the headers are chosen by the query. */
  url(options: PageOptions): string;
  close(): Promise<void>;
}

export interface PageOptions {
  /** Name of a script among those served. */
  readonly script: string;
  /** Whether the page may share memory: the headers COOP and COEP. */
  readonly isolated: boolean;
  /** The Content-Security-Policy. */
  readonly policy?: string;
  /** What the page reads from its own address. */
  readonly query?: Readonly<Record<string, string>>;
}

/** Serves scripts (name to text) and pages that run them, on this machine only. */
export async function servePages(scripts: Readonly<Record<string, string>>): Promise<PageServer> {
  const server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? "/", "http://localhost");
    const script = scripts[pathname.slice(1)];
    // A worker's script needs these headers too, to be run by a page that has them.
    if (searchParams.get("isolated") !== "false") {
      response.setHeader("Cross-Origin-Opener-Policy", "same-origin");
      response.setHeader("Cross-Origin-Embedder-Policy", "require-corp");
    }
    if (script !== undefined) {
      response.setHeader("Content-Type", "text/javascript");
      response.end(script);
    } else if (pathname === "/page") {
      const policy = searchParams.get("policy");
      if (policy !== null) response.setHeader("Content-Security-Policy", policy);
      response.setHeader("Content-Type", "text/html");
      const src = `/${searchParams.get("script")}`;
      const head = '<!doctype html><title>test</title><link rel="icon" href="data:,">';
      response.end(`${head}<script type="module" src="${src}"></script>`);
    } else {
      response.statusCode = 404;
      response.end();
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: ({ script, isolated, policy, query = {} }) => {
      const settings = { script, isolated: String(isolated), ...(policy && { policy }), ...query };
      return `http://127.0.0.1:${port}/page?${new URLSearchParams(settings)}`;
    },
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}
