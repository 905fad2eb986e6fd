import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Mm1Error } from '../../errors.js';
import type { StoreReader } from '../../store/reader.js';
import { readRun } from '../observations.js';
import { summarise } from '../results.js';
import { renderPage } from './page.js';
import { LIVE_SCRIPT } from './script.js';

/** Milliseconds between two looks at the database. */
const LOOK = 1000;

export interface ServeOptions {
  readonly store: StoreReader;
  /** Id of the run, or `latest`. */
  readonly run: string;
  readonly cache: string;
  readonly margin: number;
  /** Address to listen at. */
  readonly host: string;
  /** 0 for any that is free. */
  readonly port: number;
}

export interface LivePage {
  readonly url: string;
  close(): Promise<void>;
}

/**
 * Serves the report's page, read-only, and tells its readers when the run has moved (server-sent events).
 * A request under another name than the server's own is refused, so that no foreign page can read it through a name of its own.
 * @throws Mm1Error E_SERVE where the address cannot be had
 */
export async function servePage(options: ServeOptions): Promise<LivePage> {
  const { store, host, port } = options;
  store.run(options.run); // a run that does not exist is found before anything is served
  const readers = new Set<ServerResponse>();
  const server = createServer((request, response) => {
    answer(request, response, options, server, readers).catch((error: unknown) => {
      if (!response.headersSent) response.writeHead(500, PLAIN);
      response.end(error instanceof Mm1Error ? `${error.message}\n` : 'the page cannot be drawn\n');
    });
  });
  await listen(server, host, port);
  let version = store.dataVersion();
  const timer = setInterval(() => {
    const now = store.dataVersion();
    if (now === version) return;
    version = now;
    for (const reader of readers) reader.write('event: changed\ndata: \n\n');
  }, LOOK);
  return {
    url: `http://${nameOf(host)}:${(server.address() as AddressInfo).port}/`,
    async close() {
      clearInterval(timer);
      for (const reader of readers) reader.end();
      await new Promise((done) => {
        server.close(done);
        server.closeAllConnections();
      });
    },
  };
}

const PLAIN = { 'content-type': 'text/plain; charset=utf-8', 'x-content-type-options': 'nosniff' } as const;

/** An address as it stands in a URL. */
const nameOf = (host: string): string => (host.includes(':') ? `[${host}]` : host);

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  { store, run, cache, margin, host }: ServeOptions,
  server: Server,
  readers: Set<ServerResponse>,
): Promise<void> {
  const { port } = server.address() as AddressInfo;
  const names = [nameOf(host), ...(host === '127.0.0.1' || host === '::1' ? ['localhost'] : [])];
  if (!names.some((name) => request.headers.host === `${name}:${port}`)) {
    response.writeHead(403, PLAIN).end('this name is not served\n');
  } else if (request.method !== 'GET' && request.method !== 'HEAD') {
    response.writeHead(405, { ...PLAIN, allow: 'GET, HEAD' }).end('this page can only be read\n');
  } else if (request.url === '/events') {
    response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
    response.write(': the page asks again when it hears "changed"\n\n');
    readers.add(response);
    response.on('close', () => readers.delete(response));
  } else if (request.url === '/') {
    const record = readRun(store, run);
    const report = summarise(record, margin);
    const page = await renderPage({ store, record, report, cache, live: LIVE_SCRIPT });
    response.writeHead(200, {
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
    });
    response.end(request.method === 'HEAD' ? undefined : page);
  } else {
    response.writeHead(404, PLAIN).end('there is one page: /\n');
  }
}

function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((done, fail) => {
    server.once('error', (cause: NodeJS.ErrnoException) =>
      fail(
        new Mm1Error(`the page cannot be served: ${cause.code}`, {
          code: 'E_SERVE',
          where: `${host}:${port}`,
          remedy: 'Give another port with --port, 0 for any that is free.',
          cause,
        }),
      ),
    );
    server.listen(port, host, done);
  });
}
