/** Entry of the job worker: copying and checking, in a thread with the lowest priority that lives while there is something to do. */
import { parentPort } from 'node:worker_threads';
import { lowerThreadPriority, Questions } from '../../base/index.ts';
import { Jobs } from './jobs.ts';
import type { CopyPorts } from './job-ports.ts';
import type { FromJobs, PortAsk, ToJobs } from './jobs-messages.ts';

/** Copying and checking take the processor for themselves; whoever else wants it goes first. */
const LOWEST_PRIORITY = 19;
const port = parentPort!;
const questions = new Questions();

lowerThreadPriority(LOWEST_PRIORITY);
const ports: CopyPorts = {
  catalogue: (operation, args) => ask({ port: 'catalogue', ask: operation, args }),
  volume: (operation, args) => ask({ port: 'volume', ask: operation, args }),
  rooms: (source) => ask({ port: 'rooms', ask: '', args: source }),
  locked: () => ask({ port: 'locked', ask: '', args: undefined }),
};
const jobs = new Jobs(ports, (states) => say({ t: 'states', states }));

port.on('message', (message: ToJobs) => {
  switch (message.t) {
    case 'begin':
      jobs.begin(message.order);
      break;
    case 'end':
      jobs.end(message.kind, message.volume);
      break;
    case 'answer':
      questions.answered(message);
      break;
    case 'stop':
      // Whoever waits for an answer will get none: nobody needs it any more.
      jobs.stop();
      port.close();
      break;
  }
});
jobs.start();

function say(message: FromJobs): void {
  port.postMessage(message);
}

function ask<T>(question: PortAsk): Promise<T> {
  return questions.ask((id) => say({ t: 'ask', id, ...question }));
}
