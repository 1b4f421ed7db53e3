import t from 'tap';
import { StreamRates } from '../../firmware/state/stream-rates.ts';
import { Terminals, type StreamSight } from '../../firmware/state/terminals.ts';

const SIGHT: StreamSight = {
  camera: 'yard',
  name: 'Yard',
  stream: 'main',
  connection: 'playing',
  recording: 'recording',
  faulty: false,
  bitsPerSecond: 1000,
  packetsLost: 0,
  frames: 0,
};

t.test('a camera is counted by what it sends and whether it is recorded', async (t) => {
  const state = (...streams: Partial<StreamSight>[]): unknown => {
    const terminals = new Terminals();
    const sights = streams.map((each) => ({ ...SIGHT, ...each }));
    terminals.look(sights, 1);
    terminals.look(sights, 2);
    return terminals.list()[0]?.state;
  };
  t.equal(state({}), 'recording');
  t.equal(state({}, { stream: 'sub', recording: 'idle' }), 'recording');
  t.equal(state({ recording: 'idle' }), 'online');
  t.equal(state({ recording: 'no-disk' }), 'failing');
  t.equal(state({ recording: 'waiting-for-key-frame' }), 'failing');
  t.equal(state({}, { stream: 'sub', connection: 'retrying', recording: 'waiting-for-key-frame' }), 'failing');
  t.equal(state({ connection: 'retrying', recording: 'waiting-for-key-frame' }), 'offline');
  t.equal(state({ connection: 'blocked', recording: 'idle' }), 'offline');
});

t.test('a change is told once it has held, with the counts', async (t) => {
  const terminals = new Terminals();
  const door = { ...SIGHT, camera: 'door' };
  const gone = { ...SIGHT, connection: 'retrying' };
  t.strictSame(terminals.look([SIGHT, door], 1), []);
  t.equal(terminals.look([SIGHT, door], 2).length, 2);
  t.strictSame(terminals.look([gone, door], 3), [], 'it may come back at once');
  t.strictSame(terminals.look([SIGHT, door], 4), []);
  t.strictSame(terminals.look([gone, door], 5), []);
  t.strictSame(terminals.look([gone, door], 6), [
    {
      camera: 'yard',
      from: 'recording',
      to: 'offline',
      counts: { total: 2, online: 1, offline: 1, recording: 1, failing: 0 },
    },
  ]);
  t.match(terminals.list(), [
    { camera: 'yard', sinceUs: 6 },
    { camera: 'door', sinceUs: 2 },
  ]);
  t.strictSame(terminals.look([door], 7), []);
  t.equal(terminals.counts.total, 1, 'a camera that was removed');
});

t.test('rates go on over a new beginning of the counters', async (t) => {
  const rates = new StreamRates();
  const look = (seconds: number, more: Partial<StreamSight>): unknown =>
    rates.look([{ ...SIGHT, ...more }], seconds * 1e6)[0];
  t.match(look(0, { frames: 100 }), { framesPerSecond: 0, lost: 0, reconnects: 0 });
  t.match(look(10, { frames: 350, packetsLost: 5 }), { framesPerSecond: 25, lostPerSecond: 0.5, lost: 5 });
  t.match(look(20, { connection: 'retrying', frames: 350, packetsLost: 5 }), { bitsPerSecond: 0, framesPerSecond: 0 });
  t.match(look(30, { frames: 50, packetsLost: 2 }), { framesPerSecond: 5, lost: 7, reconnects: 1 });
});
