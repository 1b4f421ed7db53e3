import t from 'tap';
import { Box, cameraAt, until } from '../support/box.ts';
import { CameraFarm } from '../support/camera/farm.ts';
import type { RawPacket } from '../support/raw-rtsp-client.ts';
import { freePorts, picturesOfH264, RtspPlayer, type RtspLogin } from '../support/rtsp-player.ts';

t.setTimeout(300_000);

/** Of the clip, in ticks. */
const PICTURE = 6000;

/** Where the first whole picture begins. */
function firstOfNext(packets: readonly RawPacket[]): number {
  return packets.findIndex(({ marker }) => marker) + 1;
}

interface Overview {
  readonly readers: readonly { readonly user: string; readonly droppedPictures: number }[];
}

t.test('R1: a player that takes nothing loses pictures, counted, and nobody else any', async (t) => {
  const farm = await CameraFarm.start({
    cameras: [{ path: 'heavy', clip: 'warehouse', faults: { paddingBytes: 30_000 } }],
  });
  t.teardown(() => farm.stop());
  const port = await freePorts();
  const rtspServer = { enabled: true, host: '127.0.0.1', port, securePort: 0, udpPort: 0 };
  const box = await Box.start(t, { settings: { cameras: [cameraAt('heavy', farm.url('heavy'))], rtspServer } });
  await box.untilRecording();
  const login = await box.call<RtspLogin>('rtsp.passwords.create', { label: 'wall' });
  const url = `rtsp://127.0.0.1:${port}/heavy/main`;
  const [slow, quick] = [await RtspPlayer.open(url, login), await RtspPlayer.open(url, login)];
  t.teardown(() => slow.close());
  t.teardown(() => quick.close());
  await slow.play();
  slow.client.socket.pause();
  await quick.play();
  const dropped = async (): Promise<number[]> =>
    (await box.call<Overview>('rtsp.show')).readers.map(({ droppedPictures }) => droppedPictures);
  await until(
    'the slow one loses pictures',
    async () => ((await dropped())[0]! > 0 ? true : undefined),
    undefined,
    90_000,
  );
  t.equal((await dropped())[1], 0);
  quick.client.packets.length = 0;
  await quick.client.until(() => quick.client.packets.length > 300);
  const ordinals = picturesOfH264(quick.client.rtp(0).slice(firstOfNext(quick.client.rtp(0)))).map(
    ({ ordinal }) => ordinal!,
  );
  t.ok(ordinals.length > 5, `${ordinals.length} pictures`);
  t.ok(
    ordinals.every((ordinal, i) => i === 0 || ordinal === ordinals[i - 1]! + 1),
    'the quick one has them all',
  );

  slow.client.socket.resume();
  let seen = 0;
  let last: number | undefined;
  const leaps = (): boolean => {
    const { packets } = slow.client;
    for (; seen < packets.length; seen++) {
      const { channel, timestamp } = packets[seen]!;
      if (channel !== 0) continue;
      if (last !== undefined && (timestamp - last) >>> 0 > 2 * PICTURE) return true;
      last = timestamp;
    }
    return false;
  };
  await slow.client.until(leaps);
  t.pass('pictures were left out');
  const sequences = slow.client.rtp(0).map(({ sequence }) => sequence);
  t.ok(
    sequences.every((each, i) => i === 0 || each === (sequences[i - 1]! + 1) % 65_536),
    'and no packet',
  );
  t.strictSame(await box.gaps('heavy'), [], 'recording noticed nothing');
});
