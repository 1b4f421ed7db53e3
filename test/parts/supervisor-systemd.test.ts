import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import t from 'tap';
import { SystemdNotifier } from '../../firmware/supervisor/systemd.ts';
import { skipWithout } from '../support/programs.ts';
import { tempFolder } from '../support/temp-folder.ts';

/** systemd's end of the notification socket (sd_notify(3)): prints each datagram as one line. */
const LISTENER = `
import socket, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.bind(sys.argv[1])
print("listening", flush=True)
while True:
    print(s.recv(4096).decode().replace("\\n", ";"), flush=True)
`;

const skip = await skipWithout('systemd-notify', 'python3');

t.test('systemd hears ready, a watchdog only while the box is healthy, and stopping', { skip }, async (t) => {
  const path = join(await tempFolder(t), 'notify');
  const listener = spawn('python3', ['-c', LISTENER, path], { stdio: ['ignore', 'pipe', 'inherit'] });
  t.teardown(() => listener.kill('SIGKILL'));
  const lines = createInterface({ input: listener.stdout })[Symbol.asyncIterator]();
  // systemd-notify asks with a barrier whether its message was taken; that is no message of the box.
  const heard = async (): Promise<string> => {
    const line = (await lines.next()).value as string;
    return line.startsWith('BARRIER=') ? heard() : line;
  };
  t.equal(await heard(), 'listening');
  process.env['NOTIFY_SOCKET'] = path;
  t.teardown(() => delete process.env['NOTIFY_SOCKET']);
  let asked = 0;
  const notifier = new SystemdNotifier(
    { NOTIFY_SOCKET: path, WATCHDOG_USEC: '300000' },
    // Healthy at every second look.
    () => ++asked % 2 === 0,
    (event) => t.fail(event),
  );
  await notifier.start();
  t.match(await heard(), /READY=1/);
  t.match(await heard(), /WATCHDOG=1/);
  t.ok(asked >= 2, 'the unhealthy look fed nothing');
  await notifier.stop();
  let last = await heard();
  while (/WATCHDOG=1/.test(last)) last = await heard();
  t.match(last, /STOPPING=1/);
});
