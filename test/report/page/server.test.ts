import { once } from 'node:events';
import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type LivePage, servePage } from '../../../src/report/page/server.js';
import { cacheFolder } from '../../../src/store/place.js';
import { Store } from '../../../src/store/store.js';
import { finishTrials, newRunsFolder, PROVENANCE, planOf, rowsOf } from '../study.js';

const { folder, file } = newRunsFolder();
let writer: Store;
let reader: Store;
let page: LivePage;
let id: string;
const row = (value: number) => [rowsOf('emoji-caption', 'asked', [value, value + 1, value + 5])];

beforeAll(async () => {
  writer = Store.open(file);
  ({ id } = writer.beginRun(
    planOf([{ path: 'connector.tokens', values: [64, 144] }], [0, 1], ['emoji-caption']),
    PROVENANCE,
  ));
  finishTrials(writer, id, [row(10), null, row(20), null]);
  reader = Store.openReadOnly(file);
  page = await servePage({
    store: reader,
    run: 'latest',
    cache: cacheFolder(folder),
    margin: 2,
    host: '127.0.0.1',
    port: 0,
  });
});
afterAll(async () => {
  await page.close();
  reader.close();
  writer.close();
});

/** Asks with headers of one's own, which fetch does not allow. */
async function ask(path: string, { method = 'GET', host }: { method?: string; host?: string } = {}) {
  const { hostname, port } = new URL(page.url);
  const asked = request({ hostname, port, path, method, headers: host === undefined ? {} : { host } }).end();
  const [response] = await once(asked, 'response');
  let body = '';
  for await (const chunk of response) body += chunk;
  return { status: response.statusCode as number, headers: response.headers, body };
}

describe('mm1 serve', () => {
  it('serves the page of a run that is at work, and nothing else', async () => {
    const { status, body, headers } = await ask('/');
    expect(status).toBe(200);
    expect(headers['content-type']).toContain('text/html');
    expect(body).toContain('2 of 4 done');
    expect((await ask('/../package.json')).status).toBe(404);
    expect((await ask('/', { method: 'HEAD' })).body).toBe('');
  });

  it('can only be read, and only under its own name', async () => {
    for (const method of ['POST', 'PUT', 'DELETE']) expect((await ask('/', { method })).status).toBe(405);
    const { port } = new URL(page.url);
    for (const host of [`evil.example:${port}`, 'evil.example', '127.0.0.1', `127.0.0.1.evil.example:${port}`]) {
      expect((await ask('/', { host })).status).toBe(403);
    }
    expect((await ask('/', { host: `localhost:${port}` })).status).toBe(200);
    expect((await ask('/events', { host: 'evil.example' })).status).toBe(403);
  });

  it('tells its readers when the run has moved', async () => {
    const { hostname, port } = new URL(page.url);
    const asked = request({ hostname, port, path: '/events' }).end();
    const [response] = await once(asked, 'response');
    expect(response.headers['content-type']).toBe('text/event-stream');
    response.setEncoding('utf8');
    let heard = '';
    const changed = new Promise<void>((done) => {
      response.on('data', (text: string) => {
        heard += text;
        if (heard.includes('event: changed')) done();
      });
    });
    const [, second] = writer.trials(id);
    writer.finishTrial(second!.id, 1, [row(12)[0]!.score], row(12)[0]!.items);
    await changed;
    expect((await ask('/')).body).toContain('3 of 4 done');
    asked.destroy();
  });

  it('refuses an address that is taken, and a run that does not exist, before it serves', async () => {
    const { port } = new URL(page.url);
    const again = { store: reader, run: 'latest', cache: '', margin: 2, host: '127.0.0.1', port: Number(port) };
    await expect(servePage(again)).rejects.toMatchObject({ code: 'E_SERVE', where: `127.0.0.1:${port}` });
    await expect(servePage({ ...again, run: 'nobody', port: 0 })).rejects.toMatchObject({ code: 'E_RUN_NOT_FOUND' });
  });
});
