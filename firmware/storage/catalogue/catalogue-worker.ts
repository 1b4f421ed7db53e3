import { parentPort, receiveMessageOnPort, workerData, type MessagePort } from 'node:worker_threads';
import { asBoxError, tidyHeapAfterStart } from '../../base/index.ts';
import type { ClientMessage, FeedMessage, FeedRequest, RequestMessage, WorkerMessage } from './catalogue-messages.ts';
import { EXIT } from './catalogue-messages.ts';
import { isCorruption, removeDatabase } from './catalogue-schema.ts';
import { CatalogueService } from './catalogue-service.ts';

/** What CatalogueClient starts the thread with. */
export interface CatalogueWorkerData {
  path: string;
  /** Throw away what is there. */
  discard: boolean;
  /** The record worker's end of this port feeds the catalogue. */
  feed: MessagePort;
  retentionEveryMs?: number;
}

const { path, discard, feed: firstFeed, retentionEveryMs } = workerData as CatalogueWorkerData;
let feed = firstFeed;
const port = parentPort!;

process.on('uncaughtException', (error: unknown) => die(error));

if (discard) removeDatabase(path);
const service = new CatalogueService({
  path,
  ask: (request: FeedRequest) => feed.postMessage(request),
  ...(retentionEveryMs !== undefined && { retentionEveryMs }),
});

listen(feed);
port.on('message', (message: ClientMessage) => {
  if (message.t === 'stop') stop();
  else if (message.t === 'feed') changeFeed(message.port);
  else void answer(message);
});
service.start();
post({ t: 'ready', fresh: service.fresh });
tidyHeapAfterStart();

async function answer({ id, operation, args }: RequestMessage): Promise<void> {
  try {
    post({ t: 'answer', id, answer: await service.handle(operation, args) });
  } catch (error) {
    if (isCorruption(error)) die(error);
    post({ t: 'failed', id, error: asBoxError(error, 'catalogue.failed').toJSON() });
  }
}

function listen(from: MessagePort): void {
  from.on('message', (message: FeedMessage) => service.feed(message));
}

function changeFeed(port: MessagePort): void {
  feed.close();
  feed = port;
  service.renew();
  listen(port);
}

function stop(): void {
  // Ports do not keep an order among each other: what was fed before the stop may still wait.
  for (let rest = receiveMessageOnPort(feed); rest; rest = receiveMessageOnPort(feed)) {
    service.feed(rest.message as FeedMessage);
  }
  service.stop();
  feed.close();
  port.close();
}

function post(message: WorkerMessage): void {
  port.postMessage(message);
}

/** The client starts a new worker; what was not committed comes back from the journals. */
function die(error: unknown): never {
  process.exit(isCorruption(error) ? EXIT.corrupt : EXIT.failed);
}
