import t from 'tap';
import { checkSettings } from '../../../firmware/config/index.ts';
import { currentVersion, migrate, MIGRATIONS } from '../../../firmware/config/migrations.ts';

const PRIVATE = ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', 'fc00::/7'];

/** The camera networks of settings of version 1 whose cameras are at these addresses. */
function networksFor(...urls: string[]): unknown {
  const cameras = urls.map((url, i) => ({
    id: `c${i}`,
    tls: { verify: true },
    streams: [{ id: 'main', url, transport: 'tcp', record: true }],
  }));
  const { version, ...moved } = migrate({ version: 1, cameras }, MIGRATIONS);
  t.equal(version, currentVersion(MIGRATIONS));
  const settings = checkSettings(moved);
  t.ok(
    settings.cameras.every(({ tls }) => tls.verify),
    'cameras that were there are trusted as before',
  );
  return settings.terminals.networks;
}

t.test('whatever was recorded before there were camera networks is recorded afterwards', async (t) => {
  t.strictSame(networksFor('rtsp://192.168.1.20/a', 'rtsp://127.0.0.1:8554/a', 'rtsp://localhost/a'), PRIVATE);
  t.strictSame(networksFor('rtsp://203.0.113.7/a', 'rtsp://[2001:db8::1]:554/a', 'rtsp://203.0.113.7/b'), [
    ...PRIVATE,
    '203.0.113.7/32',
    '2001:db8::1/128',
  ]);
  const everywhere = [...PRIVATE, '0.0.0.0/1', '128.0.0.0/1', '::/1', '8000::/1'];
  t.strictSame(networksFor('rtsp://camera.example/a', 'rtsp://203.0.113.7/a'), everywhere);
});

t.test('settings that are new keep to the private networks and remember certificates', async (t) => {
  const settings = checkSettings({ cameras: [{ id: 'a', streams: [{ id: 'main', url: 'rtsps://10.0.0.1/a' }] }] });
  t.strictSame(settings.terminals.networks, PRIVATE);
  t.equal(settings.cameras[0]!.tls.verify, false);
});
