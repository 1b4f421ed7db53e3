/** What keeps a door of the box shut costs that door, and no recording. */
import { once } from 'node:events';
import { createServer } from 'node:net';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import type { AddressInfo } from 'node:net';
import { Box, cameraAt } from '../support/box.ts';
import { CameraFarm } from '../support/camera/farm.ts';
import { freePorts } from '../support/rtsp-player.ts';
import { until } from '../support/until.ts';

t.setTimeout(180_000);

interface Told {
  readonly problems: readonly { readonly code: string }[];
}

t.test('another program has the ports, and the certificate cannot be read: the box records, and says so', async (t) => {
  const farm = await CameraFarm.start({ cameras: [{ path: 'shop', clip: 'shop' }] });
  t.teardown(() => farm.stop());
  const other = createServer();
  other.listen(0, '127.0.0.1');
  await once(other, 'listening');
  const { port } = other.address() as AddressInfo;
  const secure = await freePorts();
  const box = await Box.prepare(t, {
    settings: {
      cameras: [cameraAt('shop', farm.url('shop'))],
      http: { port },
      https: { port: secure, host: '127.0.0.1' },
    },
  });
  const certificate = join(box.data, 'tls.pem');
  await writeFile(certificate, 'no certificate', { mode: 0o600 });
  await box.run('as-set');
  t.equal(box.url, '', 'it does not say that it can be reached there');
  await box.untilRecording();
  const codes = async (): Promise<string[]> => (await box.call<Told>('box.status')).problems.map(({ code }) => code);
  const told = await codes();
  t.ok(told.includes('http.port-in-use') && told.includes('http.certificate-unusable'), told.join(' '));
  await t.rejects(box.call('certificate.show'), { cause: { code: 'http.certificate-unusable' } });
  t.equal(await readFile(certificate, 'utf8'), 'no certificate', 'what cannot be read is not written over');
  other.close();
  await rm(certificate);
  await until(async () => (await codes()).every((code) => !code.startsWith('http.')));
  t.pass('each door opens when it can');
});
