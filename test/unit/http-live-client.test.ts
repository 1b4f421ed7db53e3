import t from 'tap';
import { LOCAL, MediaDesk } from '../../firmware/control/index.ts';
import { LIMITS } from '../../firmware/http/limits.ts';
import { LiveClient, type LiveClientParts } from '../../firmware/http/live-client.ts';
import { changesBetween, noState, type Item, type LiveState } from '../../firmware/http/live-state.ts';

/** A connection whose other end takes as much as the test says. */
class Pipe {
  bufferedAmount = 0;
  readonly sent: string[] = [];
  ended = '';

  send(text: string | Uint8Array): void {
    this.sent.push(String(text));
  }

  ping(): void {
    this.sent.push('ping');
  }

  close(code: number): void {
    this.ended = String(code);
  }

  terminate(): void {
    this.ended = 'terminated';
  }
}

function partsWith(state: LiveClientParts['state']): LiveClientParts {
  const none = (): never => {
    throw new Error('nobody asked for pictures');
  };
  const desk = new MediaDesk({
    live: { watch: none, attend: () => () => undefined },
    playback: { play: none },
    audit: { note: () => undefined },
    isTrusted: () => true,
    log: () => undefined,
  });
  return { state, media: (caller, wire) => desk.connect(caller, wire), touch: () => undefined };
}

function stateWith(box: number): LiveState {
  return { ...noState(), status: new Map<string, Item>([['box', { json: String(box) }]]) };
}

t.test('a client that does not keep up gets no history but the state once it has caught up', async (t) => {
  const pipe = new Pipe();
  let state = stateWith(0);
  const client = new LiveClient(
    LOCAL,
    pipe,
    partsWith((topic) => state[topic]),
  );
  client.receive('{"type":"subscribe","topics":["status"]}');
  const tick = (box: number, nowMs: number): void => {
    const now = stateWith(box);
    const changes = changesBetween(state, now);
    state = now;
    client.tell(changes, nowMs);
  };
  tick(1, 1000);
  t.match(pipe.sent.at(-1), '{"type":"delta","topic":"status","seq":2,"set":{"box":1},"gone":[]}');
  pipe.bufferedAmount = LIMITS.liveBacklogBytes + 1;
  const before = pipe.sent.length;
  for (let second = 2; second < 20; second++) tick(second, second * 1000);
  t.equal(pipe.sent.length, before, 'nothing is piled up');
  pipe.bufferedAmount = 0;
  tick(20, 20_000);
  t.strictSame(pipe.sent.slice(before), ['{"type":"snapshot","topic":"status","seq":3,"items":{"box":20}}']);
  pipe.bufferedAmount = LIMITS.liveBacklogBytes + 1;
  tick(21, 21_000);
  t.equal(pipe.ended, '');
  tick(22, 21_001 + LIMITS.liveBehindMs);
  t.equal(pipe.ended, 'terminated', 'one that stays behind is closed');
});

t.test('a client that does not answer pings is closed', async (t) => {
  const pipe = new Pipe();
  const client = new LiveClient(
    LOCAL,
    pipe,
    partsWith(() => new Map()),
  );
  client.check(true);
  client.answered();
  client.check(true);
  t.equal(pipe.ended, '');
  client.check(true);
  t.equal(pipe.ended, 'terminated');
});
