/** Entry of the record worker: sockets, media and the volumes' write queues live in this thread and nothing else does. */
import { parentPort, workerData } from 'node:worker_threads';
import { asBoxError, BoxError, tidyHeapAfterStart } from '../base/index.ts';
import { createLogger } from '../telemetry/index.ts';
import type { FromWorker, RecorderAsks, RecordWorkerData, ToWorker } from './messages.ts';
import { RecordBox } from './record-box.ts';

const port = parentPort!;
const data = workerData as RecordWorkerData;
const log = createLogger({ level: data.logLevel, thread: 'record', blocking: false });
const waiting = new Map<number, { resolve(answer: never): void; reject(error: BoxError): void }>();
let lastId = 0;

function say(message: FromWorker): void {
  port.postMessage(message);
}

const box = new RecordBox(data, {
  ask: (ask, args) => {
    const id = ++lastId;
    say({ t: 'ask', id, ask, args });
    return new Promise((resolve, reject) => waiting.set(id, { resolve, reject }));
  },
  problem: (subject, topic, error) => say({ t: 'problem', subject, topic, error: error?.toJSON() }),
  volume: (id, uuid, folder) => say({ t: 'volume', id, uuid, folder }),
  left: (id, uuid) => say({ t: 'left', id, uuid }),
  homes: (homes) => say({ t: 'homes', homes }),
  certificate: (camera, fingerprint) => say({ t: 'certificate', camera, fingerprint }),
  alive: () => say({ t: 'alive' }),
  live: (message, transfer) => port.postMessage(message, [...transfer]),
  log: (event, detail) => log.info(detail, event),
});

async function answer(id: number, work: () => unknown): Promise<void> {
  try {
    say({ t: 'answer', id, answer: await work() });
  } catch (error) {
    say({ t: 'answer', id, error: asBoxError(error, 'box.bug').toJSON() });
  }
}

type Args<K extends keyof RecorderAsks> = RecorderAsks[K]['args'];

const asks: { [K in keyof RecorderAsks]: (args: Args<K>) => unknown } = {
  report: () => box.report(),
  manual: ({ camera, on }) => box.setManual(camera, on),
  event: ({ camera, kind, again }) => box.event(camera, kind, again ?? false),
  plan: (plan) => box.apply(plan),
  sparing: (sparing) => box.spare(sparing),
  volume: ({ ask, args }) => box.askVolume(ask, args),
  watch: ({ camera, stream }) => box.watch(camera, stream),
  endWatch: ({ watch }) => box.endWatch(watch),
  tap: ({ tap, camera, stream, sound }) => box.taps.open(tap, camera, stream, sound),
};

port.on('message', (message: ToWorker) => {
  switch (message.t) {
    case 'ask':
      void answer(message.id, () => asks[message.ask](message.args as never));
      break;
    case 'answer': {
      const asked = waiting.get(message.id);
      waiting.delete(message.id);
      if (message.error) asked?.reject(BoxError.fromJSON(message.error));
      else asked?.resolve(message.answer as never);
      break;
    }
    case 'feed':
      box.setFeed(message.port);
      break;
    case 'tap-taken':
      box.taps.taken(message.tap, message.bytes);
      break;
    case 'tap-expect':
      box.taps.expect(message.viewers);
      break;
    case 'tap-sound':
      box.taps.setSound(message.tap, message.sound);
      break;
    case 'tap-shut':
      box.taps.shut(message.tap);
      break;
    case 'stop':
      void box.stop(message.deadlineMs).then((clean) => {
        say({ t: 'stopped', clean });
        port.close();
      });
      break;
  }
});

await box.start();
say({ t: 'ready' });
tidyHeapAfterStart();
