import t from 'tap';
import { Box, until } from '../support/box.ts';
import { NetSite, skipWithoutNamespaces } from '../support/net-site.ts';

const LOGIN = { user: 'admin', password: 'a long secret' };
const WAIT_MS = 120_000;

interface Standing {
  readonly camera: string;
  readonly trust: string;
  readonly identity: { serial: string };
  readonly onvif?: { address: string; phase: string; events: string };
}

interface Found {
  readonly found: { address: string; xaddrs: string[]; endpoint: string; camera?: string; interface?: string }[];
  readonly interfaces: string[];
}

function identity(at: number): Record<string, string> {
  const endpoint = `urn:uuid:00000000-0000-4000-8000-00000000020${at}`;
  return { serial: `NET-${at}`, mac: `02:00:00:00:02:0${at}`, endpoint };
}

t.setTimeout(300_000);

t.test(
  'on a real network: cameras are found, none is asked with a password that nobody gave for it, and one with another address is followed',
  { skip: await skipWithoutNamespaces() },
  async (t) => {
    const site = await NetSite.start(t);
    const numbers = [1, 2, 3];
    for (const at of numbers) await site.place(`cam${at}`, 10 + at);
    const start = (at: number, host: number) =>
      site.camera(`cam${at}`, host, { discoverable: true, login: LOGIN, identity: identity(at) });
    const cameras = await Promise.all(numbers.map((at) => start(at, 10 + at)));
    const box = await Box.start(t, { settings: { cameras: [] }, under: site.atBox });

    const search = await box.call<Found>('cameras.discover', { seconds: 3 });
    t.strictSame(search.found.map(({ address }) => address).sort(), ['10.77.0.11', '10.77.0.12', '10.77.0.13']);
    t.ok(search.interfaces.includes('site'), 'by multicast on the interface of the network');
    const alone = await box.call<Found>('cameras.discover', { seconds: 2, ranges: ['10.77.0.12-10.77.0.13'] });
    t.equal(alone.found.length, 3, 'asked both ways each is there once');
    for (const camera of cameras) {
      t.match(await camera.report(), { logins: 0, wrongPasswords: 0 }, 'a search sends no password');
    }

    const { user: username, password } = LOGIN;
    const address = 'http://10.77.0.12/onvif/device_service';
    const { added } = await box.call<{ added: { camera?: string }[] }>('cameras.add-many', {
      cameras: [{ address }],
      username,
      password,
    });
    const id = added[0]!.camera!;
    const standing = (what: string, wanted: (each: Standing) => boolean): Promise<Standing> =>
      until(
        what,
        async () => (await box.call<Standing[]>('cameras.standing')).find((each) => each.camera === id && wanted(each)),
        () => box.output.slice(-2000),
        WAIT_MS,
      );
    await standing('known', ({ trust, onvif }) => trust === 'trusted' && onvif?.events === 'listening');
    const recorded = async (): Promise<true | undefined> => {
      const { cameras: all } = await box.call<{ cameras: { id: string; recording: string }[] }>('box.status');
      return all.some((each) => each.id === id && each.recording === 'recording') ? true : undefined;
    };
    await until('recorded', recorded, () => box.output.slice(-2000), WAIT_MS);

    // The same device is at the new address before it leaves the old one, so that the first search finds it however busy the machine is.
    await site.join('cam2', 22);
    const moved = await start(2, 22);
    await cameras[1]!.stop();
    await site.leave('cam2', 12);
    const { onvif, identity: known } = await standing(
      'followed',
      (each) => each.onvif?.phase === 'online' && each.onvif.address.includes('10.77.0.22'),
    );
    t.match(
      { onvif, known },
      { onvif: { address: 'http://10.77.0.22/onvif/device_service' }, known: { serial: 'NET-2' } },
    );
    await until('recorded from there', recorded, () => box.output.slice(-2000), WAIT_MS);
    t.match(await moved.report(), { wrongPasswords: 0 });
    for (const other of [cameras[0]!, cameras[2]!]) {
      t.match(await other.report(), { logins: 0, wrongPasswords: 0 }, 'nor does following one ask the others');
    }
    t.equal(await box.stop(), 0);
  },
);
